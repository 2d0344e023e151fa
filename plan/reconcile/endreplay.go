package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// endReplay does what follows once steps that end together have passed their bounds.
func (a *apply) endReplay(ctx context.Context, p *party) (over []ending) {
	var err error
	switch then := schema.Then(p.members[0].t.Question.Record.Replay.Then); {
	case !then.Stops():
		err = a.finishReplay(p, "")
	case p.halt == nil:
		err = plan.Refuse("restore idle.workload of the step", "its replay ends with then: %s, and the plan names nothing that stops its consumers", then)
	case then == schema.ThenStop:
		if err = a.othersReplay(p); err == nil {
			err = a.stopForGood(ctx, p)
		}
	default:
		err = a.stopAndReturn(ctx, p)
	}
	if err != nil && !errors.Is(err, ErrInterrupted) {
		err = errors.Join(err, a.noteFailure(p, err))
	}
	for i, f := range p.members {
		e := ending{target: f.t, outcome: a.held.Recorded(a.plan.Run, f.t.Question.Digest).Outcome}
		if e.err = err; err != nil && i > 0 {
			e.err = unfinished("its replay ends with that of step %s, which shares its consumers", p.members[0].t.ID)
		}
		over = append(over, e)
	}
	if err == nil || p.halt == nil || p.halt.record == nil || p.halt.tried {
		return over
	}
	p.halt.mu.Lock()
	defer p.halt.mu.Unlock()
	over[0] = a.restart(ctx, p.members[0].t, p.halt, over[0]) // whatever the reason: they must not stay stopped
	return over
}

// noteFailure records why the end of a replay was not reached: the phase is repeated.
func (a *apply) noteFailure(p *party, why error) error {
	for _, f := range p.members {
		s := a.held.Step(a.plan.Run, f.t.Question.Digest)
		if !s.InReplay() || !s.Passed() {
			continue
		}
		failed := *s.Replay
		failed.Why = "the last attempt failed: " + why.Error()
		s.Replay = &failed
		if err := a.held.Record(a.plan.Run, *s); err != nil {
			return fmt.Errorf("that could not be recorded: %w", err)
		}
		f.t.Question.Record = s
	}
	return nil
}

// finishReplay records that the replays of steps are over, and how.
func (a *apply) finishReplay(p *party, how string) error {
	for _, f := range p.members {
		s := a.held.Step(a.plan.Run, f.t.Question.Digest)
		a.finished(s, how)
		if err := a.held.Record(a.plan.Run, *s); err != nil {
			return fmt.Errorf("the end of its replay could not be recorded: %w", err)
		}
		f.t.Question.Record = s
	}
	return nil
}

// finished ends the replay in a record.
func (a *apply) finished(s *lock.Step, how string) {
	if s.Replay.Doing == lock.Replayed {
		return
	}
	a.setPhase(s, lock.Replayed)
	var all []string
	for _, one := range []string{s.Why, "it has replayed until " + plan.PassedText(s.Replay.Until), how, returnedText(s)} {
		if one != "" {
			all = append(all, one)
		}
	}
	s.Why = strings.Join(all, "; ")
}

// returnedText describes which parts were returned to their former positions.
func returnedText(s *lock.Step) string {
	switch {
	case s.Return == nil || s.Replay.Then != string(schema.ThenReturn):
		return ""
	case len(s.Return.Parts) == 0:
		return "no partition was returned: none was before a former position that its log still has"
	}
	var parts []providers.Part
	for _, p := range s.Return.Parts {
		parts = append(parts, p.Part)
	}
	return "returned to the former position: " + plan.PartRanges(parts)
}

// stopAll stops the consumers of steps and waits until the service reports them idle.
func (a *apply) stopAll(ctx context.Context, p *party) error {
	for _, f := range p.members {
		if f.t.Question.Record.Replay.Doing != lock.Replaying {
			continue
		}
		if err := a.enter(f.t, lock.Stopping); err != nil {
			return err
		}
	}
	h, first := p.halt, p.members[0].t
	h.mu.Lock()
	e, ended := a.stopAgain(ctx, first, h)
	h.mu.Unlock()
	if ended {
		return e.err
	}
	for _, f := range p.members {
		h.share(f.t)
		if err := a.waitForStop(ctx, f.t); err != nil {
			return err
		}
		if f.t.Snapshot.Err != nil {
			return f.t.Snapshot.Err
		}
		if f.t.Snapshot.Activity.State == providers.Active {
			return plan.Refuse("keep its consumers stopped until the replay has ended, and run apply again",
				"it was stopped, and is %s again", decide.ActivityText(f.t.Snapshot.Activity))
		}
		if back := decide.WentBack(f.t.Conn.Caps.Order, f.t.Question.Record, f.t.Snapshot.Parts); back != "" {
			return a.overwritten(f.t, "after its consumers were stopped, another client changed it: "+back)
		}
	}
	return nil
}

// stopAgain stops the consumers unless none are active. A stop that an earlier apply has
// recorded is repeated only if they are. The caller holds the halt.
func (a *apply) stopAgain(ctx context.Context, t *survey.Target, h *halt) (ending, bool) {
	h.share(t)
	h.tried = false
	state := t.Snapshot.Activity.State
	if h.record != nil && state != providers.Active || state == providers.Idle && t.Conn.Caps.Activity == providers.Exact {
		return ending{}, false
	}
	s, err := a.switcherOf(t, h)
	if err != nil {
		return ending{target: t, err: err}, true
	}
	if !s.runs(ctx) {
		return ending{}, false
	}
	return a.stopBy(ctx, t, h, s)
}

// othersReplay refuses to stop consumers that have to replay for another step as well: one
// that this apply does not have, or of another run.
func (a *apply) othersReplay(p *party) error {
	first := p.members[0].t
	workload := workloadName(p.halt.record, first)
	for _, one := range a.held.File().Replays() {
		step, _ := a.r.StepOf(one.Step.ID)
		member := one.Run == a.plan.Run && slices.ContainsFunc(p.members, func(f *follower) bool { return f.t.Question.Digest == one.Step.Digest })
		if member || one.Step.Replay.Doing != lock.Replaying || step == nil || workload == "" || step.Idle.Workload != workload {
			continue
		}
		return unfinished("the workload %s would stay stopped, and its consumers also have to replay for step %s of run %s. Apply that step too, or end "+
			"its replay with %s", workload, one.Step.ID, one.Run, plan.EndReplayCommand(cmp.Or(a.r.Doc.File, "FILE"), one.Run, one.Step.ID))
	}
	return nil
}

// stopForGood stops the consumers of steps. They stay stopped until they are started on
// request.
func (a *apply) stopForGood(ctx context.Context, p *party) error {
	if err := a.stopAll(ctx, p); err != nil {
		return err
	}
	how := "no consumer was active"
	if p.halt.record != nil {
		how = "its consumers are stopped; `resetplan resume` starts them"
		if err := a.keepStopped(p, how); err != nil {
			return err
		}
	}
	return a.finishReplay(p, how)
}

// keepStopped records that the consumers stay stopped, together with the end of the
// replay of the step that has the record of the stop.
func (a *apply) keepStopped(p *party, how string) error {
	h := p.halt
	h.mu.Lock()
	defer h.mu.Unlock()
	s := a.held.Step(h.record.Run, h.record.Step.Digest)
	paused := *s.Paused
	paused.Doing, paused.Why = lock.Stopped, ""
	if s.Paused = &paused; h.record.Run == a.plan.Run && s.InReplay() {
		a.finished(s, how)
	}
	if err := a.held.Record(h.record.Run, *s); err != nil {
		return fmt.Errorf("that its consumers stay stopped could not be recorded: %w", err)
	}
	h.record, h.stopped = nil, false
	for _, f := range p.members {
		h.share(f.t)
	}
	return nil
}
