package plan

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// sizes reads the sizes for the moves of the steps that reset. Known ages of
// records are not read again. If a service does not answer, figures are missing,
// but the plan does not fail.
func (r *Reconciler) sizes(ctx context.Context, p *Plan, all []*work) {
	reqs := map[*work]providers.SizeRequest{}
	for i, w := range all {
		if p.Steps[i].Action == Reset && w.snapshot.Err == nil {
			m := w.move(withRecords(p.Steps[i]))
			reqs[w] = providers.SizeRequest{Oldest: !w.dated(m), Retention: true, Move: m}
		}
	}
	r.measure(ctx, reqs)
}

// measure reads sizes from the services that report them, one call per
// connection, connections in parallel, and keeps them with each target.
func (r *Reconciler) measure(ctx context.Context, reqs map[*work]providers.SizeRequest) {
	byConn := map[*connection][]*work{}
	for w, q := range reqs {
		if len(q.Move.To) > 0 && (q.Oldest || q.Retention) {
			byConn[w.conn] = append(byConn[w.conn], w)
		}
	}
	var wg sync.WaitGroup
	for c, ws := range byConn {
		sizer, ok := c.sizer()
		if !ok {
			continue
		}
		wg.Go(func() {
			within, cancel := context.WithTimeout(ctx, c.config.Timeout+time.Duration(len(ws))*eachTarget)
			defer cancel()
			asked := make([]providers.SizeRequest, len(ws))
			for i, w := range ws {
				asked[i] = reqs[w]
			}
			for i, s := range sizer.Size(within, asked) {
				ws[i].take(s)
			}
		})
	}
	wg.Wait()
}

// take keeps the sizes that a service reports for a step's parts.
func (w *work) take(s providers.Size) {
	if w.sizes == nil {
		w.sizes = map[providers.Part]providers.PartSize{}
	}
	for _, p := range s.Parts {
		known := w.sizes[p.Part]
		if known.Part = p.Part; !p.Oldest.IsZero() {
			known.Oldest = p.Oldest
		}
		if p.Retention != nil {
			known.Retention = p.Retention
		}
		w.sizes[p.Part] = known
	}
}

// dated reports whether the age of the records at every target is known.
func (w *work) dated(m providers.Move) bool {
	return !slices.ContainsFunc(m.To, func(p providers.PartMove) bool {
		return p.Part == (providers.Part{}) || w.oldest(p.Part, p.Position).IsZero()
	})
}

// oldest returns when the first record at a position was written, from the reading
// or from a separate request; zero if it is unknown.
func (w *work) oldest(p providers.Part, at providers.Position) time.Time {
	if at := w.sizes[p].Oldest; !at.IsZero() {
		return at
	}
	if at := w.question.Oldest[p]; !at.IsZero() {
		return at
	}
	now, _ := reading(w.snapshot.Parts, p)
	if w.question.byTime() {
		return now.Resolution(providers.AtTime(w.step.To.Time.At(w.question.Now))).Time
	}
	if before, ok := now.Low.Distance(at); ok && before >= 0 {
		return now.LowTime
	}
	return time.Time{}
}

// impact sums up the figures of a step's parts. Bytes and the oldest record are
// set only if they are known for all parts that are delivered again.
func (w *work) impact(s *Step) *Impact {
	if s.Action != Reset {
		return nil
	}
	var bytes int64
	var oldest time.Time
	again, sized, dated := 0, 0, 0
	for _, p := range withRecords(*s).Parts {
		if p.Effect != EffectReplay && p.Effect != EffectSet {
			continue
		}
		again++
		now, _ := reading(w.snapshot.Parts, p.Part)
		if n := share(&p, now.Bytes); n != nil {
			bytes, sized = bytes+*n, sized+1
		}
		if at := w.oldest(p.Part, p.After); !at.IsZero() {
			dated++
			if oldest.IsZero() || at.Before(oldest) {
				oldest = at
			}
		}
	}
	out := &Impact{}
	if again > 0 && sized == again {
		out.Bytes = &bytes
	}
	if again > 0 && dated == again {
		oldest = oldest.UTC()
		out.Oldest = &oldest
	}
	if *out == (Impact{}) {
		return nil
	}
	return out
}

// share estimates how many of a log's bytes a part's move delivers again, assuming
// records of equal size: from the target to the previous position, or to the end
// if there was no commit.
func share(p *Part, bytes *int64) *int64 {
	whole := between(p.Low, p.High)
	again := p.Count
	if p.Effect == EffectSet {
		again = p.LagAfter
	}
	if bytes == nil || whole == nil || again == nil {
		return nil
	}
	if *whole == 0 {
		return new(int64(0))
	}
	return new(int64(math.Round(float64(*bytes) * (float64(*again) / float64(*whole)))))
}

// Bytes formats a size for people: "1.2 GiB".
func Bytes(n int64) string {
	if n < 1<<10 {
		return Plural(int(n), "byte")
	}
	size, unit := float64(n)/(1<<10), "KiB"
	for _, next := range []string{"MiB", "GiB", "TiB", "PiB"} {
		if size < 1023.95 {
			break
		}
		size, unit = size/(1<<10), next
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
