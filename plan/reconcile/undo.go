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
	return planUndo(ctx, r, sel, record, holder, Reversible)
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
	r.Identify(ctx, oneOfEachConnection(r))
	ordered, err := rollbacks(ctx, r, sel, run, wanted)
	if err != nil {
		return nil, err
	}
	all := assign(ordered)
	paused := record.Halted()
	for _, t := range all {
		t.Question.Holder = holder
		rememberPaused(r, t, paused)
	}
	p, err := assemble(ctx, r, sel, slices.Concat(all, keptWith(ctx, r, run, sel, ordered)), nil)
	if err == nil {
		p.prepare(record, all, sel)
		p.findLeftReplays(ctx, r, record, true)
	}
	return p, err
}

// rollbacks returns the targets of the selected and wanted steps of a run, and of those that
// an earlier rollback has restored, the newest first.
func rollbacks(ctx context.Context, r *survey.Reader, sel Selection, run *lock.Run, wanted func(*lock.Step) bool) ([]*survey.Target, error) {
	var out []*survey.Target
	for _, s := range newestFirst(run.Steps) {
		if !restored(s) && (!wanted(s) || !sel.Steps.Include(s.ID)) {
			continue
		}
		t, err := RollbackOf(ctx, r, s, sel)
		switch {
		case err == nil:
			out = append(out, t)
		case !restored(s): // otherwise a target that the document no longer has is not part of this rollback
			return nil, err
		}
	}
	return out, nil
}

// restored reports whether a rollback has restored the positions before a step.
func restored(s *lock.Step) bool { return s.Outcome == lock.Undone && s.Undo != nil }

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

// oneOfEachConnection returns a job for each connection, if one of its targets has no glob,
// in order to identify the services.
func oneOfEachConnection(r *survey.Reader) (all []*survey.Job) {
	seen := map[*survey.Connection]bool{}
	for i := range r.Doc.Steps {
		s := &r.Doc.Steps[i]
		conn := r.Connections[s.Provider]
		if seen[conn] {
			continue
		}
		if targets := check.LiteralTargets(*s); len(targets) > 0 {
			if j, err := survey.NewJob(s, conn, s.ID, targets[0]); err == nil {
				seen[conn], all = true, append(all, j)
			}
		}
	}
	return all
}

// keptWith returns the steps that moved nothing because another step of the run had
// moved their parts. If that step is rolled back, they count as not done.
func keptWith(ctx context.Context, r *survey.Reader, run *lock.Run, sel Selection, others []*survey.Target) []*survey.Target {
	var kept, out []*survey.Target
	for _, s := range run.Steps {
		if s.Outcome != lock.Keep || !sel.Steps.Include(s.ID) {
			continue
		}
		if t, err := RollbackOf(ctx, r, s, sel); err == nil {
			kept = append(kept, t)
		}
	}
	moved := groupsOfSeveral(slices.Concat(others, kept))
	for _, t := range others {
		moved.add(t, t.Question.Record.Parts, anyPart)
	}
	for _, t := range kept {
		if slices.ContainsFunc(t.Question.Record.Parts, func(p lock.Part) bool { return moved.find(t, p.Part, anyTarget) != nil }) {
			t.Question.Fixed, t.Question.Ceded = []lock.Part{}, true
			out = append(out, t)
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
func yieldParts(t *survey.Target, owners holders) {
	t.Question.Fixed = slices.DeleteFunc(t.Question.Fixed, func(p lock.Part) bool {
		later := owners.find(t, p.Part, anyTarget)
		if later == nil {
			return false
		}
		if own := decide.RecordAt(later.Question.Fixed, 0, p.Part); stillOwn(t, later, p.Part) {
			p.Before = own.Before
			*own = p
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
func dropRestored(t *survey.Target, before holders) {
	t.Question.Fixed = slices.DeleteFunc(t.Question.Fixed, func(p lock.Part) bool {
		back := before.find(t, p.Part, func(later *survey.Target) bool {
			q, _ := decide.RecordOf(later.Question.Record.Undo.Parts, p.Part)
			return q.After == p.After
		}) != nil
		t.Question.Ceded = t.Question.Ceded || back
		return back
	})
}

// Reversible reports whether a recorded step moved something that was not rolled
// back.
func Reversible(s *lock.Step) bool {
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
	j := jobOf(ctx, r, s)
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
		Undo: true, Past: sel.Past, Fixed: decide.Reversed(s.Parts), NoWorkload: noWorkload(r, step.Idle.Workload),
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
func jobOf(ctx context.Context, r *survey.Reader, s *lock.Step) *survey.Job {
	if step, target := r.StepOf(s.ID); step != nil {
		// A step that selects several groups now has no target of its own.
		if j, err := survey.NewJob(step, r.Connections[step.Provider], s.ID, target); err == nil {
			if found := named(ctx, r, s, []*survey.Job{j}); found != nil {
				return found
			}
		}
	}
	return named(ctx, r, s, r.LiteralJobs(s.ID))
}

// named returns the first job with the target of a recorded step, or nil.
func named(ctx context.Context, r *survey.Reader, s *lock.Step, candidates []*survey.Job) *survey.Job {
	for _, j := range candidates {
		if j.Address() == s.Address && (s.Identity == "" || s.Identity == s.Address) {
			return j
		}
	}
	r.Identify(ctx, candidates)
	for _, j := range candidates {
		if j.Target.Identity() == survey.IdentityOf(s) || j.Unread != nil && j.Address() == s.Address {
			return j
		}
	}
	return nil
}

// rollBackSent rolls back, newest first, the steps that this apply has sent. Steps of
// an earlier apply of the run are left unchanged.
func (a *apply) rollBackSent(ctx context.Context) error {
	sel := Selection{Run: a.plan.Run, Lock: a.options.Lock}
	own := map[string]bool{} // by digest: an id may belong to several steps of a run
	for _, t := range a.targets {
		if s := a.held.Step(a.plan.Run, t.Question.Digest); s != nil && Reversible(s) && a.mayHaveSent(t.ID) {
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
