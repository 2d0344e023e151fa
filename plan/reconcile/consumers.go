package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A switcher stops and starts the consumers of a step: the service that runs them, or a
// workload of the operator.
type switcher interface {
	runs(ctx context.Context) bool  // there is something to stop
	stop(ctx context.Context) error // the request was accepted; what it did is read from the service
	start(ctx context.Context) error
	isRunning(done bool) bool // the last reading proves that nothing has to be started
	stopping() string         // what happens, for progress
	starting() string
	stillStopped() string // the start of a message
	remedy() string
}

// workloadName returns the workload that runs the consumers: the recorded one, or the
// step's; "" = the service itself does.
func workloadName(record *lock.PausedStep, t *survey.Target) string {
	switch {
	case record != nil:
		return record.Step.Paused.Workload
	case t.Step == nil:
		return ""
	}
	return t.Step.Idle.Workload
}

// switcherOf returns what stops and starts a step's consumers.
func (a *apply) switcherOf(t *survey.Target, h *halt) (switcher, error) {
	if name := workloadName(h.record, t); name != "" {
		w := a.r.Deps.Workloads[name]
		if w == nil {
			return nil, plan.Refuse("add it under workloads, so that its consumers can be started", "%s",
				operator.NoWorkload(name, a.r.Deps.Process.ConfigFile))
		}
		return &byWorkload{a, t, name, w}, nil
	}
	pauser, ok := t.Conn.Pauser()
	if !ok {
		return nil, fmt.Errorf("%w: %s cannot pause consumers", providers.ErrUnsupported, t.Conn.Kind.Type())
	}
	return &byService{a, t, pauser}, nil
}

// byService pauses and starts consumers that the service itself runs.
type byService struct {
	a      *apply
	t      *survey.Target
	pauser providers.Pauser
}

func (s *byService) runs(context.Context) bool { return true }
func (s *byService) stopping() string          { return "pausing " + s.t.Address() }
func (s *byService) starting() string          { return "starting " + s.t.Address() }
func (s *byService) stillStopped() string      { return "THE PIPELINE IS STILL PAUSED" }
func (s *byService) remedy() string            { return "start it manually, or apply again" }

func (s *byService) stop(ctx context.Context) error {
	return s.a.changeState(ctx, s.t, func(ctx context.Context) error { return s.pauser.Pause(ctx, s.t.Target) })
}

// start returns nil if the consumers were seen running, also if the answer was lost.
func (s *byService) start(ctx context.Context) error {
	err := s.a.changeState(ctx, s.t, func(ctx context.Context) error { return s.pauser.Start(ctx, s.t.Target, s.t.Step.Start) })
	if err != nil && s.a.observe(ctx, s.t) == providers.Active {
		return nil
	}
	return err
}

func (s *byService) isRunning(done bool) bool {
	return done && s.t.Snapshot.Err == nil && s.t.Snapshot.Activity.State == providers.Active
}

// byWorkload stops and starts consumers by the operator's commands.
type byWorkload struct {
	a *apply
	t *survey.Target

	name string
	w    survey.Workload
}

func (s *byWorkload) stopping() string     { return "stopping the workload " + s.name }
func (s *byWorkload) starting() string     { return "starting the workload " + s.name }
func (s *byWorkload) stillStopped() string { return "THE WORKLOAD " + s.name + " IS STILL STOPPED" }
func (s *byWorkload) remedy() string {
	return "start it manually, or run `resetplan resume` with the plan"
}

func (s *byWorkload) stop(ctx context.Context) error { return s.w.Stop(ctx) }

// runs asks the workload only if the service does not report active consumers: what was
// stopped on purpose is neither stopped nor started.
func (s *byWorkload) runs(ctx context.Context) bool {
	if s.t.Snapshot.Activity.State == providers.Active {
		return true
	}
	running, known := s.w.Running(ctx)
	return running || !known
}

// isRunning is false: a service reports consumers that were killed as active until their
// session ends, so that only another start proves that they run. It does no harm if they do.
func (s *byWorkload) isRunning(bool) bool { return false }

// start starts the consumers and waits until the service reports them active, or, if it
// does not within the time or cannot report it exactly, until the workload does.
func (s *byWorkload) start(ctx context.Context) error {
	if err := s.w.Start(ctx); err != nil {
		return err
	}
	_, most := s.w.Times()
	for left := s.a.countdown(most); ; {
		state, left := s.a.observe(ctx, s.t), left()
		if state == providers.Active {
			return nil
		}
		if left <= 0 || s.t.Conn.Caps.Activity != providers.Exact {
			if running, _ := s.w.Running(ctx); running {
				return nil
			}
		}
		if left <= 0 {
			return fmt.Errorf("after %s the service still reports that the group is %s", text.Span(most), s.seen())
		}
		s.a.r.Report(survey.Event{Step: s.t.ID, Kind: survey.Waiting,
			Text: fmt.Sprintf("waiting up to %s more until the workload %s is active", text.Span(left), s.name)})
		if err := s.a.r.Deps.Retry.Sleep(ctx, min(pollEvery, left)); err != nil {
			return fmt.Errorf("%w while waiting until it is active", ErrInterrupted)
		}
	}
}

func (s *byWorkload) seen() string {
	if s.t.Snapshot.Err != nil {
		return "unknown: " + s.t.Snapshot.Err.Error()
	}
	return decide.ActivityText(s.t.Snapshot.Activity)
}

// waitForStop reads a step until the service reports its consumers idle. A service that
// pauses them itself has reported that before; a workload is stopped when the service
// reports so, not when its command has ended.
func (a *apply) waitForStop(ctx context.Context, t *survey.Target) error {
	name := workloadName(t.PausedBy, t)
	w := a.r.Deps.Workloads[name]
	var wait time.Duration
	if w != nil {
		wait, _ = w.Times()
	}
	for left := a.countdown(wait); ; {
		if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil {
			return err
		}
		t.Again()
		left := left()
		if w == nil || t.Snapshot.Err == nil && t.Snapshot.Activity.State == providers.Idle {
			break
		}
		if left <= 0 {
			if t.Snapshot.Err != nil {
				return t.Snapshot.Err
			}
			return plan.Refuse("", "%s after the workload %s was stopped, the group is still %s. Check that the workload runs all consumers of the group, "+
				"or set a longer time in its key stopped", text.Span(wait), name, decide.ActivityText(t.Snapshot.Activity))
		}
		if a.stopped(ctx) {
			return fmt.Errorf("%w while waiting for its consumers", ErrInterrupted)
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting,
			Text: fmt.Sprintf("waiting up to %s more; the group is %s", text.Span(left), decide.ActivityText(t.Snapshot.Activity))})
		if err := a.sleep(ctx, min(pollEvery, left), "its consumers"); err != nil {
			return err
		}
	}
	if w != nil && (t.Now.Action == plan.Reset || t.Now.Action == plan.Keep) {
		a.recalculated(t)
	}
	return nil
}

// release ends a step's use of consumers that are stopped, and starts them after the last
// one. If steps may be rolled back at the end, they are started after that.
func (a *apply) release(ctx context.Context, t *survey.Target, h *halt, e ending) ending {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting--
	h.last = t
	if h.record == nil || h.unknown || h.waiting > 0 || a.r.Doc.OnError == "undo" {
		return e
	}
	return a.restart(ctx, t, h, e)
}

// startLeft starts consumers that are still stopped at the end of an apply: because of
// steps that were not run, or after a rollback.
func (a *apply) startLeft(ctx context.Context) (failed []ending) {
	for _, key := range slices.Sorted(maps.Keys(a.halts)) {
		h := a.halts[key]
		if h.record == nil || h.unknown || h.tried {
			continue
		}
		e := ending{target: h.last, outcome: lock.NotRun}
		if s := a.held.Step(a.plan.Run, h.last.Question.Digest); s != nil {
			e.outcome = s.Outcome
		}
		if e = a.restart(ctx, h.last, h, e); e.err != nil {
			failed = append(failed, e)
		}
	}
	return failed
}

// restart starts the consumers that this program has stopped. If that fails, it adds the
// failure to the outcome of the reset.
func (a *apply) restart(ctx context.Context, t *survey.Target, h *halt, e ending) ending {
	h.tried = true
	s, err := a.switcherOf(t, h)
	if err != nil {
		return ending{t, e.outcome, errors.Join(e.err, err)}
	}
	before := h.record.Step.Evidence
	if s.isRunning(t.Now.Action == plan.Done) {
		if err := a.running(t, h); err != nil {
			return ending{t, e.outcome, errors.Join(e.err, err)}
		}
		return a.prove(ctx, t, before, e)
	}
	if ctx.Err() != nil { // the record stays as it is: a stop may be under way
		return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("%s: %w before it was started; %s", s.stillStopped(), ErrInterrupted, s.remedy()))}
	}
	a.stirred()
	if err := a.intend(t, h, lock.Starting, ""); err != nil {
		return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("%s: the lock could not be written: %w", s.stillStopped(), err))}
	}
	a.r.Report(survey.Event{Step: t.ID, Kind: survey.Waiting, Text: s.starting()})
	if err = s.start(ctx); err == nil {
		if err := a.running(t, h); err != nil {
			return ending{t, e.outcome, errors.Join(e.err, fmt.Errorf("it is running again, but that could not be recorded: %w", err))}
		}
		return a.prove(ctx, t, before, e)
	}
	why := fmt.Sprintf("%s: restarting it failed; %s: %v", s.stillStopped(), s.remedy(), err)
	if failed := a.intend(t, h, lock.Starting, "restarting it failed: "+err.Error()); failed != nil {
		why += "; " + failed.Error()
	}
	return ending{t, e.outcome, errors.Join(e.err, errors.New(why))}
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
