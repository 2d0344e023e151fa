package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// This program is responsible for consumers that it has paused. A pause and a
// start are intents like a reset: recorded before they are sent, and concluded only
// by an observation. While lock.Step.Paused is set, in any run, this program may
// have paused the consumers; it is removed after they were seen running.

// findPaused returns the record that the consumers of a job's target were paused
// by this program, or nil.
func findPaused(f *lock.File, j *job) *lock.PausedStep {
	for _, one := range f.Paused() {
		if j.is(&one.Step) {
			return &one
		}
	}
	return nil
}

// leftPaused describes the consumers in a lock that are paused for a step which
// is not among these.
func leftPaused(f *lock.File, all []*work) (out []string) {
	for _, one := range f.Paused() {
		if !slices.ContainsFunc(all, func(w *work) bool { return w.is(&one.Step) }) {
			out = append(out, fmt.Sprintf("%s (step %s of run %s), paused by %s since %s",
				one.Step.Address, one.Step.ID, one.Run, one.Step.Paused.By, stamp(one.Step.Paused.Since)))
		}
	}
	return out
}

// leftPaused adds the consumers that are still paused to the error of an apply.
func (a *apply) leftPaused(err error) error { return stillPaused(a.held.File(), err) }

// stillPaused adds the consumers that a lock records as paused to the error of a
// command.
func stillPaused(f *lock.File, err error) error {
	var left []string
	for _, one := range f.Paused() {
		left = append(left, fmt.Sprintf("%s (step %s of run %s)", one.Step.Address, one.Step.ID, one.Run))
	}
	if len(left) == 0 {
		return err
	}
	reason := "STILL PAUSED by this program: " + joined(left) + "; apply a plan that has the step, or start it manually"
	if err != nil {
		reason = err.Error() + "; " + reason
	}
	if errors.Is(err, ErrInterrupted) {
		return fmt.Errorf("%w: %s", ErrInterrupted, strings.TrimPrefix(reason, ErrInterrupted.Error()+": "))
	}
	return &Incomplete{Reason: reason, Err: err}
}

// WithPaused adds the consumers that the lock records as paused to an error that
// ends a command before it has read its targets.
func WithPaused(lockPath string, err error) error {
	if err == nil || lockPath == "" {
		return err
	}
	f, unread := lock.Read(lockPath)
	if unread != nil {
		return err
	}
	return stillPaused(f, err)
}

// paused applies a step whose consumers the service itself can pause: pause, reset,
// start. They are started again whatever the outcome of the reset.
func (a *apply) paused(ctx context.Context, w *work) ending {
	pauser, ok := w.conn.pauser()
	if !ok {
		return a.notSent(w, fmt.Errorf("%w: %s cannot pause consumers", providers.ErrUnsupported, w.conn.kind.Type()))
	}
	if w.pausedBy == nil || w.snapshot.Activity.State == providers.Active {
		if err := a.intend(w, lock.Pausing, ""); err != nil {
			return ending{w, lock.Failed, fmt.Errorf("not paused: the lock could not be written: %w", err)}
		}
		a.r.tell(Event{Step: w.id, Kind: Waiting, Text: "pausing " + w.address()})
		err := a.bounded(ctx, w, func(ctx context.Context) error { return pauser.Pause(ctx, w.target) })
		if err != nil {
			a.touched(w)
			if e, ended := a.pauseFailed(ctx, w, err); ended {
				return e
			}
		}
	}
	a.touched(w)
	e := a.whilePaused(ctx, w)
	return a.startAgain(ctx, w, pauser, e)
}

// intend records the next request to the service that runs the consumers.
func (a *apply) intend(w *work, doing lock.PauseIntent, why string) error {
	run, s := a.plan.Run, a.held.Step(a.plan.Run, w.question.Digest)
	switch {
	case w.pausedBy != nil:
		run, s = w.pausedBy.Run, a.held.Step(w.pausedBy.Run, w.pausedBy.Step.Digest)
	case s == nil:
		fresh := a.recordOf(w, attempt{outcome: lock.NotRun, why: "the apply ended before the reset was sent"})
		s = &fresh
	}
	paused := lock.Paused{Doing: doing, By: a.r.world.By, Since: a.r.world.Env.Now(), Why: why}
	if s.Paused != nil {
		paused.By, paused.Since = s.Paused.By, s.Paused.Since
	}
	s.Paused = &paused
	if err := a.held.Record(run, *s); err != nil {
		return err
	}
	w.pausedBy = &lock.PausedStep{Run: run, Step: *s}
	w.question.Paused = s.Paused
	return nil
}

// running concludes the intents after the consumers were seen running.
func (a *apply) running(w *work) error {
	s := a.held.Step(w.pausedBy.Run, w.pausedBy.Step.Digest)
	s.Paused = nil
	if err := a.held.Record(w.pausedBy.Run, *s); err != nil {
		return err
	}
	w.pausedBy, w.question.Paused = nil, nil
	return nil
}

// pauseFailed concludes a pause that failed or was not answered, by the state that
// the service reports. It reports whether the step ends there.
func (a *apply) pauseFailed(ctx context.Context, w *work, err error) (ending, bool) {
	switch state := a.observe(ctx, w); {
	case state == providers.Idle:
		return ending{}, false // it took effect
	case state == providers.Active && !errors.Is(err, providers.ErrInDoubt):
		if failed := a.running(w); failed != nil {
			err = errors.Join(err, failed)
		}
		return a.notSent(w, fmt.Errorf("it could not be paused: %w", err)), true
	}
	if failed := a.intend(w, lock.Pausing, "whether the pause took effect is unknown: "+err.Error()); failed != nil {
		err = errors.Join(err, failed)
	}
	return a.notSent(w, fmt.Errorf("whether it is paused is unknown: %w", err)), true
}

// observe reads the state of the step's consumers.
func (a *apply) observe(ctx context.Context, w *work) providers.State {
	if err := a.r.look(ctx, []*work{w}); err != nil || w.snapshot.Err != nil {
		return providers.UnknownState
	}
	w.again()
	return w.snapshot.Activity.State
}

func (a *apply) whilePaused(ctx context.Context, w *work) ending {
	if err := a.r.look(ctx, []*work{w}); err != nil {
		return a.notSent(w, err)
	}
	w.again()
	if w.now.Error != "" {
		return a.notSent(w, w.snapshot.Err)
	}
	if w.snapshot.Activity.State == providers.Active {
		return a.notSent(w, refuse("", "it was paused, and is %s again", state(w.snapshot.Activity)))
	}
	return a.move(ctx, w)
}

// startAgain starts the consumers that this program has paused. If that fails, it
// adds the failure to the outcome of the reset.
func (a *apply) startAgain(ctx context.Context, w *work, pauser providers.Pauser, e ending) ending {
	if err := a.intend(w, lock.Starting, ""); err != nil {
		return ending{w, e.outcome, errors.Join(e.err, fmt.Errorf("THE PIPELINE IS STILL PAUSED: the lock could not be written: %w", err))}
	}
	a.r.tell(Event{Step: w.id, Kind: Waiting, Text: "starting " + w.address()})
	err := a.bounded(ctx, w, func(ctx context.Context) error { return pauser.Start(ctx, w.target, w.step.Start) })
	if err == nil || a.observe(ctx, w) == providers.Active {
		if err := a.running(w); err != nil {
			return ending{w, e.outcome, errors.Join(e.err, fmt.Errorf("it is running again, but that could not be recorded: %w", err))}
		}
		return e
	}
	why := fmt.Sprintf("THE PIPELINE IS STILL PAUSED: restarting it failed; start it manually, or apply again: %v", err)
	if failed := a.intend(w, lock.Starting, "restarting it failed: "+err.Error()); failed != nil {
		why += "; " + failed.Error()
	}
	return ending{w, e.outcome, errors.Join(e.err, errors.New(why))}
}

// doneBefore ends a step that this run has already applied, and starts its
// consumers if an earlier apply was interrupted before doing so.
func (a *apply) doneBefore(ctx context.Context, w *work) ending {
	e := ending{w: w, outcome: w.question.Record.Outcome}
	if w.pausedBy == nil {
		return e
	}
	if w.snapshot.Err == nil && w.snapshot.Activity.State == providers.Active {
		if err := a.running(w); err != nil {
			e.err = err
		}
		return e
	}
	pauser, ok := w.conn.pauser()
	if !ok {
		return e
	}
	a.touched(w)
	return a.startAgain(ctx, w, pauser, e)
}

// changeOfState is how long a pause or a start may take in addition to one
// request: the status is read until it has changed.
const changeOfState = 3 * time.Minute

func (a *apply) bounded(ctx context.Context, w *work, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.conn.config.Timeout+changeOfState)
	defer cancel()
	return a.r.world.Retry.Do(ctx, func() error { return call(ctx) })
}
