package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/watch"
)

// ProgressWord is a step's outcome, as far as the lock or a reading shows it.
func ProgressWord(s *watch.StepProgress) string {
	if s.Failure == watch.Overwritten {
		return string(lock.Overwritten)
	}
	if s.Settled && s.Outcome != lock.Keep && s.Outcome != lock.Undone {
		return string(lock.Verified)
	}
	return Plain(string(s.Outcome))
}

// Percent is the share that has been read; 100% only if nothing is left.
func Percent(s *watch.StepProgress) string {
	if *s.Lag == 0 {
		return "100%"
	}
	share := 0.0
	if *s.Total > 0 {
		share = 100 * float64(*s.Done) / float64(*s.Total)
	}
	return fmt.Sprintf("%d%%", min(int(share), 99))
}

// Pace is how fast the consumers read and when they will have caught up; ""
// before that is known.
func Pace(s *watch.StepProgress) string {
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

// ProgressAlarms are the sentences that call for action, and the race with retention,
// which may.
func ProgressAlarms(s *watch.StepProgress) []string {
	var out []string
	for _, sentence := range []string{s.Overwritten, s.Stuck, s.Error, s.Race} {
		if sentence != "" {
			out = append(out, Plain(sentence))
		}
	}
	return out
}

// ProgressConsumers describes the consumers, three of them by name.
func ProgressConsumers(s *watch.StepProgress) string {
	out := "consumers " + Plain(s.Activity)
	n := len(s.Members)
	if n == 0 || s.Failure == watch.Overwritten {
		return out
	}
	const named = 3
	out += " (" + Plain(strings.Join(s.Members[:min(n, named)], ", "))
	if n > named {
		out += fmt.Sprintf(", and %d more", n-named)
	}
	return out + ")"
}

// MostUrgent sorts steps: those with a problem first, then those that lag
// behind.
func MostUrgent(steps []watch.StepProgress) []watch.StepProgress {
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
