package term

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/watch"
)

// Lines writes each reading of a watch as lines for a log: one for each step
// that has changed, or one that reports no change.
type Lines struct {
	out  io.Writer
	last map[string]string // the last text of each step
	away string            // the error of the last reading
}

// NewLines returns a writer of lines.
func NewLines(out io.Writer) *Lines { return &Lines{out: out, last: map[string]string{}} }

// Show writes one reading.
func (w *Lines) Show(p *watch.Progress) error {
	at := p.At.UTC().Format(time.RFC3339)
	var out strings.Builder
	switch {
	case p.Away != "" && p.Away == w.away:
		fmt.Fprintf(&out, "%s  reads still fail\n", at)
	case p.Away != "":
		fmt.Fprintf(&out, "%s  read failed, retrying: %s\n", at, view.Plain(p.Away))
		w.away = p.Away
	case w.away != "":
		fmt.Fprintf(&out, "%s  reading again\n", at)
		w.away = ""
	}
	if p.Away == "" {
		changed := 0
		for i := range p.Steps {
			s := &p.Steps[i]
			now := strings.Join(append([]string{progressOf(s)}, remarksOf(s)...), "; ")
			if w.last[s.ID] != now {
				fmt.Fprintf(&out, "%s  %s: %s\n", at, view.Plain(s.ID), now)
				changed++
			}
			w.last[s.ID] = now
		}
		if changed == 0 {
			fmt.Fprintf(&out, "%s  no change\n", at)
		}
	}
	_, err := io.WriteString(w.out, out.String())
	return err
}

// progressOf describes a step's progress in figures.
func progressOf(s *watch.StepProgress) string {
	if s.Lag == nil {
		return word(s) + ", progress unknown"
	}
	all := []string{fmt.Sprintf("%s of %s read (%s), %s left", text.Grouped(*s.Done), text.Grouped(*s.Total), percent(s), text.Grouped(*s.Lag))}
	if p := pace(s); p != "" {
		all = append(all, p)
	}
	return word(s) + ", " + strings.Join(all, ", ")
}

// word is a step's outcome, as far as the lock or a reading shows it.
func word(s *watch.StepProgress) string {
	if s.Failure == watch.Overwritten {
		return string(lock.Overwritten)
	}
	if s.Settled && s.Outcome != lock.Keep && s.Outcome != lock.Undone {
		return string(lock.Verified)
	}
	return view.Plain(string(s.Outcome))
}

// percent is the share that has been read; 100% only if nothing is left.
func percent(s *watch.StepProgress) string {
	if *s.Lag == 0 {
		return "100%"
	}
	share := 0.0
	if *s.Total > 0 {
		share = 100 * float64(*s.Done) / float64(*s.Total)
	}
	return fmt.Sprintf("%d%%", min(int(share), 99))
}

// pace is how fast the consumers read and when they will have caught up; ""
// before that is known.
func pace(s *watch.StepProgress) string {
	switch {
	case *s.Lag == 0:
		return "caught up"
	case s.CaughtUp:
		return "caught up except for new arrivals"
	case s.Rate == nil:
		return ""
	case s.ETA != nil:
		return fmt.Sprintf("%s/s, caught up in about %s", text.Rate(*s.Rate), text.About(time.Duration(*s.ETA)*time.Second))
	case *s.Rate == 0 && *s.Arrival == 0:
		return "not consuming; nothing arriving"
	case *s.Rate == 0:
		return fmt.Sprintf("not consuming; %s/s arriving", text.Rate(*s.Arrival))
	}
	return fmt.Sprintf("%s/s, but %s/s arriving: will never catch up", text.Rate(*s.Rate), text.Rate(*s.Arrival))
}

// remarksOf are the sentences about a step, the most serious first, and then
// its consumers.
func remarksOf(s *watch.StepProgress) []string {
	return append(alarms(s), consumersOf(s))
}

// alarms are the sentences that call for action, and the race with retention,
// which may.
func alarms(s *watch.StepProgress) []string {
	var out []string
	for _, sentence := range []string{s.Overwritten, s.Stuck, s.Error, s.Race} {
		if sentence != "" {
			out = append(out, view.Plain(sentence))
		}
	}
	return out
}

// consumersOf describes the consumers, three of them by name.
func consumersOf(s *watch.StepProgress) string {
	out := "consumers " + view.Plain(s.Activity)
	n := len(s.Members)
	if n == 0 || s.Failure == watch.Overwritten {
		return out
	}
	const named = 3
	out += " (" + view.Plain(strings.Join(s.Members[:min(n, named)], ", "))
	if n > named {
		out += fmt.Sprintf(", and %d more", n-named)
	}
	return out + ")"
}

// mostUrgent sorts steps: those with a problem first, then those that lag
// behind.
func mostUrgent(steps []watch.StepProgress) []watch.StepProgress {
	rank := func(s watch.StepProgress) int {
		switch {
		case s.Failure != watch.NoFailure:
			return 0
		case !s.CaughtUp:
			return 1
		}
		return 2
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b watch.StepProgress) int { return rank(a) - rank(b) })
}
