// Package impact works out what a reset means for the consumers and the log: how
// many bytes are delivered again, how old they are, how long catching up takes,
// and whether retention overtakes the readers.
//
// The invariant: a figure is given only if it is known of all parts that it
// covers; unknown figures are nil. A service without figures never makes a
// plan fail, and no figure changes what a plan does.
package impact

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// sizes reads the sizes for the moves of the steps that reset. Known ages of
// records are not read again. If a service does not answer, figures are missing,
// but the plan does not fail.
func sizes(ctx context.Context, r *survey.Reader, p *plan.Plan, all []*survey.Target) {
	reqs := map[*survey.Target]providers.SizeRequest{}
	for i, t := range all {
		if p.Steps[i].Action == plan.Reset && t.Snapshot.Err == nil {
			m := t.Move(plan.WithRecords(p.Steps[i]))
			reqs[t] = providers.SizeRequest{Oldest: !dated(t, m), Retention: true, Move: m}
		}
	}
	r.Measure(ctx, reqs)
}

// Retention reads the limits of the logs that the steps reset.
func Retention(ctx context.Context, r *survey.Reader, p *plan.Plan, all []*survey.Target) {
	reqs := map[*survey.Target]providers.SizeRequest{}
	for i, t := range all {
		if p.Steps[i].Action == plan.Reset && t.Snapshot.Err == nil {
			reqs[t] = providers.SizeRequest{Retention: true, Move: t.Move(plan.WithRecords(p.Steps[i]))}
		}
	}
	r.Measure(ctx, reqs)
}

// dated reports whether the age of the records at every target is known.
func dated(t *survey.Target, m providers.Move) bool {
	return !slices.ContainsFunc(m.To, func(p providers.PartMove) bool {
		return p.Part == (providers.Part{}) || Oldest(t, p.Part, p.Position).IsZero()
	})
}

// Oldest returns when the first record at a position was written, from the reading
// or from a separate request; zero if it is unknown.
func Oldest(t *survey.Target, p providers.Part, at providers.Position) time.Time {
	return agesOf(t).at(0, p, at)
}

// ages are the ages of a target's records.
type ages struct {
	*survey.Target
	byTime    bool // the step goes to a time, and so the ages at its targets are known
	requested providers.Position
}

func agesOf(t *survey.Target) ages {
	a := ages{Target: t, byTime: t.Question.ByTime()}
	if a.byTime {
		a.requested = providers.AtTime(t.Step.To.Time.At(t.Question.Now))
	}
	return a
}

// at is Oldest for a part that probably has an index in the reading.
func (t ages) at(index int, p providers.Part, at providers.Position) time.Time {
	if len(t.Sizes) > 0 {
		if at := t.Sizes.Of(p).Oldest; !at.IsZero() {
			return at
		}
	}
	if len(t.Question.Oldest) > 0 {
		if at := t.Question.Oldest[p]; !at.IsZero() {
			return at
		}
	}
	now := decide.ReadingAt(t.Snapshot.Parts, index, p)
	switch {
	case now == nil:
		return time.Time{}
	case t.byTime:
		return now.Resolution(t.requested).Time
	}
	if before, ok := t.Question.Capabilities.Order.Distance(now.Low, at); ok && before >= 0 {
		return now.LowTime
	}
	return time.Time{}
}

// Of sums up the figures of a step's parts. Bytes and the oldest record are
// set only if they are known for all parts that are delivered again.
func Of(t *survey.Target, s *plan.Step) *plan.Impact {
	if s.Action != plan.Reset {
		return nil
	}
	var bytes int64
	var first time.Time
	again, sized, dated := 0, 0, 0
	ages := agesOf(t)
	for i := range s.Parts {
		p := &s.Parts[i]
		if !p.HasRecords() || p.Effect != plan.EffectReplay && p.Effect != plan.EffectSet {
			continue
		}
		again++
		if now := decide.ReadingAt(t.Snapshot.Parts, i, p.Part); now != nil {
			if n, ok := share(t.Question.Capabilities.Order, p, now.Bytes); ok {
				bytes, sized = bytes+n, sized+1
			}
		}
		if at := ages.at(i, p.Part, p.After); !at.IsZero() {
			dated++
			if first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	out := &plan.Impact{}
	if again > 0 && sized == again {
		out.Bytes = &bytes
	}
	if again > 0 && dated == again {
		first = first.UTC()
		out.Oldest = &first
	}
	out.LogStart = logStart(t, s)
	if *out == (plan.Impact{}) {
		return nil
	}
	return out
}

// AddRetention adds the shortest retention of the logs of a step's moves to its impact,
// if it is known.
func AddRetention(t *survey.Target, s *plan.Step) {
	shortest := shortestRetention(t, s)
	if shortest == nil {
		return
	}
	if s.Impact == nil {
		s.Impact = &plan.Impact{}
	}
	s.Impact.Retention = shortest
}

// logStart returns when the oldest record was written that the logs of a step's moves
// still have; nil if that is unknown for one of them.
func logStart(t *survey.Target, s *plan.Step) *time.Time {
	var first time.Time
	for i := range s.Parts {
		if !s.Parts[i].HasRecords() {
			continue
		}
		now := decide.ReadingAt(t.Snapshot.Parts, i, s.Parts[i].Part)
		if now == nil || now.LowTime.IsZero() {
			return nil
		}
		if first.IsZero() || now.LowTime.Before(first) {
			first = now.LowTime
		}
	}
	if first.IsZero() {
		return nil
	}
	return new(first.UTC())
}

// shortestRetention returns the shortest age in seconds at which the logs of a step's
// moves delete records; nil if it is unknown for one of them, or age deletes nothing.
func shortestRetention(t *survey.Target, s *plan.Step) *int64 {
	shortest := time.Duration(0)
	for i := range s.Parts {
		if !s.Parts[i].HasRecords() {
			continue
		}
		limits := t.Sizes.Of(s.Parts[i].Part).Retention
		if limits == nil {
			return nil
		}
		if limits.Age > 0 && (shortest == 0 || limits.Age < shortest) {
			shortest = limits.Age
		}
	}
	if shortest == 0 {
		return nil
	}
	return new(int64(shortest / time.Second))
}

// share estimates how many of a log's bytes a part's move delivers again, assuming
// records of equal size: from the target to the previous position, or to the end
// if there was no commit. It reports whether that is known.
func share(order providers.Order, p *plan.Part, bytes *int64) (int64, bool) {
	whole, known := order.Distance(p.High, p.Low)
	again := p.Count
	if p.Effect == plan.EffectSet {
		again = p.LagAfter
	}
	switch {
	case bytes == nil || !known || again == nil:
		return 0, false
	case whole <= 0:
		return 0, true
	}
	return int64(math.Round(float64(*bytes) * (float64(*again) / float64(whole)))), true
}
