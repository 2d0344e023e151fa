package survey

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Measure reads sizes from the services that report them, one call per
// connection, connections in parallel, and keeps them with each target.
func (r *Reader) Measure(ctx context.Context, reqs map[*Target]providers.SizeRequest) {
	byConn := map[*Connection][]*Target{}
	for t, q := range reqs {
		if len(q.Move.To) > 0 && (q.Oldest || q.Retention) {
			byConn[t.Conn] = append(byConn[t.Conn], t)
		}
	}
	var wg sync.WaitGroup
	for c, ts := range byConn {
		sizer, ok := c.Sizer()
		if !ok {
			continue
		}
		wg.Go(func() {
			within, cancel := context.WithTimeout(ctx, c.Config.Timeout+time.Duration(len(ts))*eachTarget)
			defer cancel()
			sized := make([]providers.SizeRequest, len(ts))
			for i, t := range ts {
				sized[i] = reqs[t]
			}
			for i, s := range sizer.Size(within, sized) {
				ts[i].addSizes(s)
			}
		})
	}
	wg.Wait()
}

// addSizes keeps the sizes that a service reports for a step's parts.
func (t *Target) addSizes(s providers.Size) {
	var fresh Sizes
	for _, p := range s.Parts {
		i, found := t.Sizes.find(p.Part)
		if !found {
			fresh = append(fresh, p)
			continue
		}
		if !p.Oldest.IsZero() {
			t.Sizes[i].Oldest = p.Oldest
		}
		if p.Retention != nil {
			t.Sizes[i].Retention = p.Retention
		}
	}
	if t.Sizes = append(t.Sizes, fresh...); len(fresh) > 0 {
		slices.SortFunc(t.Sizes, func(a, b providers.PartSize) int { return a.Part.Compare(b.Part) })
	}
}

// ages reads the age of the records at the targets, if a guard needs it and the
// target is not a time. If an age is unknown, the guard decides.
func (r *Reader) ages(ctx context.Context, all []*Target) {
	reqs := map[*Target]providers.SizeRequest{}
	for _, t := range all {
		if t.Step.Guards.MaxAge != nil && t.Step.To.Form != schema.ToTimestamp && !t.Question.Undo && t.Target != nil && t.Snapshot.Err == nil {
			reqs[t] = providers.SizeRequest{Oldest: true, Move: t.Move(plan.WithRecords(decide.Diff(t.Question, t.Snapshot).Step))}
		}
	}
	r.Measure(ctx, reqs)
	for t := range reqs {
		t.Question.Oldest = map[providers.Part]time.Time{}
		for _, size := range t.Sizes {
			if !size.Oldest.IsZero() {
				t.Question.Oldest[size.Part] = size.Oldest
			}
		}
	}
}
