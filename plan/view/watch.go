package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/watch"
)

// WatchLines writes each reading of a watch as lines for a log: one for each
// step that has changed, or one that says that nothing has.
type WatchLines struct {
	out  io.Writer
	last map[string]string // what was told of a step
	away string
}

// NewWatchLines returns a writer of lines.
func NewWatchLines(out io.Writer) *WatchLines {
	return &WatchLines{out: out, last: map[string]string{}}
}

// Show writes one reading.
func (w *WatchLines) Show(p *watch.Progress) error {
	at := p.At.UTC().Format(time.RFC3339)
	var out strings.Builder
	switch {
	case p.Away != "" && p.Away == w.away:
		fmt.Fprintf(&out, "%s  still not read\n", at)
	case p.Away != "":
		fmt.Fprintf(&out, "%s  could not be read, going on: %s\n", at, Plain(p.Away))
		w.away = p.Away
	case w.away != "":
		fmt.Fprintf(&out, "%s  it is read again\n", at)
		w.away = ""
	}
	if p.Away == "" {
		told := 0
		for i := range p.Steps {
			s := &p.Steps[i]
			text := strings.Join(append([]string{progressOf(s)}, remarksOf(s)...), "; ")
			if w.last[s.ID] != text {
				fmt.Fprintf(&out, "%s  %s: %s\n", at, Plain(s.ID), text)
				told++
			}
			w.last[s.ID] = text
		}
		if told == 0 {
			fmt.Fprintf(&out, "%s  nothing has changed\n", at)
		}
	}
	_, err := io.WriteString(w.out, out.String())
	return err
}

// progressOf tells in figures how far a step is.
func progressOf(s *watch.StepProgress) string {
	if s.Lag == nil {
		return word(s) + ", how far it is cannot be told"
	}
	all := []string{fmt.Sprintf("%s of %s passed (%s), %s left", grouped(*s.Done), grouped(*s.Total), percent(s), grouped(*s.Lag))}
	if text := pace(s); text != "" {
		all = append(all, text)
	}
	return word(s) + ", " + strings.Join(all, ", ")
}

// word says how a step stands.
func word(s *watch.StepProgress) string {
	if s.Overwritten != "" {
		return string(lock.Overwritten)
	}
	if s.Settled && s.Outcome != lock.Keep && s.Outcome != lock.Undone {
		return string(lock.Verified)
	}
	return Plain(string(s.Outcome))
}

// percent is how much of the way is done; all of it only where nothing is left.
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

// pace tells how fast a step moves and when it is done; "" before that is
// known.
func pace(s *watch.StepProgress) string {
	switch {
	case *s.Lag == 0:
		return "caught up"
	case s.CaughtUp:
		return "caught up, but for what has just arrived"
	case s.Rate == nil:
		return ""
	case s.ETA != nil:
		return fmt.Sprintf("%s/s, caught up in about %s", text.Rate(*s.Rate), text.About(time.Duration(*s.ETA)*time.Second))
	case *s.Rate == 0 && *s.Arrival == 0:
		return "nothing moves"
	case *s.Rate == 0:
		return fmt.Sprintf("nobody reads, and %s/s arrive", text.Rate(*s.Arrival))
	}
	return fmt.Sprintf("%s/s, while %s/s arrive: it never catches up", text.Rate(*s.Rate), text.Rate(*s.Arrival))
}

// remarksOf are the sentences about a step, the gravest first, and then who is
// at work.
func remarksOf(s *watch.StepProgress) []string {
	return append(alarms(s), consumersOf(s))
}

// alarms are the sentences that somebody should act on, and the race, which
// may become one.
func alarms(s *watch.StepProgress) []string {
	var out []string
	for _, text := range []string{s.Overwritten, s.Stuck, s.Error, s.Race} {
		if text != "" {
			out = append(out, Plain(text))
		}
	}
	return out
}

// consumersOf tells who is at work, three of them by name.
func consumersOf(s *watch.StepProgress) string {
	text := "consumers " + Plain(s.Activity)
	n := len(s.Members)
	if n == 0 || s.Overwritten != "" {
		return text
	}
	const most = 3
	text += " (" + Plain(strings.Join(s.Members[:min(n, most)], ", "))
	if n > most {
		text += fmt.Sprintf(", and %d more", n-most)
	}
	return text + ")"
}

// shownFirst puts the steps that need eyes before those that do not.
func shownFirst(steps []watch.StepProgress) []watch.StepProgress {
	rank := func(s watch.StepProgress) int {
		switch {
		case s.Overwritten != "" || s.Stuck != "":
			return 0
		case !s.CaughtUp:
			return 1
		}
		return 2
	}
	return slices.SortedStableFunc(slices.Values(steps), func(a, b watch.StepProgress) int { return rank(a) - rank(b) })
}
