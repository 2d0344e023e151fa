package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// attempt is the state of one attempt to send a step.
type attempt struct {
	outcome   lock.Outcome
	why       string
	requestID string
	parts     []lock.Part
	replay    *lock.Replay // what follows, if the step has one
}

// applyStep applies one step, and starts its consumers again if this program has
// stopped them. stale is the error of a repeated reading.
func (a *apply) applyStep(ctx context.Context, t *survey.Target, stale error) ending {
	release := t.LoadParts()
	defer release()
	h, done := a.halts[haltKey(t)], t.Question.Record != nil && t.Question.Record.Outcome.Done()
	if h != nil {
		h.join(t)
	}
	e := a.applyWith(ctx, t, h, stale)
	if !done {
		e = a.supersede(t, h, e)
	}
	if h == nil {
		return e
	}
	if a.endsReplay(t) && e.err == nil {
		return e // the end of its replay starts them, or leaves them stopped
	}
	return a.release(ctx, t, h, e)
}

// applyWith applies one step. h is its consumers, if this program may stop them; nil =
// it may not.
func (a *apply) applyWith(ctx context.Context, t *survey.Target, h *halt, stale error) ending {
	if stale != nil {
		return a.notSent(t, stale)
	}
	if err := a.resolveDoubt(t); err != nil {
		return ending{t, lock.Failed, err}
	}
	if t.Now.Action == plan.Done {
		return ending{target: t, outcome: t.Question.Record.Outcome}
	}
	if err := a.waitForEarlierReset(ctx, t); err != nil {
		return a.notSent(t, err)
	}
	if t.Now.Waits {
		if err := a.waitForConsumers(ctx, t); err != nil {
			return a.notSent(t, err)
		}
	}
	if t.Now.Pauses && h != nil {
		return a.stopAndMove(ctx, t, h)
	}
	return a.move(ctx, t)
}

// move sends a step whose consumers are in the needed state.
func (a *apply) move(ctx context.Context, t *survey.Target) ending {
	if why := t.Stale(); why != "" {
		return a.notSent(t, plan.Refuse("", "%s", why))
	}
	if why := t.Turned(); why != "" {
		since := "its consumers have moved since the plan was made: "
		if t.MayMove(&t.Planned) {
			since = "now that its consumers are stopped, "
		}
		return a.notSent(t, plan.Refuse("run plan again and review it", "%s%s", since, why))
	}
	if t.Now.Action == plan.Keep {
		return a.end(t, attempt{outcome: lock.Keep, parts: keptParts(t), replay: a.replayOf(t, &t.Now)}, nil)
	}
	return a.send(ctx, t, t.Now)
}

// resolveDoubt records what the reading proves about a step in doubt.
func (a *apply) resolveDoubt(t *survey.Target) error {
	if t.Resolved == nil {
		return nil
	}
	s := *t.Resolved
	s.At = lock.AtTime(a.r.Deps.Process.Now())
	if err := a.held.Record(a.plan.Run, s); err != nil {
		return err
	}
	t.Question.Record, t.Resolved = &s, nil
	if !a.plan.Undo {
		t.Question.Resume()
	}
	return nil
}

// notSent ends a step that was not sent.
func (a *apply) notSent(t *survey.Target, err error) ending {
	var r *plan.Refusal
	switch s := a.held.Recorded(a.plan.Run, t.Question.Digest); {
	case s.InReplay() && !a.plan.Undo: // its reset was sent before
		return ending{t, s.Outcome, err}
	case errors.Is(err, ErrInterrupted):
		if failed := a.notRun(t, err.Error()); failed != nil {
			return ending{t, lock.NotRun, errors.Join(err, failed)}
		}
		return ending{t, lock.NotRun, err}
	case errors.As(err, &r):
		return a.end(t, attempt{outcome: lock.Refused, why: err.Error()}, err)
	}
	return a.end(t, attempt{outcome: lock.Failed, why: err.Error()}, err)
}

// send records, sends, reads back and records.
func (a *apply) send(ctx context.Context, t *survey.Target, step plan.Step) ending {
	move := t.Move(step)
	sent := attempt{outcome: lock.InDoubt, why: "sent; its answer was not recorded", parts: recordParts(t, moved(step.Parts)),
		replay: a.replayOf(t, &step)}
	if err := a.record(t, sent); err != nil {
		return ending{t, lock.Failed, fmt.Errorf("not sent: the lock could not be written: %w", err)}
	}
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Sending, Text: "sending " + text.Plural(len(sent.parts), "position")})
	// The first request to stop lets the current step finish; only a second
	// request cancels ctx.
	sending, free, err := a.held.Sending(ctx)
	if err != nil {
		return ending{t, lock.Failed, fmt.Errorf("not sent: %w", err)}
	}
	sending, cancel := context.WithTimeout(sending, t.Conn.Config.Timeout)
	receipt, err := a.r.Deps.Retry.Reset(sending, t.Conn, move)
	cancel()
	free()
	sent.requestID = receipt.RequestID
	switch {
	case errors.Is(err, providers.ErrInDoubt):
		a.touched(t)
		return a.unanswered(ctx, t, sent, err)
	case err != nil:
		return a.rejected(t, sent, err)
	}
	a.touched(t)
	if refusals := noteReceipt(sent.parts, receipt); refusals != nil {
		if back := a.readBack(ctx, t, &sent); back.err != nil {
			refusals = fmt.Errorf("%w; the others could not be read back: %w", refusals, back.err)
		}
		sent.outcome, sent.why = lock.Failed, refusals.Error()
		return a.end(t, sent, refusals)
	}
	return a.verify(ctx, t, sent)
}

// rejected ends a step that the service refused.
func (a *apply) rejected(t *survey.Target, sent attempt, err error) ending {
	sent.outcome, sent.why, sent.parts, sent.replay = lock.Failed, err.Error(), nil, nil
	if errors.Is(err, providers.ErrPrecondition) {
		sent.outcome = lock.Refused
	}
	return a.end(t, sent, err)
}

// noteReceipt records the service's answer for each of the sorted parts: the
// position that the service resolved itself, or the refusal. It returns the errors
// of refused parts, or nil.
func noteReceipt(parts []lock.Part, receipt providers.Receipt) error {
	var errs []error
	for i := range receipt.Parts {
		r := &receipt.Parts[i]
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
		p := decide.RecordAt(parts, i, r.Part)
		switch {
		case p == nil:
		case r.Err != nil:
			p.Error = r.Err.Error()
		case !p.After.Exact() && r.Position.Exact():
			p.After = r.Position
		}
	}
	if errs == nil {
		return nil
	}
	return fmt.Errorf("%d of %s refused; the others were moved: %w", len(errs), text.Plural(len(parts), "partition"), errors.Join(errs...))
}

// end records an attempt and returns its ending.
func (a *apply) end(t *survey.Target, at attempt, err error) ending {
	if failed := a.record(t, at); failed != nil {
		return ending{t, at.outcome, errors.Join(err, fmt.Errorf("the outcome %s could not be recorded: %w", at.outcome, failed))}
	}
	return ending{t, at.outcome, err}
}

// record writes an attempt into the lock: as the step's own state, or as an
// attempt to roll it back.
func (a *apply) record(t *survey.Target, at attempt) error {
	return a.held.Record(a.plan.Run, a.recordOf(t, at))
}

func (a *apply) recordOf(t *survey.Target, at attempt) lock.Step {
	now := a.r.Deps.Process.Now()
	was := a.held.Recorded(a.plan.Run, t.Question.Digest)
	if a.plan.Undo && was != nil {
		s := *was
		back := &lock.Undo{Outcome: at.outcome, By: a.r.Deps.By, RequestID: at.requestID, At: lock.AtTime(now.UTC().Truncate(time.Millisecond)),
			Why:   at.why,
			Parts: at.parts}
		if a.returns {
			s.Return = back
			return s
		}
		if s.Undo = back; at.outcome.Done() {
			s.Outcome, s.At, s.Why, s.Return = lock.Undone, lock.AtTime(now), "", nil
			s.Undone++
		}
		return s
	}
	s := lock.Step{
		ID: t.ID, Digest: t.Question.Digest, Address: t.Address(), Identity: t.Now.Identity, Outcome: at.outcome, RequestID: at.requestID,
		At: lock.AtTime(now), Why: at.why, Promise: t.Promise, Parts: merge(t, at.parts), Replay: at.replay,
	}
	if was != nil {
		s.Undone, s.Paused = was.Undone, was.Paused
	}
	if s.Paused != nil {
		s.Evidence = was.Evidence
	}
	return s
}

// mayHaveSent reports whether this apply may have moved something for a step.
func (a *apply) mayHaveSent(id string) bool {
	_, sent := a.sent[id]
	return sent
}

// stirred remembers that consumers may have been stopped or started.
func (a *apply) stirred() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed = true
}

// touched remembers that a step may have moved something.
func (a *apply) touched(t *survey.Target) {
	a.stirred()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sent == nil {
		a.sent = map[string]plan.Step{}
	}
	a.sent[t.ID] = t.Now
}
