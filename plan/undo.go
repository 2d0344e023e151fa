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

// PlanUndo returns the plan that rolls back a run's steps to their previous
// positions, the newest first. Which can be rolled back exactly is shown per
// step, before anything is sent. It changes nothing.
func (r *Reconciler) PlanUndo(ctx context.Context, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(sel.Lock)
	if err != nil {
		return nil, err
	}
	return r.planUndo(ctx, sel, record, holder, reversible)
}

// planUndo plans to roll back the selected and wanted steps of a record. holder
// is the apply that holds the lock; "" = none.
func (r *Reconciler) planUndo(ctx context.Context, sel Selection, record *lock.File, holder string, wanted func(*lock.Step) bool) (*Prepared, error) {
	run := record.Runs[sel.run()]
	if run == nil {
		return nil, refuse("`resetplan lock show` lists the runs", "run %s is not in %s: there is nothing to roll back", sel.run(), sel.Lock)
	}
	if err := sel.Within(run.IDs()); err != nil {
		return nil, err
	}
	r.identify(ctx, r.literalJobs())
	var all, before []*work // to roll back, and already rolled back
	for _, s := range newestFirst(run.Steps) {
		gone := s.Outcome == lock.Undone && s.Undo != nil
		if !gone && (!wanted(s) || !sel.Names(s.ID)) {
			continue
		}
		w, err := r.undoOf(ctx, s, sel)
		switch {
		case err == nil && gone:
			before = append(before, w)
			continue
		case gone:
			continue // targets that cannot be reached any more are not part of this rollback
		case err != nil:
			return nil, err
		}
		w.question.Holder = holder
		for _, later := range before {
			w.forget(later)
		}
		for _, later := range all {
			w.cede(later)
		}
		all = append(all, w)
	}
	p, err := r.plan(ctx, sel, append(all, r.kept(ctx, run, sel, slices.Concat(all, before))...), true)
	if err == nil {
		p.prepare(record, all)
	}
	return p, err
}

// literalJobs returns a job for each step of the document whose target has no glob,
// in order to identify the services.
func (r *Reconciler) literalJobs() (all []*job) {
	seen := map[*connection]bool{}
	for i := range r.doc.Steps {
		s := &r.doc.Steps[i]
		conn := r.conns[s.Provider]
		if seen[conn] {
			continue
		}
		if targets := literalTargets(*s); len(targets) > 0 {
			if j, err := newJob(s, conn, s.ID, targets[0]); err == nil {
				all = append(all, j)
			}
		}
	}
	return all
}

// kept returns the steps that moved nothing because another step of the run had
// moved their parts. If that step is rolled back, they count as not done.
func (r *Reconciler) kept(ctx context.Context, run *lock.Run, sel Selection, others []*work) []*work {
	var out []*work
	for _, s := range run.Steps {
		if s.Outcome != lock.Keep || !sel.Names(s.ID) {
			continue
		}
		w, err := r.undoOf(ctx, s, sel)
		if err != nil {
			continue
		}
		for _, other := range others {
			if w.meets(other) && slices.ContainsFunc(s.Parts, func(p lock.Part) bool {
				return slices.ContainsFunc(other.question.Record.Parts, func(q lock.Part) bool { return p.Part == q.Part })
			}) {
				w.question.Fixed, w.question.Ceded = []lock.Part{}, true
				out = append(out, w)
				break
			}
		}
	}
	return out
}

// newestFirst returns recorded steps in the order in which they are rolled back:
// by sequence, not by time.
func newestFirst(steps []*lock.Step) []*lock.Step {
	out := slices.Clone(steps)
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b *lock.Step) int { return b.Sequence - a.Sequence })
	return out
}

// cede assigns parts that two steps of the run have moved to the later step, for
// example if a step was edited and applied again. The later step rolls them back to
// the positions before the earlier one, unless another client moved them in
// between.
func (w *work) cede(later *work) {
	if !w.meets(later) {
		return
	}
	w.question.Fixed = slices.DeleteFunc(w.question.Fixed, func(p lock.Part) bool {
		at := slices.IndexFunc(later.question.Fixed, func(q lock.Part) bool { return q.Part == p.Part })
		if at < 0 {
			return false
		}
		if w.leftTo(later, p.Part) {
			p.Before = later.question.Fixed[at].Before
			later.question.Fixed[at] = p
		}
		w.question.Ceded = true
		return true
	})
}

// leftTo reports whether a part was where this step had put it, or its consumers
// had read on from there, when a later step moved it again.
func (w *work) leftTo(later *work, p providers.Part) bool {
	own, _ := recordOf(w.question.Record.Parts, p)
	next, _ := recordOf(later.question.Record.Parts, p)
	own.After = reached(own)
	at := placer{needs: w.conn.caps.Needs, ends: w.question.movingEnd()}.place(own, next.Before, providers.Position{})
	return at.took() || at == unproven
}

// forget leaves out the parts that an earlier rollback of a later step has already
// restored to the positions before this one: an interrupted rollback does not roll
// them back twice.
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

// meets reports whether two targets have a common part, as far as is known.
func (w *work) meets(o *work) bool {
	return w.target != nil && o.target != nil && w.target.Overlaps(o.target)
}

// reversible reports whether a recorded step moved something that was not rolled
// back.
func reversible(s *lock.Step) bool {
	switch s.Outcome {
	case lock.Applied, lock.Verified, lock.Overwritten, lock.InDoubt:
		return true
	case lock.Failed:
		return slices.ContainsFunc(s.Parts, func(p lock.Part) bool { return p.Error == "" })
	}
	return false
}

// undoOf returns the target that rolls one recorded step back. The document must
// still have a step for the recorded target, because it has the connection.
func (r *Reconciler) undoOf(ctx context.Context, s *lock.Step, sel Selection) (*work, error) {
	j, err := r.jobOf(ctx, s)
	if err != nil {
		return nil, err
	}
	if j == nil {
		return nil, refuse("restore it, or add a step that resets the group", "the plan no longer has a step for %s (step %s)", s.Address, s.ID)
	}
	step := *j.step
	if sel.Wait > 0 {
		step.Idle.Wait = sel.Wait
	}
	q := Question{
		ID: s.ID, Provider: step.Provider, Type: j.conn.kind.Type(), Address: j.address(), Identity: j.target.Identity(), Group: j.target.Group(), Digest: s.Digest,
		Run: sel.run(), File: r.doc.File, Step: &step, Capabilities: j.conn.caps, Now: r.world.Env.Now(), Record: s,
		Undo: true, Past: sel.Past, Fixed: reversed(s.Parts),
	}
	if j.conn.caps.Undo != providers.Exact {
		q.Fixed, q.Nothing = byTime(s.Parts, &step, j.conn)
	}
	return &work{job: j, run: sel.run(), Case: Case{question: q}}, nil
}

// jobOf returns the job of a recorded step: of the step with its id or, if that
// step has another target now, of any step with its target; nil if the document has
// neither. If a service cannot be reached, its target is identified by its address
// only.
func (r *Reconciler) jobOf(ctx context.Context, s *lock.Step) (*job, error) {
	var candidates []*job
	if step, target := r.stepOf(s.ID); step != nil {
		j, err := newJob(step, r.conns[step.Provider], s.ID, target)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, j)
	}
	candidates = append(candidates, r.jobsAs(s.ID)...)
	for _, j := range candidates {
		if j.address() == s.Address && (s.Identity == "" || s.Identity == s.Address) {
			return j, nil
		}
	}
	r.identify(ctx, candidates)
	for _, j := range candidates {
		if j.target.Identity() == identityOf(s) || j.unread != nil && j.address() == s.Address {
			return j, nil
		}
	}
	return nil, nil
}

// byTime turns recorded parts into parts that go back approximately to their
// previous positions, by the time up to which they had been read, if the service
// accepts a time and the document allows it. The earliest of these times is used
// for all, so that nothing is skipped. Otherwise it returns why that is impossible.
func byTime(parts []lock.Part, s *schema.Step, c *connection) ([]lock.Part, string) {
	refusal := c.kind.Type() + " cannot restore positions exactly. " + c.caps.Notes["undo"]
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
		return nil, fmt.Sprintf("%s Set approximate: true in the step to go back to %s, the time its slowest partition had reached: everything since then is delivered again.", refusal, stamp(back))
	}
	for i := range out {
		out[i].Seen = out[i].After // the position that is restored approximately
		out[i].After, out[i].Metadata, out[i].LogID = providers.AtTime(back), nil, ""
	}
	return out, ""
}

// takeBack rolls back, newest first, the steps that this apply has sent. Steps of
// an earlier apply of the run are left unchanged.
func (a *apply) takeBack(ctx context.Context) error {
	sel := Selection{Run: a.plan.Run, Lock: a.options.Lock}
	own := map[string]bool{} // by digest: an id may belong to several steps of a run
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
	u := &apply{r: a.r, plan: p, options: ApplyOptions{Selection: sel, Settle: a.options.Settle}, held: a.held, work: p.work}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	return u.steps(ctx)
}
