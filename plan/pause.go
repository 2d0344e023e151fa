package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// paused carries out a step whose consumers the service itself pauses: pause,
// reset, start again. They are started again whatever became of the reset, for
// it was this apply that stopped them, and a start that fails is an error of
// the step as much as a reset that fails.
func (a *apply) paused(ctx context.Context, w *work) ending {
	pauser, ok := w.conn.Connection.(providers.Pauser)
	if !ok {
		return a.notSent(w, fmt.Errorf("%w: %s cannot pause what it runs", providers.ErrUnsupported, w.conn.kind.Type()))
	}
	if err := a.record(w, attempt{outcome: lock.NotRun, why: "it was being paused when the apply was cut off: see whether it runs"}); err != nil {
		return ending{w, lock.Failed, fmt.Errorf("it was not paused, for that could not be recorded: %w", err)}
	}
	a.r.tell(Event{Step: w.id, Kind: Waiting, Text: "pausing " + w.address()})
	if err := a.bounded(ctx, w, func(ctx context.Context) error { return pauser.Pause(ctx, w.target) }); err != nil {
		if errors.Is(err, providers.ErrInDoubt) {
			a.touched(w)
		}
		return a.notSent(w, fmt.Errorf("it could not be paused: %w", err))
	}
	a.touched(w)
	e := a.whilePaused(ctx, w)
	a.r.tell(Event{Step: w.id, Kind: Waiting, Text: "starting " + w.address()})
	if err := a.bounded(ctx, w, func(ctx context.Context) error { return pauser.Start(ctx, w.target, w.step.Start) }); err != nil {
		return a.notStarted(w, e, err)
	}
	return e
}

func (a *apply) whilePaused(ctx context.Context, w *work) ending {
	if err := a.r.look(ctx, []*work{w}); err != nil {
		return a.notSent(w, err)
	}
	if w.now = w.again(); w.now.Pauses {
		return a.notSent(w, refuse("", "it was paused, and is %s again", state(w.snapshot.Activity)))
	}
	return a.move(ctx, w)
}

// notStarted adds to what became of a reset that its consumers stand still.
func (a *apply) notStarted(w *work, e ending, err error) ending {
	why := fmt.Sprintf("IT IS PAUSED AND COULD NOT BE STARTED AGAIN, start it by hand: %v", err)
	at := attempt{outcome: e.outcome, why: why}
	if s := a.held.Step(a.plan.Run, w.question.Digest); s != nil {
		at.requestID, at.parts = s.RequestID, s.Parts
		if s.Why != "" {
			at.why = s.Why + "; " + why
		}
	}
	return a.end(w, at, errors.Join(e.err, errors.New(why)))
}

// changeOfState is how long a pause or a start may take beyond the time of one
// request: the service is asked for its status until it has changed.
const changeOfState = 3 * time.Minute

func (a *apply) bounded(ctx context.Context, w *work, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.conn.config.Timeout+changeOfState)
	defer cancel()
	return w.conn.secrets.HideError(a.r.world.Patience.Do(ctx, func() error { return call(ctx) }))
}
