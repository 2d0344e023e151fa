package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
)

// A step that needs a step for several groups needs all of them. This file finds the
// groups that a selection of steps leaves out and that were not applied before.

// blockUnmet blocks steps that need a step of which only some targets are selected, unless
// the others have been applied in this run.
func (p *Prepared) blockUnmet(ctx context.Context, r *survey.Reader, selected survey.Steps, run *lock.Run) error {
	if len(selected) == 0 {
		return nil
	}
	planned := idsOf(p.targets)
	checked := map[string]string{}
	for i, t := range p.targets {
		s := &p.Steps[i]
		for _, n := range t.Step.Needs {
			if slices.Contains(selected, n) || len(planned[n]) == 0 || !moves(s) {
				continue
			}
			missing, known := checked[n]
			if !known {
				var err error
				if missing, err = unapplied(ctx, r, run, n, planned[n]); err != nil {
					return err
				}
				checked[n] = missing
			}
			if missing != "" {
				s.Action = plan.Blocked
				s.Why = fmt.Sprintf("it needs step %s, of which %s is not selected and has not been applied in run %s. Select %s with --step.",
					n, missing, p.Run, n)
				p.effects[i] = effectDigest(t, *s)
			}
		}
	}
	return nil
}

// needed refuses a selection without a step that another step needs and that has
// not been applied in this run.
func (a *apply) needed(ctx context.Context) error {
	if a.plan.Undo {
		return nil
	}
	selected := idsOf(a.targets)
	met := map[string]bool{}
	for _, t := range a.targets {
		for _, n := range t.Step.Needs {
			if met[n] || len(selected[n]) > 0 { // blockUnmet has checked a selection of some targets
				continue
			}
			missing, err := unapplied(ctx, a.r, a.held.File().Runs[a.plan.Run], n, nil)
			switch {
			case err != nil:
				return err
			case missing == "":
				met[n] = true
				continue
			case missing == n:
				return plan.Refuse("select that step too", "step %s needs step %s, which has not been applied in run %s", t.ID, n, a.plan.Run)
			}
			return plan.Refuse("select that step too", "step %s needs step %s, of which %s has not been applied in run %s", t.ID, n, missing, a.plan.Run)
		}
	}
	return nil
}

// idsOf returns the ids of targets by the id of their step.
func idsOf(all []*survey.Target) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, t := range all {
		if out[t.Step.ID] == nil {
			out[t.Step.ID] = map[string]bool{}
		}
		out[t.Step.ID][t.ID] = true
	}
	return out
}

// unapplied returns the id of the first target of a step that is neither among those in
// except nor applied in a run, with its replay; "" = there is none. It is the id of the
// step if nothing of the step has been applied.
func unapplied(ctx context.Context, r *survey.Reader, run *lock.Run, id string, except map[string]bool) (string, error) {
	records := run.Index()
	if except == nil && (run == nil || !slices.ContainsFunc(run.Steps, func(s *lock.Step) bool { return survey.IsStepOrTarget(id, s.ID) })) {
		return id, nil
	}
	jobs, err := r.Jobs(ctx, survey.Steps{id}, undecided(run)...)
	if err != nil {
		return "", err
	}
	r.Identify(ctx, jobs)
	for _, j := range jobs {
		if except[j.ID] {
			continue
		}
		switch {
		case j.Target == nil && j.Unread != nil:
			return "", fmt.Errorf("step %s: %w", id, j.Unread)
		case j.Target == nil:
			return j.ID, nil
		}
		s := j.RecordFor(records)
		if same := records.ByID(j.ID); s == nil && j.Unread != nil && same != nil && same.Address == j.Address() {
			s = same // the service cannot identify the target now
		}
		if s == nil || !s.Outcome.Done() || s.InReplay() {
			return j.ID, nil
		}
	}
	return "", nil
}
