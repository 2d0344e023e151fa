package html

import (
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
)

// An axis is the known times of a step's reset, on a line from the earliest to the
// latest.
type axis struct {
	Marks []tick `json:"marks"`
	Zone  []int  `json:"zone,omitempty"` // of the records that are delivered again
}

// A tick is one time: its place from 0 to barLength and its meaning.
type tick struct {
	At   int    `json:"at"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// axisOf draws times that the plan knows; nil if they are no line.
func axisOf(moments []plan.Moment, sum plan.Summary) *axis {
	if len(moments) < 2 {
		return nil
	}
	first, last := moments[0].At.UnixMilli(), moments[len(moments)-1].At.UnixMilli()
	if first >= last {
		return nil
	}
	out := &axis{}
	from, to := -1, -1
	for _, m := range moments {
		at := scale(m.At.UnixMilli(), first, last)
		out.Marks = append(out.Marks, tick{at, string(m.Kind), momentText(m)})
		switch m.Kind {
		case plan.OldestAgain:
			from = at
		case plan.PlannedAt:
			to = at
		}
	}
	if sum.Replay > 0 && from >= 0 && from < to {
		out.Zone = []int{from, to}
	}
	return out
}

// momentText names a time, with its distance from the time of the plan.
func momentText(m plan.Moment) string {
	name := map[plan.MomentKind]string{
		plan.RetentionEdge: "retention edge: older records are deleted",
		plan.OldestOfLog:   "oldest record in the log",
		plan.RequestedAt:   "requested time",
		plan.OldestAgain:   "first record to be delivered",
		plan.PlannedAt:     "time of this plan",
	}[m.Kind]
	out := name + ", " + text.Minute(m.At)
	switch {
	case m.Age >= time.Second:
		return out + " (now-" + distance(m.Age) + ")"
	case m.Age <= -time.Second:
		return out + " (now+" + distance(-m.Age) + ")"
	}
	return out
}

// distance is a time to or from now: exact to the minute for a few days, as plans write
// it.
func distance(d time.Duration) string {
	const exact = 96 * time.Hour
	if d < time.Minute || d >= exact {
		return text.About(d)
	}
	return text.Span(d.Round(time.Minute))
}
