package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A service that reports no committed positions may still report sums while its
// consumers run. If this program pauses the consumers and starts them again, it
// compares the sums from before and after: that is the only proof of such a reset.

// evidenceWait is how long newer sums are waited for after a start, unless
// ApplyOptions.Settle is set.
const evidenceWait = 30 * time.Second

// observer returns the step's connection as an Observer, if the reset cannot be read
// back in any other way.
func observer(t *survey.Target) (providers.Observer, bool) {
	if t.Conn.Caps.Reads != providers.No {
		return nil, false
	}
	return t.Conn.Observer()
}

// evidenceBefore returns the newest sum of running consumers, or nil if there is
// none. A failure to read it does not stop the step: the reset is then accepted and
// not verified.
func (a *apply) evidenceBefore(ctx context.Context, t *survey.Target) *lock.Evidence {
	o, ok := observer(t)
	if !ok || a.plan.Undo {
		return nil
	}
	sums, err := a.sums(ctx, t, o)
	before, ok := decide.Reference(sums)
	if err != nil || !ok {
		return nil
	}
	return &lock.Evidence{Before: before}
}

func (a *apply) sums(ctx context.Context, t *survey.Target, o providers.Observer) ([]providers.Sum, error) {
	ctx, cancel := context.WithTimeout(ctx, t.Conn.Config.Timeout)
	defer cancel()
	return o.Observe(ctx, t.Target)
}

// prove decides a reset that was accepted, or is in doubt, by the evidence from before
// the pause and after the start, and records both.
func (a *apply) prove(ctx context.Context, t *survey.Target, before *lock.Evidence, e ending) ending {
	o, ok := observer(t)
	s := a.held.Step(a.plan.Run, t.Question.Digest)
	if !ok || a.plan.Undo || s == nil || s.Outcome != lock.Applied && s.Outcome != lock.InDoubt {
		return e
	}
	if before == nil {
		s.Why += "; nor did it report an offset before the pause with which to compare"
		return a.proved(t, s, e)
	}
	evidence, proven, err := a.compare(ctx, t, o, before.Before)
	s.Evidence = &evidence
	switch shown := decide.EvidenceText(evidence); {
	case proven && s.Outcome == lock.InDoubt:
		s.Outcome, s.Why = lock.Verified, "the answer to the reset was lost; it took effect, because the offset went back: "+shown
		e.err = nil
	case proven:
		s.Outcome, s.Why = lock.Verified, "the offset went back: "+shown
	case evidence.After != nil:
		s.Why += "; the offset did not go back, so the effect of the reset is unknown: " + shown
	case err != nil:
		s.Why += fmt.Sprintf("; %s: %v", shown, err)
	default:
		s.Why += "; " + shown + ". To wait longer for newer figures, apply with --settle 5m"
	}
	return a.proved(t, s, e)
}

// proved records a step with its evidence.
func (a *apply) proved(t *survey.Target, s *lock.Step, e ending) ending {
	s.At = lock.AtTime(a.r.Deps.Process.Now())
	if err := a.held.Record(a.plan.Run, *s); err != nil {
		return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("the evidence for the reset could not be recorded: %w", err))}
	}
	e.outcome = s.Outcome
	return e
}

// compare observes the consumers until a sum proves the reset or the time for it is
// over. The error is that of the last observation.
func (a *apply) compare(ctx context.Context, t *survey.Target, o providers.Observer, before lock.Sum) (e lock.Evidence, proven bool, err error) {
	wait := evidenceWait
	if a.options.Settle != nil {
		wait = *a.options.Settle
	}
	e.Before = before
	for countdown, stopped := a.countdown(wait), false; ; {
		sums, failed := a.sums(ctx, t, o)
		newer, proven := decide.Compare(before, sums)
		if err = failed; newer.After != nil {
			e = newer
		}
		left := countdown()
		if proven || left <= 0 || stopped || a.stopped(ctx) {
			return e, proven, err
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Settling, Text: "waiting for newer figures of the service, up to " + text.Span(left) + " more"})
		stopped = a.r.Deps.Retry.Sleep(ctx, min(pollEvery, left)) != nil
	}
}
