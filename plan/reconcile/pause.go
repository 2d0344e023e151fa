package reconcile

import (
	"context"
	"errors"
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

// This program is responsible for consumers that it has paused. A pause and a
// start are intents like a reset: recorded before they are sent, and concluded only
// by an observation. While lock.Step.Paused is set, in any run, this program may
// have paused the consumers; it is removed after they were seen running.

// findPaused returns the record that the consumers of a job's target were paused
// by this program, or nil.
func findPaused(paused []lock.PausedStep, j *survey.Job) *lock.PausedStep {
	for _, one := range paused {
		if j.Is(&one.Step) {
			return &one
		}
	}
	return nil
}

// leftPaused describes the consumers in a lock that are paused for a step which
// is not among these.
func leftPaused(f *lock.File, all []*survey.Target) (out []string) {
	for _, one := range f.Paused() {
		if !slices.ContainsFunc(all, func(t *survey.Target) bool { return t.Is(&one.Step) }) {
			out = append(out, fmt.Sprintf("%s (step %s of run %s), paused by %s since %s",
				one.Step.Address, one.Step.ID, one.Run, one.Step.Paused.By, text.Stamp(one.Step.Paused.Since.Time)))
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
	reason := "STILL PAUSED by this program: " + text.JoinReasons(left) + "; apply a plan that has the step, or start it manually"
	if err != nil {
		reason = err.Error() + "; " + reason
	}
	if errors.Is(err, ErrInterrupted) {
		return fmt.Errorf("%w: %s", ErrInterrupted, strings.TrimPrefix(reason, ErrInterrupted.Error()+": "))
	}
	return &plan.Incomplete{Reason: reason, Err: err}
}

// WithPaused adds the consumers that the lock records as paused to an error that
// ends a command before it has read its targets.
func WithPaused(ctx context.Context, lockPath string, err error) error {
	if err == nil || lockPath == "" {
		return err
	}
	f, unread := lock.ReadRun(ctx, lockPath, "")
	if unread != nil {
		return err
	}
	return stillPaused(f, err)
}

// pauseMoveStart applies a step whose consumers the service itself can pause: pause,
// reset, start. They are started again whatever the outcome of the reset.
func (a *apply) pauseMoveStart(ctx context.Context, t *survey.Target) ending {
	pauser, ok := t.Conn.Pauser()
	if !ok {
		return a.notSent(t, fmt.Errorf("%w: %s cannot pause consumers", providers.ErrUnsupported, t.Conn.Kind.Type()))
	}
	if t.PausedBy == nil || t.Snapshot.Activity.State == providers.Active {
		if err := a.intendPause(ctx, t); err != nil {
			return ending{t, lock.Failed, fmt.Errorf("not paused: the lock could not be written: %w", err)}
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting, Text: "pausing " + t.Address()})
		err := a.changeState(ctx, t, func(ctx context.Context) error { return pauser.Pause(ctx, t.Target) })
		if err != nil {
			a.touched(t)
			if e, ended := a.pauseFailed(ctx, t, err); ended {
				return e
			}
		}
	}
	a.touched(t)
	e := a.whilePaused(ctx, t)
	return a.restart(ctx, t, pauser, e)
}

// intend records the next request to the service that runs the consumers.
func (a *apply) intend(t *survey.Target, doing lock.PauseIntent, why string) error {
	run, s := a.plan.Run, a.held.Step(a.plan.Run, t.Question.Digest)
	switch {
	case t.PausedBy != nil:
		run, s = t.PausedBy.Run, a.held.Step(t.PausedBy.Run, t.PausedBy.Step.Digest)
	case s == nil:
		unsent := a.recordOf(t, attempt{outcome: lock.NotRun, why: "the apply ended before the reset was sent"})
		s = &unsent
	}
	paused := lock.Paused{Doing: doing, By: a.r.Deps.By, Since: lock.AtTime(a.r.Deps.Process.Now()), Why: why}
	if s.Paused != nil {
		paused.By, paused.Since = s.Paused.By, s.Paused.Since
	}
	s.Paused = &paused
	if t.Evidence != nil {
		s.Evidence = t.Evidence
	}
	if err := a.held.Record(run, *s); err != nil {
		return err
	}
	t.PausedBy = &lock.PausedStep{Run: run, Step: *s}
	t.Question.Paused = s.Paused
	return nil
}

// intendPause records a pause that is about to be sent, with what the service reports
// of the consumers while they still run.
func (a *apply) intendPause(ctx context.Context, t *survey.Target) error {
	t.Evidence = a.evidenceBefore(ctx, t)
	return a.intend(t, lock.Pausing, "")
}

// running concludes the intents after the consumers were seen running.
func (a *apply) running(t *survey.Target) error {
	s := a.held.Step(t.PausedBy.Run, t.PausedBy.Step.Digest)
	s.Paused = nil
	if err := a.held.Record(t.PausedBy.Run, *s); err != nil {
		return err
	}
	t.PausedBy, t.Question.Paused = nil, nil
	return nil
}

// pauseFailed concludes a pause that failed or was not answered, by the state that
// the service reports. It reports whether the step ends there.
func (a *apply) pauseFailed(ctx context.Context, t *survey.Target, err error) (ending, bool) {
	switch state := a.observe(ctx, t); {
	case state == providers.Idle:
		return ending{}, false // it took effect
	case state == providers.Active && !errors.Is(err, providers.ErrInDoubt):
		if failed := a.running(t); failed != nil {
			err = errors.Join(err, failed)
		}
		return a.notSent(t, fmt.Errorf("it could not be paused: %w", err)), true
	}
	if failed := a.intend(t, lock.Pausing, "whether the pause took effect is unknown: "+err.Error()); failed != nil {
		err = errors.Join(err, failed)
	}
	return a.notSent(t, fmt.Errorf("whether it is paused is unknown: %w", err)), true
}

// observe reads the state of the step's consumers.
func (a *apply) observe(ctx context.Context, t *survey.Target) providers.State {
	if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil || t.Snapshot.Err != nil {
		return providers.UnknownState
	}
	t.Again()
	return t.Snapshot.Activity.State
}

// whilePaused moves a step on a reading made after the pause.
func (a *apply) whilePaused(ctx context.Context, t *survey.Target) ending {
	if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil {
		return a.notSent(t, err)
	}
	t.Again()
	if t.Now.Error != "" {
		return a.notSent(t, t.Snapshot.Err)
	}
	if t.Snapshot.Activity.State == providers.Active {
		return a.notSent(t, plan.Refuse("", "it was paused, and is %s again", decide.ActivityText(t.Snapshot.Activity)))
	}
	return a.move(ctx, t)
}

// restart starts the consumers that this program has paused. If that fails, it
// adds the failure to the outcome of the reset.
func (a *apply) restart(ctx context.Context, t *survey.Target, pauser providers.Pauser, e ending) ending {
	if err := a.intend(t, lock.Starting, ""); err != nil {
		return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("THE PIPELINE IS STILL PAUSED: the lock could not be written: %w", err))}
	}
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting, Text: "starting " + t.Address()})
	err := a.changeState(ctx, t, func(ctx context.Context) error { return pauser.Start(ctx, t.Target, t.Step.Start) })
	if err == nil || a.observe(ctx, t) == providers.Active {
		before := t.PausedBy.Step.Evidence
		if err := a.running(t); err != nil {
			return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("it is running again, but that could not be recorded: %w", err))}
		}
		return a.prove(ctx, t, before, e)
	}
	why := fmt.Sprintf("THE PIPELINE IS STILL PAUSED: restarting it failed; start it manually, or apply again: %v", err)
	if failed := a.intend(t, lock.Starting, "restarting it failed: "+err.Error()); failed != nil {
		why += "; " + failed.Error()
	}
	return ending{t, e.outcome, errors.Join(e.err, errors.New(why))}
}

// doneBefore ends a step that this run has already applied, and starts its
// consumers if an earlier apply was interrupted before doing so.
func (a *apply) doneBefore(ctx context.Context, t *survey.Target) ending {
	e := ending{target: t, outcome: t.Question.Record.Outcome}
	if t.PausedBy == nil {
		return e
	}
	if t.Snapshot.Err == nil && t.Snapshot.Activity.State == providers.Active {
		before := t.PausedBy.Step.Evidence
		if e.err = a.running(t); e.err != nil {
			return e
		}
		return a.prove(ctx, t, before, e)
	}
	pauser, ok := t.Conn.Pauser()
	if !ok {
		return e
	}
	a.touched(t)
	return a.restart(ctx, t, pauser, e)
}

// changeOfState is how long a pause or a start may take in addition to one
// request: the status is read until it has changed.
const changeOfState = 3 * time.Minute

// changeState sends a pause or a start, with retries.
func (a *apply) changeState(ctx context.Context, t *survey.Target, call func(context.Context) error) error {
	ctx, free, err := a.held.Sending(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it names the lock
	}
	defer free()
	ctx, cancel := context.WithTimeout(ctx, t.Conn.Config.Timeout+changeOfState)
	defer cancel()
	return a.r.Deps.Retry.Do(ctx, func() error { return call(ctx) })
}
