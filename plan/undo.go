package plan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// PlanUndo returns the plan that puts a run's steps back where they stood,
// the newest first. Which can be put back exactly is said per step, before
// anything is sent. It changes nothing.
func (r *Reconciler) PlanUndo(ctx context.Context, sel Selection) (*Plan, error) {
	record, holder, err := readLock(sel.Lock)
	if err != nil {
		return nil, err
	}
	return r.planUndo(ctx, sel, record, holder, reversible)
}

// planUndo plans to take back the selected steps of a record that it is told
// to. holder is who else is at work on it; "" = nobody.
func (r *Reconciler) planUndo(ctx context.Context, sel Selection, record *lock.File, holder string, wanted func(*lock.Step) bool) (*Plan, error) {
	run := record.Runs[sel.run()]
	if run == nil {
		return nil, refuse("`resetplan lock show` lists the runs", "run %s is not in %s: there is nothing to take back", sel.run(), sel.Lock)
	}
	if err := sel.Within(run.IDs()); err != nil {
		return nil, err
	}
	var all, before []*work // to take back, and taken back before
	for _, s := range newestFirst(run.Steps) {
		gone := s.Outcome == lock.Undone && s.Undo != nil
		if !gone && (!wanted(s) || !sel.Names(s.ID)) {
			continue
		}
		w, err := r.undoOf(s)
		switch {
		case err == nil && gone:
			before = append(before, w)
			continue
		case gone:
			continue // what cannot be reached any more took nothing along
		case err != nil:
			return nil, err
		}
		w.question.Run, w.question.Holder = sel.run(), holder
		for _, later := range before {
			w.forget(later)
		}
		for _, later := range all {
			w.cede(later)
		}
		all = append(all, w)
	}
	return r.plan(ctx, sel, append(all, r.kept(run, sel, slices.Concat(all, before))...), true)
}

// kept returns the steps that moved nothing, for what another step of the run
// had moved, where that is taken back: they count as not done then.
func (r *Reconciler) kept(run *lock.Run, sel Selection, others []*work) []*work {
	var out []*work
	for _, s := range run.Steps {
		if s.Outcome != lock.Keep || !sel.Names(s.ID) {
			continue
		}
		w, err := r.undoOf(s)
		if err != nil {
			continue
		}
		for _, other := range others {
			if w.meets(other) && slices.ContainsFunc(s.Parts, func(p lock.Part) bool {
				return slices.ContainsFunc(other.question.Record.Parts, func(q lock.Part) bool { return p.Part == q.Part })
			}) {
				w.question.Run, w.question.Fixed, w.question.Ceded = sel.run(), []lock.Part{}, true
				out = append(out, w)
				break
			}
		}
	}
	return out
}

// newestFirst returns recorded steps in the order in which they are taken back.
func newestFirst(steps []*lock.Step) []*lock.Step {
	out := slices.Clone(steps)
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b *lock.Step) int { return b.At.Compare(a.At) })
	return out
}

// cede leaves to a later step of the run the parts that both have moved: a
// step that was edited and applied again, for instance. The later one takes
// them back all the way, to where they stood before this one.
func (w *work) cede(later *work) {
	if !w.meets(later) {
		return
	}
	w.question.Fixed = slices.DeleteFunc(w.question.Fixed, func(p lock.Part) bool {
		at := slices.IndexFunc(later.question.Fixed, func(q lock.Part) bool { return q.Part == p.Part })
		if at < 0 {
			return false
		}
		later.question.Fixed[at] = p
		w.question.Ceded = true
		return true
	})
}

// forget leaves alone the parts that a later step of the run, which was taken
// back before, has put where they stood before this one: a rollback that was
// cut off does not take them back again.
func (w *work) forget(later *work) {
	if !w.meets(later) {
		return
	}
	w.question.Fixed = slices.DeleteFunc(w.question.Fixed, func(p lock.Part) bool {
		back := slices.ContainsFunc(later.question.Record.Undo.Parts, func(q lock.Part) bool {
			return q.Part == p.Part && q.After == p.After && q.Error == ""
		})
		w.question.Ceded = w.question.Ceded || back
		return back
	})
}

// meets reports whether two works are of a common part, as far as that can be
// told.
func (w *work) meets(o *work) bool {
	return w.target != nil && o.target != nil && w.target.Overlaps(o.target)
}

// reversible reports whether a recorded step moved something that stands
// moved.
func reversible(s *lock.Step) bool {
	switch s.Outcome {
	case lock.Applied, lock.Verified, lock.Overwritten, lock.InDoubt:
		return true
	case lock.Failed:
		return slices.ContainsFunc(s.Parts, func(p lock.Part) bool { return p.Error == "" })
	}
	return false
}

// undoOf makes the work that takes one recorded step back. The document must
// still have the step at the recorded address: it knows how to reach it.
func (r *Reconciler) undoOf(s *lock.Step) (*work, error) {
	j, err := r.jobOf(s)
	if err != nil {
		return nil, err
	}
	if j == nil {
		return nil, refuse("restore the step in the document, or reset the group by a step of its own",
			"the document has no step %s at %s any more", s.ID, s.Address)
	}
	step := j.step
	q := Question{
		ID: s.ID, Provider: step.Provider, Type: j.conn.kind.Type(), Address: s.Address, Digest: s.Digest, Step: step,
		Capabilities: j.conn.caps, Now: r.world.Env.Now(), Record: s, Undo: true, Fixed: reversed(s.Parts),
	}
	if j.conn.caps.Undo != providers.Exact {
		q.Fixed, j.nothing = byTime(s.Parts, step, j.conn)
	}
	return &work{job: j, question: q}, nil
}

// jobOf makes the job of a recorded step by its id, or, where that is another
// step now, by its address; nil where the document has neither.
func (r *Reconciler) jobOf(s *lock.Step) (*job, error) {
	if step, target := r.stepOf(s.ID); step != nil {
		if j, err := newJob(step, r.conns[step.Provider], s.ID, target); err != nil || j.address() == s.Address {
			return j, err
		}
	}
	step, target := r.stepAt(s.Address)
	if step == nil {
		return nil, nil
	}
	return newJob(step, r.conns[step.Provider], s.ID, target)
}

// byTime turns recorded parts into ones that go back about to where they stood,
// by the time up to which they had been read, where the service takes a time
// and the document allows it. The earliest of these times holds for all, so
// that nothing is skipped. Otherwise it says why nothing goes back.
func byTime(parts []lock.Part, s *schema.Step, c *connection) ([]lock.Part, string) {
	refusal := c.kind.Type() + " cannot put positions back exactly. " + c.caps.Notes["undo"]
	if c.caps.Undo != providers.Inferred || c.caps.Moves[providers.Time] == providers.NoGrain {
		return nil, refusal
	}
	out := reversed(parts)
	var back time.Time
	for _, p := range parts {
		switch {
		case p.Error != "":
		case p.ReadUpTo.IsZero():
			return nil, refusal
		case back.IsZero() || p.ReadUpTo.Before(back):
			back = p.ReadUpTo
		}
	}
	if !s.Approximate {
		return nil, fmt.Sprintf("%s Write approximate: true in the step to go back to %s, up to which the first of its parts had been read: what came since is delivered again.", refusal, stamp(back))
	}
	for i := range out {
		out[i].After, out[i].Kept, out[i].LogID = providers.AtTime(back), nil, ""
	}
	return out, ""
}

// takeBack undoes, newest first, what this apply has carried out. What an
// earlier apply of the run moved stays, a step that was edited since too.
func (a *apply) takeBack(ctx context.Context) error {
	sel := Selection{Run: a.plan.Run, Lock: a.options.Lock}
	own := map[string]bool{} // by digest: an id may stand for several steps of a run
	for _, w := range a.work {
		if s := a.held.Step(a.plan.Run, w.question.Digest); s != nil && reversible(s) && a.sent[w.id] {
			sel.Steps, own[s.Digest] = append(sel.Steps, w.id), true
		}
	}
	if len(sel.Steps) == 0 {
		return nil
	}
	p, err := a.r.planUndo(ctx, sel, a.held.File(), "", func(s *lock.Step) bool { return own[s.Digest] })
	if err != nil {
		return err
	}
	u := &apply{r: a.r, plan: p, options: ApplyOptions{Selection: sel, Settle: a.options.Settle}, held: a.held}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	return u.steps(ctx)
}
