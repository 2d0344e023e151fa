package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// waitForEarlierReset waits until the settle time of an earlier reset of the same
// target, in any run, is over: some services lose a second reset within that time.
func (a *apply) waitForEarlierReset(ctx context.Context, t *survey.Target) error {
	if t.Conn.Caps.Settle == 0 || t.Now.Action != plan.Reset {
		return nil
	}
	// The remaining time is counted down: the clock may go back.
	for left := a.earlierResetPending(t, t.Conn.Caps.Settle); left > 0; left -= pollEvery {
		if a.stopped(ctx) {
			return fmt.Errorf("%w while waiting for an earlier reset", ErrInterrupted)
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Settling, Text: "waiting up to " + text.Span(left) +
			" until the earlier reset of this target has settled"})
		if err := a.sleep(ctx, min(pollEvery, left), "an earlier reset"); err != nil {
			return err
		}
		if left <= pollEvery {
			if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil {
				return err
			}
			t.Again()
			if !slices.EqualFunc(t.Now.Parts, t.Planned.Parts, func(a, b plan.Part) bool { return a.Effect == b.Effect && a.Before == b.Before }) {
				a.recalculated(t)
			}
		}
	}
	return nil
}

// earlierResetPending returns how long an earlier reset of the same target may still
// take to show.
func (a *apply) earlierResetPending(t *survey.Target, settle time.Duration) time.Duration {
	now := a.r.Deps.Process.Now()
	var most time.Duration
	for _, s := range a.held.Steps() {
		if !newestSend(&s).Add(settle).After(now) || !t.Is(&s) && !sharesPart(t, &s) {
			continue
		}
		s.Load()
		for _, sent := range sentAt(&s) {
			most = max(most, min(sent.Add(settle).Sub(now), settle))
		}
	}
	return most
}

// sharesPart reports whether a recorded step may have moved a part of the target under
// another target of its group: a topic by name, and now every topic. Groups of the same
// name on two instances look the same here: to wait for one of them does no harm.
func sharesPart(t *survey.Target, s *lock.Step) bool {
	identity := survey.IdentityOf(s)
	if !strings.HasPrefix(identity, t.Conn.Kind.Type()+":") || !hasGroup(identity, t.Target.Group()) {
		return false
	}
	s.Load()
	return slices.ContainsFunc(s.Parts, func(p lock.Part) bool {
		return slices.ContainsFunc(t.Now.Parts, func(now plan.Part) bool { return now.Part == p.Part && p.Part != providers.Part{} })
	})
}

// hasGroup reports whether an identity contains a group, followed by topics, by partitions or
// by nothing.
func hasGroup(identity, group string) bool {
	for _, after := range []string{"/", ":"} {
		if strings.Contains(identity, "/"+group+after) {
			return true
		}
	}
	return strings.HasSuffix(identity, "/"+group)
}

// newestSend returns the latest time at which a recorded step or its rollback may have
// been sent.
func newestSend(s *lock.Step) time.Time {
	if s.Undo != nil && s.Undo.At.After(s.At.Time) {
		return s.Undo.At.Time
	}
	return s.At.Time
}

// sentAt returns when a recorded step and its rollback were sent. A position that
// was read back does not prove that the consumers have adopted it, and a reset that
// a person settled may still arrive.
func sentAt(s *lock.Step) (at []time.Time) {
	sent := func(parts []lock.Part) bool {
		return slices.ContainsFunc(parts, func(p lock.Part) bool { return p.Error == "" || p.DecidedBy != "" })
	}
	if s.Outcome != lock.Keep && sent(s.Parts) {
		at = append(at, s.At.Time)
	}
	if s.Undo != nil && sent(s.Undo.Parts) {
		at = append(at, s.Undo.At.Time)
	}
	return at
}

// pollEvery is how often the consumers' state is read while waiting.
const pollEvery = time.Second

// changeTo is what a person does to consumers that have to reach a state.
func changeTo(needs providers.State) string {
	if needs == providers.Active {
		return "Start"
	}
	return "Stop"
}

// waitForConsumers waits until the consumers are in the needed state. Targets relative
// to the present are decided again on the reading after the wait.
func (a *apply) waitForConsumers(ctx context.Context, t *survey.Target) error {
	wait := t.Question.Step.Idle.Wait
	for left := a.countdown(wait); t.Now.Waits; {
		left := left()
		switch {
		case a.stopped(ctx):
			return fmt.Errorf("%w while waiting for its consumers", ErrInterrupted)
		case left <= 0:
			return plan.Refuse("", "after waiting %s the group is still %s. %s its consumers, then run apply again, or wait longer, such as --wait 10m",
				text.Span(wait), decide.ActivityText(t.Snapshot.Activity), changeTo(t.Question.Capabilities.Needs))
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting,
			Text: fmt.Sprintf("waiting up to %s more; the group is %s", text.Span(left), decide.ActivityText(t.Snapshot.Activity))})
		if err := a.sleep(ctx, min(pollEvery, left), "its consumers"); err != nil {
			return err
		}
		if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil {
			return err
		}
		t.Again()
	}
	if t.Now.Action != plan.Reset && t.Now.Action != plan.Keep {
		return nil // move refuses the step
	}
	a.recalculated(t)
	return nil
}

// recalculated shows the figures of a step after a wait.
func (a *apply) recalculated(t *survey.Target) {
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Recalculated,
		Text: fmt.Sprintf("after the wait: %s (planned: %s)", effectText(t.Now.Parts), effectText(t.Planned.Parts))})
}

// countdown returns the remaining part of a time at each call. A clock that goes
// back does not extend it.
func (a *apply) countdown(d time.Duration) func() time.Duration {
	left, last := d, a.r.Deps.Process.Now()
	return func() time.Duration {
		now := a.r.Deps.Process.Now()
		left, last = left-max(now.Sub(last), 0), now
		return left
	}
}

// effectText summarises the effect of moves: "up to 344 records delivered again".
func effectText(parts []plan.Part) string {
	var s plan.Summary
	s.Bound = plan.BoundExact
	s.Add(parts)
	return s.Effects()
}

// sleep waits for d, or until the apply is requested to stop.
func (a *apply) sleep(ctx context.Context, d time.Duration, what string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-a.options.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := a.r.Deps.Retry.Sleep(ctx, d); err != nil {
		return fmt.Errorf("%w while waiting for %s", ErrInterrupted, what)
	}
	return nil
}
