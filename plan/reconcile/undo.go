package reconcile

import (
	"context"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// PlanUndo returns the plan that rolls back a run's steps to their previous
// positions, the newest first. Which can be rolled back exactly is shown per
// step, before anything is sent. It changes nothing.
func PlanUndo(ctx context.Context, r *survey.Reader, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(ctx, sel.Lock, sel.RunKey())
	if err != nil {
		return nil, err
	}
	return planUndo(ctx, r, sel, record, holder, reversible)
}

// planUndo plans to roll back the selected and wanted steps of a record. holder
// is the apply that holds the lock; "" = none.
func planUndo(ctx context.Context, r *survey.Reader, sel Selection, record *lock.File, holder string,
	wanted func(*lock.Step) bool) (*Prepared, error) {
	run, err := runOf(record, sel)
	if err != nil {
		return nil, err
	}
	if err := sel.Steps.Within(run.IDs()); err != nil {
		return nil, err
	}
	r.Identify(ctx, literalJobs(r))
	paused := record.Paused()
	var all, before []*survey.Target // to roll back, and already rolled back
	for _, s := range newestFirst(run.Steps) {
		undone := s.Outcome == lock.Undone && s.Undo != nil
		if !undone && (!wanted(s) || !sel.Steps.Include(s.ID)) {
			continue
		}
		t, err := RollbackOf(ctx, r, s, sel)
		switch {
		case err == nil && undone:
			before = append(before, t)
			continue
		case undone:
			continue // a target that the document no longer has is not part of this rollback
		case err != nil:
			return nil, err
		}
		t.Question.Holder = holder
		rememberPaused(t, paused)
		for _, later := range before {
			dropRestored(t, later)
		}
		for _, later := range all {
			yieldParts(t, later)
		}
		all = append(all, t)
	}
	p, err := assemble(ctx, r, sel, append(all, keptWith(ctx, r, run, sel, slices.Concat(all, before))...), true)
	if err == nil {
		p.prepare(record, all)
	}
	return p, err
}

// CanRollBack refuses a rollback of a run that is not in the lock. It contacts no service.
func CanRollBack(ctx context.Context, sel Selection) error {
	record, _, err := readLock(ctx, sel.Lock, sel.RunKey())
	if err == nil {
		_, err = runOf(record, sel)
	}
	return err
}

// runOf returns the selected run of a lock.
func runOf(record *lock.File, sel Selection) (*lock.Run, error) {
	run := record.Runs[sel.RunKey()]
	if run == nil {
		return nil, plan.Refuse("`resetplan lock show` lists the runs", "run %s is not in %s: there is nothing to roll back", sel.RunKey(), sel.Lock)
	}
	return run, nil
}

// literalJobs returns a job for each step of the document whose target has no glob,
// in order to identify the services.
func literalJobs(r *survey.Reader) (all []*survey.Job) {
	seen := map[*survey.Connection]bool{}
	for i := range r.Doc.Steps {
		s := &r.Doc.Steps[i]
		conn := r.Connections[s.Provider]
		if seen[conn] {
			continue
		}
		if targets := check.LiteralTargets(*s); len(targets) > 0 {
			if j, err := survey.NewJob(s, conn, s.ID, targets[0]); err == nil {
				all = append(all, j)
			}
		}
	}
	return all
}

// keptWith returns the steps that moved nothing because another step of the run had
// moved their parts. If that step is rolled back, they count as not done.
func keptWith(ctx context.Context, r *survey.Reader, run *lock.Run, sel Selection, others []*survey.Target) []*survey.Target {
	var out []*survey.Target
	for _, s := range run.Steps {
		if s.Outcome != lock.Keep || !sel.Steps.Include(s.ID) {
			continue
		}
		t, err := RollbackOf(ctx, r, s, sel)
		if err != nil {
			continue
		}
		for _, other := range others {
			if overlap(t, other) && slices.ContainsFunc(s.Parts, func(p lock.Part) bool {
				return slices.ContainsFunc(other.Question.Record.Parts, func(q lock.Part) bool { return p.Part == q.Part })
			}) {
				t.Question.Fixed, t.Question.Ceded = []lock.Part{}, true
				out = append(out, t)
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

// yieldParts assigns parts that two steps of the run have moved to the later step, for
// example if a step was edited and applied again. The later step rolls them back to
// the positions before the earlier one, unless another client moved them in
// between.
func yieldParts(t *survey.Target, later *survey.Target) {
	if !overlap(t, later) {
		return
	}
	t.Question.Fixed = slices.DeleteFunc(t.Question.Fixed, func(p lock.Part) bool {
		at := slices.IndexFunc(later.Question.Fixed, func(q lock.Part) bool { return q.Part == p.Part })
		if at < 0 {
			return false
		}
		if stillOwn(t, later, p.Part) {
			p.Before = later.Question.Fixed[at].Before
			later.Question.Fixed[at] = p
		}
		t.Question.Ceded = true
		return true
	})
}

// stillOwn reports whether a part was where this step had put it, or its consumers
// had read on from there, when a later step moved it again.
func stillOwn(t *survey.Target, later *survey.Target, p providers.Part) bool {
	own, _ := decide.RecordOf(t.Question.Record.Parts, p)
	next, _ := decide.RecordOf(later.Question.Record.Parts, p)
	own.After = decide.Reached(own)
	at := decide.PlacerFor(t.Conn.Caps, t.Question.MovingEnd()).Place(own, next.Before, decide.Landing{})
	return at.TookEffect() || at == decide.Unproven
}

// dropRestored leaves out the parts that an earlier rollback of a later step has already
// restored to the positions before this one: an interrupted rollback does not roll
// them back twice.
func dropRestored(t *survey.Target, later *survey.Target) {
	if !overlap(t, later) {
		return
	}
	t.Question.Fixed = slices.DeleteFunc(t.Question.Fixed, func(p lock.Part) bool {
		back := slices.ContainsFunc(later.Question.Record.Undo.Parts, func(q lock.Part) bool {
			return q.Part == p.Part && q.After == p.After && q.Error == ""
		})
		t.Question.Ceded = t.Question.Ceded || back
		return back
	})
}

// overlap reports whether two targets have a common part, as far as is known.
func overlap(t *survey.Target, o *survey.Target) bool {
	return t.Target != nil && o.Target != nil && t.Target.Overlaps(o.Target)
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

// RollbackOf returns the target that rolls one recorded step back. The document must
// still have a step for the recorded target, because it has the connection.
func RollbackOf(ctx context.Context, r *survey.Reader, s *lock.Step, sel Selection) (*survey.Target, error) {
	j, err := jobOf(ctx, r, s)
	if err != nil {
		return nil, err
	}
	if j == nil {
		return nil, plan.Refuse("restore it, or add a step that resets the group", "the plan no longer has a step for %s (step %s)", s.Address, s.ID)
	}
	step := *j.Step
	if sel.Wait > 0 {
		step.Idle.Wait = sel.Wait
	}
	q := decide.Question{
		ID: s.ID, Provider: step.Provider, Type: j.Conn.Kind.Type(), Address: j.Address(), Identity: j.Target.Identity(), Group: j.Target.Group(),
		Digest: s.Digest,
		Run:    sel.RunKey(), File: r.Doc.File, Step: &step, Capabilities: j.Conn.Caps, Now: r.Deps.Process.Now(), Record: s,
		Undo: true, Past: sel.Past, Fixed: decide.Reversed(s.Parts), NoWorkload: noWorkload(r, &step),
	}
	if j.Conn.Caps.Undo != providers.Exact {
		q.Fixed, q.NoTarget = backNearly(s.Parts, &step, j.Conn)
	}
	return &survey.Target{Job: j, Case: decide.Case{Question: q}}, nil
}

// jobOf returns the job of a recorded step: of the step with its id or, if that
// step has another target now, of any step with its target; nil if the document has
// neither. If a service cannot be reached, its target is identified by its address
// only.
func jobOf(ctx context.Context, r *survey.Reader, s *lock.Step) (*survey.Job, error) {
	var candidates []*survey.Job
	if step, target := r.StepOf(s.ID); step != nil {
		j, err := survey.NewJob(step, r.Connections[step.Provider], s.ID, target)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, j)
	}
	candidates = append(candidates, r.LiteralJobs(s.ID)...)
	for _, j := range candidates {
		if j.Address() == s.Address && (s.Identity == "" || s.Identity == s.Address) {
			return j, nil
		}
	}
	r.Identify(ctx, candidates)
	for _, j := range candidates {
		if j.Target.Identity() == survey.IdentityOf(s) || j.Unread != nil && j.Address() == s.Address {
			return j, nil
		}
	}
	return nil, nil
}

// rollBackSent rolls back, newest first, the steps that this apply has sent. Steps of
// an earlier apply of the run are left unchanged.
func (a *apply) rollBackSent(ctx context.Context) error {
	sel := Selection{Run: a.plan.Run, Lock: a.options.Lock}
	own := map[string]bool{} // by digest: an id may belong to several steps of a run
	for _, t := range a.targets {
		if s := a.held.Step(a.plan.Run, t.Question.Digest); s != nil && reversible(s) && a.mayHaveSent(t.ID) {
			sel.Steps, own[s.Digest] = append(sel.Steps, t.ID), true
		}
	}
	if len(sel.Steps) == 0 {
		return nil
	}
	p, err := planUndo(ctx, a.r, sel, a.held.Loaded(sel.Run), "", func(s *lock.Step) bool { return own[s.Digest] })
	if err != nil {
		return err
	}
	u := &apply{r: a.r, plan: p, options: ApplyOptions{Selection: sel, Settle: a.options.Settle}, held: a.held, targets: p.targets, halts: a.halts,
		within: true}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	u.addHalts(u.targets)
	return u.steps(ctx)
}
