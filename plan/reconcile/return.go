package reconcile

import (
	"context"
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
)

// stopAndReturn stops the consumers of steps, returns partitions that are before their
// former positions to them, and starts the consumers again.
func (a *apply) stopAndReturn(ctx context.Context, p *party) error {
	if p.members[0].t.Question.Record.Replay.Doing != lock.Restoring {
		if err := a.returnAll(ctx, p); err != nil {
			return err
		}
	}
	for _, f := range p.members {
		if err := a.enter(f.t, lock.Restoring); err != nil {
			return err
		}
	}
	if h := p.halt; h.record != nil {
		h.mu.Lock()
		e := a.restart(ctx, p.members[0].t, h, ending{target: p.members[0].t})
		h.mu.Unlock()
		if e.err != nil {
			return e.err
		}
	}
	return a.finishReplay(p, "")
}

// returnAll stops the consumers of steps and returns them to their former positions.
func (a *apply) returnAll(ctx context.Context, p *party) error {
	left := false
	for _, f := range p.members {
		left = left || !f.t.Question.Record.Returned()
	}
	if !left {
		return nil // an earlier apply was interrupted after it
	}
	if err := a.stopAll(ctx, p); err != nil {
		return err
	}
	for _, f := range p.members {
		if err := a.enter(f.t, lock.Returning); err != nil {
			return err
		}
	}
	for _, f := range p.members {
		if err := a.putBack(ctx, f.t); err != nil {
			return fmt.Errorf("step %s could not be returned to its former positions: %w", f.t.ID, err)
		}
	}
	return nil
}

// putBack returns the partitions of a step that are before their former positions to
// them. The others stay unchanged. It is sent, read back and recorded like a rollback.
func (a *apply) putBack(ctx context.Context, t *survey.Target) error {
	s := a.held.Step(a.plan.Run, t.Question.Digest)
	if s.Returned() {
		return nil
	}
	back, err := RollbackOf(ctx, a.r, s, a.options.Selection)
	if err != nil {
		return err
	}
	rememberPaused(a.r, back, a.held.File().Halted())
	if err := a.r.ReadWithAges(ctx, []*survey.Target{back}); err != nil {
		return err
	}
	if back.Snapshot.Err != nil {
		return back.Snapshot.Err
	}
	u := &apply{r: a.r, plan: &Prepared{Plan: &plan.Plan{Name: a.plan.Name, Run: a.plan.Run, Undo: true}}, options: a.options, held: a.held,
		within: true, returns: true}
	behind := decide.Behind(t.Conn.Caps.Order, s, back.Snapshot.Parts)
	if len(behind) == 0 {
		e := u.end(back, attempt{outcome: lock.Keep}, nil)
		t.Question.Record = a.held.Step(a.plan.Run, t.Question.Digest)
		return e.err
	}
	a.waitText(t, "returning "+text.Plural(len(behind), "partition")+" to the former position")
	back.Question.Fixed = behind
	back.Decide()
	back.Planned = back.Now
	e := u.move(ctx, back)
	if u.changed {
		a.stirred()
	}
	t.Question.Record = a.held.Step(a.plan.Run, t.Question.Digest)
	if e.outcome == lock.Overwritten {
		return errors.Join(e.err, a.overwritten(t, "while it was returned to its former positions, another client committed over it"))
	}
	return e.err
}
