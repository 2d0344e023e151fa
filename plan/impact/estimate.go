package impact

import (
	"context"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// An Estimate is the basis for a plan's time to catch up.
type Estimate struct {
	Rate   float64       // records per second that a step's consumers read; 0 = not given
	Sample time.Duration // interval between two readings that measure the rates; 0 = one reading
}

// requested reports whether an estimate was requested.
func (e Estimate) requested() bool { return e.Rate > 0 || e.Sample > 0 }

// AddCatchUp adds the estimates to a plan, given the targets of its steps.
func AddCatchUp(ctx context.Context, r *survey.Reader, p *plan.Plan, all []*survey.Target, e Estimate) error {
	if !e.requested() || p.Summary.Reset == 0 {
		return nil
	}
	sizes(ctx, r, p, all)
	moved := map[*survey.Target]Movement{}
	if e.Sample > 0 {
		var err error
		if moved, err = sample(ctx, r, p, all, e.Sample); err != nil {
			return err
		}
	}
	for i, t := range all {
		if s := &p.Steps[i]; s.Action == plan.Reset {
			t.Loaded(func() { s.Impact = estimateStep(t, s, e, moved[t]) })
			t.Planned = *s
		}
	}
	return nil
}

// A Movement is the change between two readings of a step, in records per second.
type Movement struct{ Parts map[providers.Part]Speed }

// Speed is how fast the boundaries of a part's log and its consumers move.
type Speed struct{ Low, Committed, High float64 }

// sample reads the steps that reset again.
func sample(ctx context.Context, r *survey.Reader, p *plan.Plan, all []*survey.Target, after time.Duration) (map[*survey.Target]Movement, error) {
	r.Report(survey.Event{Kind: survey.Waiting, Text: "reading again in " + text.Span(after) + " to measure the rates"})
	if err := r.Deps.Retry.Sleep(ctx, after); err != nil {
		return nil, err
	}
	var again, first []*survey.Target
	for i, t := range all {
		if p.Steps[i].Action == plan.Reset && t.Snapshot.Err == nil {
			first, again = append(first, t), append(again, &survey.Target{Job: t.Job, Case: decide.Case{Question: t.Question}})
		}
	}
	if err := r.Read(ctx, again); err != nil {
		return nil, fmt.Errorf("the second reading: %w", err)
	}
	out := map[*survey.Target]Movement{}
	for i, t := range first {
		out[t] = MovementOf(t.Question.Capabilities.Order, t.Snapshot.Readings(), again[i].Snapshot.Readings(), again[i].ReadAt.Sub(t.ReadAt))
	}
	return out, nil
}

// MovementOf compares two readings. A position that moved backwards or cannot be
// measured counts as not moving: another reset or a re-created log has no rate.
func MovementOf(order providers.Order, from, to []providers.PartReading, after time.Duration) Movement {
	m := Movement{map[providers.Part]Speed{}}
	if after <= 0 {
		return m
	}
	speed := func(a, b providers.Position) float64 {
		n, ok := order.Distance(b, a)
		if !ok || n < 0 {
			return 0
		}
		return float64(n) / after.Seconds()
	}
	for _, a := range from {
		if b, ok := decide.ReadingOf(to, a.Part); ok {
			m.Parts[a.Part] = Speed{Low: speed(a.Low, b.Low), Committed: speed(a.Committed, b.Committed), High: speed(a.High, b.High)}
		}
	}
	return m
}

// estimateStep completes a step's impact with the rates of its consumers and its
// producers. If no rate is given, it uses the measured rate of the consumers.
func estimateStep(t *survey.Target, s *plan.Step, e Estimate, m Movement) *plan.Impact {
	out := Of(t, s)
	if out == nil {
		out = &plan.Impact{}
	}
	rate := e.Rate
	var arrival float64
	for _, p := range s.Parts {
		arrival += m.Parts[p.Part].High
		if e.Rate == 0 {
			rate += m.Parts[p.Part].Committed
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
		out.CatchUp = Seconds(UntilRead(lag, rate, arrival))
	}
	out.Race = Race(stepEdges(t, s, m), rate, lag, arrival)
	if deletesNothing(t, s) {
		out.Race = "retention deletes nothing"
	}
	return out
}

// deletesNothing reports whether the service is known to delete nothing by itself.
func deletesNothing(t *survey.Target, s *plan.Step) bool {
	for _, p := range s.Parts {
		if limits := t.Sizes.Of(p.Part).Retention; limits == nil || *limits != (providers.Retention{}) {
			return false
		}
	}
	return len(s.Parts) > 0
}

// sampled describes the result of two readings, if it needs an explanation.
func sampled(s *plan.Step, e Estimate, rate, arrival float64) string {
	moves := "no records were written"
	if arrival > 0 {
		moves = fmt.Sprintf("%s records per second were written", text.Rate(arrival))
	}
	switch {
	case e.Rate == 0 && rate == 0:
		return fmt.Sprintf("within %s no consumer moved (they are %s), so their rate is unknown: give --rate; %s", text.Span(e.Sample), s.Activity,
			moves)
	case rate > 0 && rate <= arrival:
		return fmt.Sprintf("within %s %s: at this rate they never catch up", text.Span(e.Sample), moves)
	}
	return fmt.Sprintf("within %s %s", text.Span(e.Sample), moves)
}

// lagOf is the number of unread records after the reset; known is false if it is
// unknown for a part.
func lagOf(parts []plan.Part) (lag int64, known bool) {
	for _, p := range parts {
		if p.LagAfter == nil {
			return 0, false
		}
		lag += *p.LagAfter
	}
	return lag, len(parts) > 0
}
