package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
)

// settled waits until the settle time of an earlier reset of the same target, in
// any run, is over: some services lose a second reset within that time.
func (a *apply) settled(ctx context.Context, w *work) error {
	if w.conn.caps.Settle == 0 || w.now.Action != Reset {
		return nil
	}
	// The remaining time is counted down: the clock may go back.
	for left := a.unsettledFor(w, w.conn.caps.Settle); left > 0; left -= pollEvery {
		if a.stopped(ctx) {
			return fmt.Errorf("%w while waiting for an earlier reset", ErrInterrupted)
		}
		a.r.tell(Event{Step: w.id, Kind: Settling, Text: "waiting up to " + span(left) + " until the earlier reset of this target has settled"})
		if err := a.pause(ctx, min(pollEvery, left), "an earlier reset"); err != nil {
			return err
		}
		if left <= pollEvery {
			if err := a.r.look(ctx, []*work{w}); err != nil {
				return err
			}
			w.again()
		}
	}
	return nil
}

// unsettledFor returns how long an earlier reset of the same target may still
// take to show.
func (a *apply) unsettledFor(w *work, settle time.Duration) time.Duration {
	now := a.r.world.Env.Now()
	var most time.Duration
	for _, s := range a.held.Steps() {
		if !w.is(&s) {
			continue
		}
		for _, sent := range sentAt(&s) {
			most = max(most, min(sent.Add(settle).Sub(now), settle))
		}
	}
	return most
}

// sentAt returns when a recorded step and its rollback were sent. A position that
// was read back does not prove that the consumers have adopted it, and a reset that
// a person settled may still arrive.
func sentAt(s *lock.Step) (at []time.Time) {
	sent := func(parts []lock.Part) bool {
		return slices.ContainsFunc(parts, func(p lock.Part) bool { return p.Error == "" || p.Settled != "" })
	}
	if s.Outcome != lock.Keep && sent(s.Parts) {
		at = append(at, s.At)
	}
	if s.Undo != nil && sent(s.Undo.Parts) {
		at = append(at, s.Undo.At)
	}
	return at
}

// pollEvery is how often the consumers' state is read while waiting.
const pollEvery = time.Second

// wait waits until the consumers are in the needed state. Targets relative to the
// present are decided again on the reading after it.
func (a *apply) wait(ctx context.Context, w *work) error {
	wait := w.question.Step.Idle.Wait
	for left := a.countdown(wait); w.now.Waits; {
		left := left()
		switch {
		case a.stopped(ctx):
			return fmt.Errorf("%w while waiting for its consumers", ErrInterrupted)
		case left <= 0:
			return refuse("", "after waiting %s the group is still %s", span(wait), state(w.snapshot.Activity))
		}
		a.r.tell(Event{Step: w.id, Kind: Waiting, Text: fmt.Sprintf("waiting up to %s more; the group is %s", span(left), state(w.snapshot.Activity))})
		if err := a.pause(ctx, min(pollEvery, left), "its consumers"); err != nil {
			return err
		}
		if err := a.r.look(ctx, []*work{w}); err != nil {
			return err
		}
		w.again()
	}
	if w.now.Action != Reset && w.now.Action != Keep {
		return nil // move refuses the step
	}
	a.r.tell(Event{Step: w.id, Kind: Recalculated, Text: fmt.Sprintf("after the wait: %s (planned: %s)", effectText(w.now.Parts), effectText(w.planned.Parts))})
	return nil
}

// countdown returns the remaining part of a time at each call. A clock that goes
// back does not extend it.
func (a *apply) countdown(d time.Duration) func() time.Duration {
	left, last := d, a.r.world.Env.Now()
	return func() time.Duration {
		now := a.r.world.Env.Now()
		left, last = left-max(now.Sub(last), 0), now
		return left
	}
}

// effectText summarises the effect of moves: "up to 344 records delivered again".
func effectText(parts []Part) string {
	var s Summary
	s.Bound = BoundExact
	s.add(parts)
	return s.effects()
}

// pause waits for d, or until the apply is requested to stop.
func (a *apply) pause(ctx context.Context, d time.Duration, what string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-a.options.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := a.r.world.Retry.Sleep(ctx, d); err != nil {
		return fmt.Errorf("%w while waiting for %s", ErrInterrupted, what)
	}
	return nil
}
