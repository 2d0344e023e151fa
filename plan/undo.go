package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// PlanUndo returns the plan that puts a run's steps back where they stood,
// the newest first. Which can be put back exactly is said per step, before
// anything is sent. It changes nothing.
func (r *Reconciler) PlanUndo(ctx context.Context, sel Selection) (*Plan, error) {
	record, err := lock.Read(sel.Lock)
	if err != nil {
		return nil, err
	}
	return r.planUndo(ctx, sel, record)
}

func (r *Reconciler) planUndo(ctx context.Context, sel Selection, record *lock.File) (*Plan, error) {
	run := record.Runs[sel.run()]
	if run == nil {
		return nil, refuse("`resetplan lock show` lists the runs", "run %s is not in %s: there is nothing to take back", sel.run(), sel.Lock)
	}
	var all []*work
	for _, s := range slices.Backward(run.Steps) {
		if !reversible(s) || !selected(sel, s.ID) {
			continue
		}
		w, err := r.undoOf(s)
		if err != nil {
			return nil, err
		}
		w.question.Run = sel.run()
		all = append(all, w)
	}
	for _, id := range sel.Steps {
		if !slices.ContainsFunc(run.Steps, func(s *lock.Step) bool { return selects(id, s.ID) }) {
			var known []string
			for _, s := range run.Steps {
				known = append(known, s.ID)
			}
			return nil, &UnknownStep{ID: id, Known: known}
		}
	}
	return r.plan(ctx, sel, all, true)
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

func selected(sel Selection, id string) bool {
	return len(sel.Steps) == 0 || slices.ContainsFunc(sel.Steps, func(s string) bool { return selects(s, id) })
}

func selects(selection, id string) bool {
	return selection == id || strings.HasPrefix(id, selection+"[")
}

// undoOf makes the work that takes one recorded step back. The document must
// still have the step at the recorded address: it knows how to reach it.
func (r *Reconciler) undoOf(s *lock.Step) (*work, error) {
	stem, group, one := strings.Cut(s.ID, "[")
	for i := range r.doc.Steps {
		step := &r.doc.Steps[i]
		if step.ID != stem {
			continue
		}
		target := step.Target
		if one {
			target = withGroup(target, strings.TrimSuffix(group, "]"))
		}
		j, err := newJob(step, r.conns[step.Provider], s.ID, target)
		if err != nil {
			return nil, err
		}
		if j.address() != s.Address {
			break
		}
		q := Question{
			ID: s.ID, Provider: step.Provider, Type: j.conn.kind.Type(), Address: s.Address, Digest: s.Digest, Step: step,
			Capabilities: j.conn.caps, Now: r.world.Env.Now(), Record: s, Undo: true, Fixed: reversed(s.Parts),
		}
		if j.conn.caps.Undo != providers.Exact {
			j.nothing = j.conn.kind.Type() + " cannot put positions back exactly. " + j.conn.caps.Notes["undo"]
		}
		return &work{job: j, question: q}, nil
	}
	return nil, refuse("restore the step in the document, or reset the group by a step of its own",
		"the document has no step %s at %s any more", s.ID, s.Address)
}

// takeBack undoes, newest first, what this apply has carried out.
func (a *apply) takeBack(ctx context.Context) error {
	sel := Selection{Run: a.plan.Run, Lock: a.options.Lock}
	for _, w := range a.work {
		if s := a.held.Step(a.plan.Run, w.question.Digest); s != nil && reversible(s) && a.sent[w.id] {
			sel.Steps = append(sel.Steps, w.id)
		}
	}
	if len(sel.Steps) == 0 {
		return nil
	}
	p, err := a.r.planUndo(ctx, sel, a.held.File())
	if err != nil {
		return err
	}
	u := &apply{r: a.r, plan: p, options: ApplyOptions{Selection: sel, Settle: a.options.Settle}, held: a.held}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	return u.steps(ctx)
}
