package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// attempt is the state of one attempt to send a step.
type attempt struct {
	outcome   lock.Outcome
	why       string
	requestID string
	parts     []lock.Part
}

// one applies one step. stale is the error of a repeated reading.
func (a *apply) one(ctx context.Context, w *work, stale error) ending {
	if stale != nil {
		return a.notSent(w, stale)
	}
	if err := a.settle(w); err != nil {
		return ending{w, lock.Failed, err}
	}
	if w.now.Action == Done {
		return a.doneBefore(ctx, w)
	}
	if err := a.settled(ctx, w); err != nil {
		return a.notSent(w, err)
	}
	if w.now.Waits {
		if err := a.wait(ctx, w); err != nil {
			return a.notSent(w, err)
		}
	}
	if w.now.Pauses {
		return a.paused(ctx, w)
	}
	return a.move(ctx, w)
}

// move sends a step whose consumers are in the needed state.
func (a *apply) move(ctx context.Context, w *work) ending {
	if why := w.stale(); why != "" {
		return a.notSent(w, refuse("", "%s", why))
	}
	if why := w.turned(); why != "" && (w.planned.Waits || w.planned.Pauses) {
		return a.notSent(w, refuse("run plan again and review it", "now that its consumers are stopped, %s", why))
	}
	if w.now.Action == Keep {
		return a.end(w, attempt{outcome: lock.Keep, parts: w.recordParts(w.now.Parts)}, nil)
	}
	return a.send(ctx, w, w.now)
}

// settle records what the reading proves about a step in doubt.
func (a *apply) settle(w *work) error {
	if w.resolved == nil {
		return nil
	}
	s := *w.resolved
	s.At = a.r.world.Env.Now()
	if err := a.held.Record(a.plan.Run, s); err != nil {
		return err
	}
	w.question.Record, w.resolved = &s, nil
	if !a.plan.Undo {
		w.question.resume()
	}
	return nil
}

// notSent ends a step that was not sent.
func (a *apply) notSent(w *work, err error) ending {
	var r *Refusal
	switch {
	case errors.Is(err, ErrInterrupted):
		if failed := a.notRun(w, err.Error()); failed != nil {
			return ending{w, lock.NotRun, errors.Join(err, failed)}
		}
		return ending{w, lock.NotRun, err}
	case errors.As(err, &r):
		return a.end(w, attempt{outcome: lock.Refused, why: err.Error()}, err)
	}
	return a.end(w, attempt{outcome: lock.Failed, why: err.Error()}, err)
}

// send records, sends, reads back and records.
func (a *apply) send(ctx context.Context, w *work, step Step) ending {
	move := w.move(step)
	sent := attempt{outcome: lock.InDoubt, why: "sent; its answer was not recorded", parts: w.recordParts(moved(step.Parts))}
	if err := a.record(w, sent); err != nil {
		return ending{w, lock.Failed, fmt.Errorf("not sent: the lock could not be written: %w", err)}
	}
	a.r.tell(Event{Step: w.id, Kind: Sending, Text: "sending " + Plural(len(sent.parts), "position")})
	// The first request to stop lets the current step finish; only a second
	// request cancels ctx.
	sending, cancel := context.WithTimeout(ctx, w.conn.config.Timeout)
	receipt, err := a.r.world.Retry.Reset(sending, w.conn, move)
	cancel()
	sent.requestID = receipt.RequestID
	switch {
	case errors.Is(err, providers.ErrInDoubt):
		a.touched(w)
		return a.lost(ctx, w, sent, err)
	case err != nil:
		return a.turnedDown(w, sent, err)
	}
	a.touched(w)
	if refusals := noteReceipt(sent.parts, receipt); refusals != nil {
		if back := a.readBack(ctx, w, &sent); back.err != nil {
			refusals = fmt.Errorf("%w; the others could not be read back: %w", refusals, back.err)
		}
		sent.outcome, sent.why = lock.Failed, refusals.Error()
		return a.end(w, sent, refusals)
	}
	return a.verify(ctx, w, sent)
}

// turnedDown ends a step that the service refused.
func (a *apply) turnedDown(w *work, sent attempt, err error) ending {
	sent.outcome, sent.why, sent.parts = lock.Failed, err.Error(), nil
	if errors.Is(err, providers.ErrPrecondition) {
		sent.outcome = lock.Refused
	}
	return a.end(w, sent, err)
}

// noteReceipt records the service's answer for each of the sorted parts: the
// position that the service resolved itself, or the refusal. It returns the errors
// of refused parts, or nil.
func noteReceipt(parts []lock.Part, receipt providers.Receipt) error {
	var errs []error
	for _, r := range receipt.Parts {
		if r.Err != nil {
			errs = append(errs, r.Err)
		}
		at, ok := slices.BinarySearchFunc(parts, r.Part, func(p lock.Part, of providers.Part) int { return p.Part.Compare(of) })
		switch {
		case !ok:
		case r.Err != nil:
			parts[at].Error = r.Err.Error()
		case !parts[at].After.Exact() && r.Position.Exact():
			parts[at].After = r.Position
		}
	}
	if errs == nil {
		return nil
	}
	return fmt.Errorf("%d of %s refused; the others were moved: %w", len(errs), Plural(len(parts), "partition"), errors.Join(errs...))
}

// end records an attempt and returns its ending.
func (a *apply) end(w *work, at attempt, err error) ending {
	if failed := a.record(w, at); failed != nil {
		return ending{w, at.outcome, errors.Join(err, fmt.Errorf("the outcome %s could not be recorded: %w", at.outcome, failed))}
	}
	return ending{w, at.outcome, err}
}

// record writes an attempt into the lock: as the step's own state, or as an
// attempt to roll it back.
func (a *apply) record(w *work, at attempt) error {
	return a.held.Record(a.plan.Run, a.recordOf(w, at))
}

func (a *apply) recordOf(w *work, at attempt) lock.Step {
	now := a.r.world.Env.Now()
	was := a.held.Step(a.plan.Run, w.question.Digest)
	if a.plan.Undo && was != nil {
		s := *was
		s.Undo = &lock.Undo{Outcome: at.outcome, By: a.r.world.By, RequestID: at.requestID, At: now.UTC().Truncate(time.Millisecond), Why: at.why, Parts: at.parts}
		if at.outcome.Done() {
			s.Outcome, s.At, s.Why = lock.Undone, now, ""
			s.Undone++
		}
		return s
	}
	s := lock.Step{
		ID: w.id, Digest: w.question.Digest, Address: w.address(), Identity: w.now.Identity, Outcome: at.outcome, RequestID: at.requestID,
		At: now, Why: at.why, Promise: w.promise, Parts: w.merge(at.parts),
	}
	if was != nil {
		s.Undone, s.Paused = was.Undone, was.Paused
	}
	return s
}

// touched remembers that a step may have moved something.
func (a *apply) touched(w *work) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed = true
	if a.sent == nil {
		a.sent = map[string]bool{}
	}
	a.sent[w.id] = true
}

// merge adds the parts that an earlier attempt had moved to the parts of this
// attempt, which resumes it.
func (w *work) merge(parts []lock.Part) []lock.Part {
	r := w.question.Record
	if r == nil || r.Outcome != lock.Failed {
		return parts
	}
	for _, was := range r.Parts {
		if was.Error == "" && !slices.ContainsFunc(parts, func(p lock.Part) bool { return p.Part == was.Part }) {
			parts = append(parts, was)
		}
	}
	return sortedParts(parts)
}

// moved returns the parts that are sent.
func moved(parts []Part) []Part {
	out := make([]Part, 0, len(parts))
	for _, p := range parts {
		if p.Effect != EffectKeep {
			out = append(out, p)
		}
	}
	return out
}

// recordParts returns parts as the lock records them: with everything that the
// reading reports, for a rollback and for a step in doubt.
func (w *work) recordParts(parts []Part) []lock.Part {
	out := make([]lock.Part, 0, len(parts))
	for _, p := range parts {
		r, _ := reading(w.snapshot.Parts, p.Part)
		out = append(out, lock.Part{
			Part: p.Part, Before: p.Before, After: p.After, High: p.High, ReadUpTo: r.ReadUpTo, Metadata: r.Metadata, LogID: p.LogID,
		})
	}
	return out
}
