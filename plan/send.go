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

// An attempt is what is known of one step's sending.
type attempt struct {
	outcome   lock.Outcome
	why       string
	requestID string
	parts     []lock.Part
}

// one carries out one step. stale is the error of a reading that had to be
// made again and could not.
func (a *apply) one(ctx context.Context, w *work, stale error) ending {
	if stale != nil {
		return a.notSent(w, stale)
	}
	if err := a.settle(w); err != nil {
		return ending{w, lock.Failed, err}
	}
	if w.now.Action == Done {
		return ending{w: w, outcome: w.question.Record.Outcome}
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

// move carries out a step whose consumers are as the service needs them.
func (a *apply) move(ctx context.Context, w *work) ending {
	if why := a.changedSince(w); why != "" {
		return a.notSent(w, refuse("", "%s", why))
	}
	if w.now.Action == Keep {
		return a.end(w, attempt{outcome: lock.Keep, parts: recordParts(w.now.Parts)}, nil)
	}
	return a.send(ctx, w, w.now)
}

// settle records what reading has told of a step that an earlier apply left
// in doubt.
func (a *apply) settle(w *work) error {
	if w.now.settles == "" {
		return nil
	}
	s := *w.question.Record
	s.Outcome, s.At, s.Why = w.now.settles, a.r.world.Env.Now(), "settled by reading"
	if s.Undo != nil {
		undo := *s.Undo
		undo.Outcome = w.now.settlesUndo()
		s.Undo = &undo
	}
	if err := a.held.Record(a.plan.Run, s); err != nil {
		return err
	}
	w.question.Record = &s
	return nil
}

// pollEvery is how often the consumers' state is asked for while waiting.
const pollEvery = time.Second

// wait waits until the consumers are as the service needs them.
func (a *apply) wait(ctx context.Context, w *work) error {
	until := a.r.world.Env.Now().Add(w.step.Idle.Wait)
	for w.now.Waits {
		left := until.Sub(a.r.world.Env.Now())
		switch {
		case a.stopped(ctx):
			return fmt.Errorf("%w while waiting for its consumers", ErrInterrupted)
		case left <= 0:
			return refuse("", "after waiting %s the group is still %s", span(w.step.Idle.Wait), state(w.snapshot.Activity))
		}
		a.r.tell(Event{Step: w.id, Kind: Waiting, Text: fmt.Sprintf("waiting up to %s more; the group is %s", span(left), state(w.snapshot.Activity))})
		if err := a.pause(ctx, min(pollEvery, left)); err != nil {
			return err
		}
		if err := a.r.look(ctx, []*work{w}); err != nil {
			return err
		}
		w.now = w.again()
	}
	return nil
}

// pause waits for d, or until the apply is asked to stop.
func (a *apply) pause(ctx context.Context, d time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-a.options.Stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := a.r.world.Patience.Sleep(ctx, d); err != nil {
		return fmt.Errorf("%w while waiting for its consumers", ErrInterrupted)
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
	sent := attempt{outcome: lock.InDoubt, why: "sent; its answer was not recorded", parts: recordParts(moved(step.Parts))}
	if err := a.record(w, sent); err != nil {
		return ending{w, lock.Failed, fmt.Errorf("it was not sent, for it could not be recorded: %w", err)}
	}
	a.r.tell(Event{Step: w.id, Kind: Sending, Text: "sending " + Plural(len(sent.parts), "position")})
	// A step under way is finished when the user asks to stop; only a second
	// request cancels ctx.
	sending, cancel := context.WithTimeout(ctx, w.conn.config.Timeout)
	receipt, err := a.r.world.Patience.Reset(sending, w.conn, move)
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
	if refusals := take(sent.parts, receipt); refusals != nil {
		if _, err := a.readBack(ctx, w, &sent); err != nil {
			refusals = fmt.Errorf("%w; the others could not be read back: %w", refusals, err)
		}
		sent.outcome, sent.why = lock.Failed, refusals.Error()
		return a.end(w, sent, refusals)
	}
	return a.verify(ctx, w, sent)
}

// turnedDown ends a step that the service did not carry out.
func (a *apply) turnedDown(w *work, sent attempt, err error) ending {
	sent.outcome, sent.why, sent.parts = lock.Failed, err.Error(), nil
	if errors.Is(err, providers.ErrPrecondition) {
		sent.outcome = lock.Refused
	}
	return a.end(w, sent, err)
}

// take notes what the service says of each of the parts, which are sorted:
// where it has put one whose place it found itself, and which it refused. It
// returns the refusals' errors, or nil where there are none.
func take(parts []lock.Part, receipt providers.Receipt) error {
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
	return fmt.Errorf("%d of %d parts were refused, the others were moved: %w", len(errs), len(parts), errors.Join(errs...))
}

// end records an attempt and makes an ending of it.
func (a *apply) end(w *work, at attempt, err error) ending {
	if failed := a.record(w, at); failed != nil {
		return ending{w, at.outcome, errors.Join(err, fmt.Errorf("its outcome, %s, could not be recorded: %w", at.outcome, failed))}
	}
	return ending{w, at.outcome, err}
}

// record writes an attempt into the lock: as the step's own state, or as an
// attempt to take it back.
func (a *apply) record(w *work, at attempt) error {
	now := a.r.world.Env.Now()
	s := lock.Step{
		ID: w.id, Digest: w.question.Digest, Address: w.address(), Outcome: at.outcome, RequestID: at.requestID,
		At: now, Why: at.why, Promise: w.now.promise,
		Parts: w.merge(at.parts),
	}
	if a.plan.Undo {
		s = *w.question.Record
		s.Undo = &lock.Undo{Outcome: at.outcome, By: a.r.world.By, RequestID: at.requestID, At: now.UTC().Truncate(time.Millisecond), Why: at.why, Parts: at.parts}
		if at.outcome.Done() {
			s.Outcome, s.At, s.Why = lock.Undone, now, ""
		}
	}
	return a.held.Record(a.plan.Run, s)
}

// touched notes that a step may have moved something.
func (a *apply) touched(w *work) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.changed = true
	if a.sent == nil {
		a.sent = map[string]bool{}
	}
	a.sent[w.id] = true
}

// merge adds to what this attempt knows the parts that an earlier one, which
// it resumes, had moved.
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
	slices.SortFunc(parts, func(p, q lock.Part) int { return p.Part.Compare(q.Part) })
	return parts
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

func recordParts(parts []Part) []lock.Part {
	out := make([]lock.Part, 0, len(parts))
	for _, p := range parts {
		out = append(out, lock.Part{Part: p.Part, Before: p.Before, After: p.After, ReadUpTo: p.readUpTo, Kept: p.standing, LogID: p.LogID})
	}
	return out
}
