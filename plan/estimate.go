package plan

import (
	"context"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// An Estimate is the basis for a plan's time to catch up.
type Estimate struct {
	Rate   float64       // records per second that a step's consumers read; 0 = not given
	Sample time.Duration // interval between two readings that measure the rates; 0 = one reading
}

// Wanted reports whether an estimate was requested.
func (e Estimate) Wanted() bool { return e.Rate > 0 || e.Sample > 0 }

// Estimate adds the time to catch up to the impact of each step that resets, and
// whether retention overtakes the consumers. With a sample it waits that long and
// reads again; the plan keeps the positions of its own reading. It changes nothing
// on the services.
func (r *Reconciler) Estimate(ctx context.Context, p *Prepared, e Estimate) error {
	return r.addEstimates(ctx, p.Plan, p.work, e)
}

// addEstimates adds the estimates to a plan, given the targets of its steps.
func (r *Reconciler) addEstimates(ctx context.Context, p *Plan, all []*work, e Estimate) error {
	if !e.Wanted() || p.Summary.Reset == 0 {
		return nil
	}
	r.sizes(ctx, p, all)
	moved := map[*work]movement{}
	if e.Sample > 0 {
		var err error
		if moved, err = r.sample(ctx, p, all, e.Sample); err != nil {
			return err
		}
	}
	for i, w := range all {
		if s := &p.Steps[i]; s.Action == Reset {
			s.Impact = w.estimate(s, e, moved[w])
			w.planned = *s
		}
	}
	return nil
}

// A movement is the change between two readings of a step, in records per second.
type movement struct{ parts map[providers.Part]speed }

// speed is how fast the boundaries of a part's log and its consumers move.
type speed struct{ low, committed, high float64 }

// sample reads the steps that reset again.
func (r *Reconciler) sample(ctx context.Context, p *Plan, all []*work, after time.Duration) (map[*work]movement, error) {
	r.tell(Event{Kind: Waiting, Text: "reading again in " + span(after) + " to measure the rates"})
	if err := r.world.Retry.Sleep(ctx, after); err != nil {
		return nil, err
	}
	var again, first []*work
	for i, w := range all {
		if p.Steps[i].Action == Reset && w.snapshot.Err == nil {
			first, again = append(first, w), append(again, &work{job: w.job, Case: Case{question: w.question}})
		}
	}
	if err := r.read(ctx, again); err != nil {
		return nil, fmt.Errorf("the second reading: %w", err)
	}
	out := map[*work]movement{}
	for i, w := range first {
		out[w] = movementOf(w.snapshot.Parts, again[i].snapshot.Parts, again[i].readAt.Sub(w.readAt))
	}
	return out, nil
}

// movementOf compares two readings. A position that moved backwards or cannot be
// measured counts as not moving: another reset or a re-created log has no rate.
func movementOf(from, to []providers.PartReading, after time.Duration) movement {
	m := movement{map[providers.Part]speed{}}
	if after <= 0 {
		return m
	}
	pace := func(a, b providers.Position) float64 {
		n, ok := b.Distance(a)
		if !ok || n < 0 {
			return 0
		}
		return float64(n) / after.Seconds()
	}
	for _, a := range from {
		if b, ok := reading(to, a.Part); ok {
			m.parts[a.Part] = speed{low: pace(a.Low, b.Low), committed: pace(a.Committed, b.Committed), high: pace(a.High, b.High)}
		}
	}
	return m
}

// estimate completes a step's impact with the rates of its consumers and its
// producers. If no rate is given, it uses the measured rate of the consumers.
func (w *work) estimate(s *Step, e Estimate, m movement) *Impact {
	out := w.impact(s)
	if out == nil {
		out = &Impact{}
	}
	rate := e.Rate
	var arrival float64
	for _, p := range s.Parts {
		arrival += m.parts[p.Part].high
		if e.Rate == 0 {
			rate += m.parts[p.Part].committed
		}
	}
	if e.Sample > 0 {
		out.Arrival = &arrival
		out.Sample = sampled(s, e, rate, arrival)
	}
	if rate > 0 {
		out.Rate = &rate
	}
	lag, known := lagOf(s.Parts)
	if known {
		out.CatchUp = seconds(untilRead(lag, rate, arrival))
	}
	out.Race = race(w.edges(s, m), rate, lag, arrival)
	if w.keepsAll(s) {
		out.Race = "retention deletes nothing"
	}
	return out
}

// keepsAll reports whether the service is known to delete nothing by itself.
func (w *work) keepsAll(s *Step) bool {
	for _, p := range s.Parts {
		if limits := w.sizes[p.Part].Retention; limits == nil || *limits != (providers.Retention{}) {
			return false
		}
	}
	return len(s.Parts) > 0
}

// sampled describes the result of two readings, if it needs an explanation.
func sampled(s *Step, e Estimate, rate, arrival float64) string {
	moves := "no records were written"
	if arrival > 0 {
		moves = fmt.Sprintf("%s records per second were written", Rate(arrival))
	}
	switch {
	case e.Rate == 0 && rate == 0:
		return fmt.Sprintf("within %s no consumer moved (they are %s), so their rate is unknown: give --rate; %s", span(e.Sample), s.Activity, moves)
	case rate > 0 && rate <= arrival:
		return fmt.Sprintf("within %s %s: at this rate they never catch up", span(e.Sample), moves)
	}
	return fmt.Sprintf("within %s %s", span(e.Sample), moves)
}

// lagOf is the number of unread records after the reset; known is false if it is
// unknown for a part.
func lagOf(parts []Part) (lag int64, known bool) {
	for _, p := range parts {
		if p.LagAfter == nil {
			return 0, false
		}
		lag += *p.LagAfter
	}
	return lag, len(parts) > 0
}
