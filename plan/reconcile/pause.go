package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// This program is responsible for consumers that it has stopped: by a pause of the
// service that runs them, or by an operator's workload. A stop and a start are intents
// like a reset: recorded before they are sent, and concluded only by an observation.
// While lock.Step.Paused is set, in any run, this program may have stopped the
// consumers; it is removed after they were seen running.

// findPaused returns the record that the consumers of a job were paused by this
// program, for its target or for another one of the same workload; nil = they were not.
func findPaused(paused []lock.PausedStep, j *survey.Job) *lock.PausedStep {
	for _, one := range paused {
		if one.Step.Paused.Owed() && runs(&one.Step, j) {
			return &one
		}
	}
	return nil
}

// findStopped is findPaused for consumers that were stopped at the end of a replay.
func findStopped(halted []lock.PausedStep, j *survey.Job) *lock.Paused {
	for _, one := range halted {
		if !one.Step.Paused.Owed() && runs(&one.Step, j) {
			return one.Step.Paused
		}
	}
	return nil
}

// runs reports whether a record of stopped consumers is about those of a job.
func runs(s *lock.Step, j *survey.Job) bool {
	return j.Is(s) || s.Paused.Workload != "" && s.Paused.Workload == j.Step.Idle.Workload
}

// leftPaused describes the consumers in a lock that are paused for a step which
// is not among these.
func leftPaused(f *lock.File, all []*survey.Target) (out []string) {
	for _, one := range f.Paused() {
		if !slices.ContainsFunc(all, func(t *survey.Target) bool { return findPaused([]lock.PausedStep{one}, t.Job) != nil }) {
			out = append(out, fmt.Sprintf("%s, %s", pausedName(one), one.Step.Paused.What()))
		}
	}
	return out
}

// pausedName names recorded consumers.
func pausedName(p lock.PausedStep) string {
	return fmt.Sprintf("%s (step %s of run %s)", p.Step.Address, p.Step.ID, p.Run)
}

// leftPaused adds the consumers that are still paused to the error of an apply.
func (a *apply) leftPaused(err error) error { return stillPaused(a.held.File(), err) }

// stillPaused adds the consumers that a lock records as paused to the error of a
// command.
func stillPaused(f *lock.File, err error) error {
	var left []string
	for _, one := range f.Paused() {
		name := pausedName(one)
		if w := one.Step.Paused.Workload; w != "" {
			name += ", workload " + w
		}
		left = append(left, name)
	}
	if len(left) == 0 {
		return err
	}
	return alsoUnfinished(err, "STILL PAUSED by this program: "+text.JoinReasons(left)+"; run `resetplan resume` with the plan, or start it manually")
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

// A halt is consumers that this apply may stop, or that an earlier one has left stopped:
// those of one target, or of several that share a workload. They are stopped once,
// before the first of these targets, and started once, after the last.
type halt struct {
	mu      sync.Mutex // held while the consumers are stopped or started
	waiting int        // targets that have not ended
	record  *lock.PausedStep
	stopped bool           // this apply has stopped them
	unknown bool           // whether a pause took effect is unknown: the next apply decides by the state that it reads
	tried   bool           // a start has failed in this apply
	last    *survey.Target // the target that ended last
}

// addHalts adds the consumers of targets that this apply may stop or start.
func (a *apply) addHalts(all []*survey.Target) {
	if a.halts == nil {
		a.halts = map[string]*halt{}
	}
	for _, t := range all {
		key := haltKey(t)
		if key == "" {
			continue
		}
		if a.halts[key] == nil {
			a.halts[key] = &halt{record: t.PausedBy}
		}
		a.halts[key].waiting++
		a.halts[key].last = t
	}
}

// haltKey identifies the consumers of a target: by the workload that this program has
// stopped, by the one that it may stop, or by the target itself; "" = it never stops them.
func haltKey(t *survey.Target) string {
	switch workload := workloadName(t.PausedBy, t); {
	case t.Target == nil:
		return ""
	case workload != "":
		return "workload " + workload
	case t.PausedBy != nil || t.Step.Idle.Pause:
		return t.Target.Identity()
	}
	return ""
}

// join copies into a target whether its consumers are stopped by now.
func (h *halt) join(t *survey.Target) {
	h.mu.Lock()
	defer h.mu.Unlock()
	had := t.Question.Paused != nil
	if h.share(t); had != (t.Question.Paused != nil) && t.Now.Action != plan.Done {
		t.Again()
	}
}

// share copies the record of the halt into a target. The caller holds the halt.
func (h *halt) share(t *survey.Target) {
	if t.PausedBy, t.Question.Paused = h.record, nil; h.record != nil {
		t.Question.Paused = h.record.Step.Paused
	}
}

// stopAndMove applies a step whose consumers this program stops for it. They are started
// again whatever the outcome of the reset: see release.
func (a *apply) stopAndMove(ctx context.Context, t *survey.Target, h *halt) ending {
	if e, ended := a.stop(ctx, t, h); ended {
		return e
	}
	return a.whilePaused(ctx, t)
}

// stop stops a step's consumers, unless this program has done so. It reports whether the
// step ends there.
func (a *apply) stop(ctx context.Context, t *survey.Target, h *halt) (ending, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.share(t); h.stopped || h.record != nil && t.Snapshot.Activity.State != providers.Active {
		return ending{}, false
	}
	s, err := a.switcherOf(t, h)
	if err != nil {
		return a.notSent(t, err), true
	}
	if !s.runs(ctx) {
		return ending{}, false // its consumers were not started
	}
	return a.stopBy(ctx, t, h, s)
}

// stopBy records a stop and sends it. The caller holds the halt.
func (a *apply) stopBy(ctx context.Context, t *survey.Target, h *halt, s switcher) (ending, bool) {
	if err := a.intendPause(ctx, t, h); err != nil {
		return ending{t, lock.Failed, fmt.Errorf("not paused: the lock could not be written: %w", err)}, true
	}
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting, Text: s.stopping()})
	h.stopped = true
	err := s.stop(ctx)
	if a.stirred(); err != nil {
		return a.stopFailed(ctx, t, h, err)
	}
	return ending{}, false
}

// stopFailed concludes a stop that failed or was not answered, by the state that the
// service reports. It reports whether the step ends there. A command that failed may
// have stopped some of the consumers: the step is not sent, and release starts them.
func (a *apply) stopFailed(ctx context.Context, t *survey.Target, h *halt, err error) (ending, bool) {
	if h.record.Step.Paused.Workload != "" {
		return a.notSent(t, fmt.Errorf("it could not be stopped: %w", err)), true
	}
	switch state := a.observe(ctx, t); {
	case state == providers.Idle:
		return ending{}, false // it took effect
	case state == providers.Active && !errors.Is(err, providers.ErrInDoubt):
		if failed := a.running(t, h); failed != nil {
			err = errors.Join(err, failed)
		}
		return a.notSent(t, fmt.Errorf("it could not be paused: %w", err)), true
	}
	h.unknown = true
	if failed := a.intend(t, h, lock.Pausing, "whether the pause took effect is unknown: "+err.Error()); failed != nil {
		err = errors.Join(err, failed)
	}
	return a.notSent(t, fmt.Errorf("whether it is paused is unknown: %w", err)), true
}

// intend records the next request to what runs the consumers.
func (a *apply) intend(t *survey.Target, h *halt, doing lock.PauseIntent, why string) error {
	run, s := a.plan.Run, a.held.Step(a.plan.Run, t.Question.Digest)
	switch {
	case h.record != nil:
		run, s = h.record.Run, a.held.Step(h.record.Run, h.record.Step.Digest)
	case s == nil:
		unsent := a.recordOf(t, attempt{outcome: lock.NotRun, why: "the apply ended before the reset was sent"})
		s = &unsent
	}
	paused := lock.Paused{Doing: doing, By: a.r.Deps.By, Since: lock.AtTime(a.r.Deps.Process.Now()), Workload: workloadName(h.record, t), Why: why}
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
	h.record = &lock.PausedStep{Run: run, Step: *s}
	t.PausedBy, t.Question.Paused = h.record, s.Paused
	return nil
}

// intendPause records a stop that is about to be sent, with what the service reports
// of the consumers while they still run.
func (a *apply) intendPause(ctx context.Context, t *survey.Target, h *halt) error {
	t.Evidence = a.evidenceBefore(ctx, t)
	return a.intend(t, h, lock.Pausing, "")
}

// running concludes the intents after the consumers were seen running.
func (a *apply) running(t *survey.Target, h *halt) error {
	s := a.held.Step(h.record.Run, h.record.Step.Digest)
	s.Paused = nil
	if err := a.held.Record(h.record.Run, *s); err != nil {
		return err
	}
	h.record, h.stopped, t.PausedBy, t.Question.Paused = nil, false, nil, nil
	return nil
}

// observe reads the state of the step's consumers.
func (a *apply) observe(ctx context.Context, t *survey.Target) providers.State {
	if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil || t.Snapshot.Err != nil {
		return providers.UnknownState
	}
	t.Again()
	return t.Snapshot.Activity.State
}

// whilePaused moves a step on a reading made after the stop.
func (a *apply) whilePaused(ctx context.Context, t *survey.Target) ending {
	if err := a.waitForStop(ctx, t); err != nil {
		return a.notSent(t, err)
	}
	if t.Now.Error != "" {
		return a.notSent(t, t.Snapshot.Err)
	}
	if t.Snapshot.Activity.State == providers.Active {
		return a.notSent(t, plan.Refuse("keep its consumers stopped until the reset was applied, and run apply again",
			"it was paused, and is %s again", decide.ActivityText(t.Snapshot.Activity)))
	}
	return a.move(ctx, t)
}
