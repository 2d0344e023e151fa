package reconcile

import (
	"context"
	"fmt"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
)

// Two steps of a document must not move the same part: the order would decide its
// position. Package check finds that for literal names. What globs match, and which names
// lead to the same service, only a reading shows.

// blockOverlaps blocks steps that move the same part as an earlier one, or as one that this
// run has applied before: one of the plan, or one of moved, which the plan does not have. A
// rollback needs no such check: it gives each part to one step.
func (p *Prepared) blockOverlaps(moved []*survey.Target) {
	applied := appliedParts(p.targets, moved)
	moving := groupsOfSeveral(p.targets)
	for i, t := range p.targets {
		s := &p.Steps[i]
		if !moves(s) || !moving.mayHave(t) && !applied.mayHave(t) {
			continue
		}
		parts := s.AllParts() // they may have to be decided for it
		why := applied.overlap(t, parts, "was moved by step %s in this run")
		if why == "" {
			why = moving.overlap(t, parts, "is also moved by step %s")
		}
		if why != "" {
			s.Action, s.Why = plan.Blocked, why
			p.effects[i] = effectDigest(t, *s)
			continue
		}
		for k := range parts {
			moving.addPart(t, parts[k].Part)
		}
	}
}

// overlap returns why a target must not move parts, if another one has one of them;
// "" = none has.
func (h holders) overlap(t *survey.Target, parts []plan.Part, how string) string {
	if !h.mayHave(t) || len(h[t.Target.Group()]) == 0 {
		return ""
	}
	for i := range parts {
		if other := h.find(t, parts[i].Part, anyTarget); other != nil {
			return fmt.Sprintf("%s "+how+", and the order would decide its position. Use one step for it.", plan.PartName(parts[i].Part), other.ID)
		}
	}
	return ""
}

// moves reports whether a step sets positions.
func moves(s *plan.Step) bool { return s.Action == plan.Reset || s.Action == plan.Keep }

// appliedParts returns the parts that the records of targets, and of those in moved, have
// moved or kept.
func appliedParts(all, moved []*survey.Target) holders {
	out := groupsOfSeveral(append(all[:len(all):len(all)], moved...))
	for _, list := range [][]*survey.Target{all, moved} {
		for _, t := range list {
			if r := t.Question.Record; r != nil && hasMoved(r) {
				out.add(t, r.Parts, movedPart)
			}
		}
	}
	return out
}

// hasMoved reports whether a recorded step has set positions, or may have.
func hasMoved(s *lock.Step) bool { return s.Outcome == lock.Keep || Reversible(s) }

// movedBefore returns the targets of steps that a run has applied, that the document still
// has, and that are not in all, as far as they may have parts in common with those: an
// apply of single steps does not have the others.
func movedBefore(ctx context.Context, r *survey.Reader, run *lock.Run, all []*survey.Target) []*survey.Target {
	if run == nil {
		return nil
	}
	groups, own := map[string]bool{}, map[string]bool{}
	for _, t := range all {
		if t.Target != nil {
			groups[t.Target.Group()], own[t.Question.Digest] = true, true
		}
	}
	var jobs []*survey.Job
	var records []*lock.Step
	index := run.Index()
	for _, s := range run.Steps {
		if own[s.Digest] || !hasMoved(s) {
			continue
		}
		if j := r.SelectedJob(s.ID); j != nil && groups[j.Target.Group()] {
			jobs, records = append(jobs, j), append(records, s)
		}
	}
	r.Identify(ctx, jobs)
	var out []*survey.Target
	for i, j := range jobs {
		if found := j.RecordFor(index); found == nil || found.Digest != records[i].Digest {
			continue // the step was edited since
		}
		record := *records[i]
		record.Load()
		out = append(out, &survey.Target{Job: j, Case: decide.Case{Question: decide.Question{ID: j.ID, Record: &record, Digest: record.Digest}}})
	}
	return out
}

// overlapsApplied returns how a step of an apply overlaps with one that another apply of the
// run has applied since the plan was made, for each step that does.
func (a *apply) overlapsApplied(ctx context.Context) (ids, reasons []string) {
	if a.plan.Undo {
		return nil, nil
	}
	applied := appliedParts(a.targets, movedBefore(ctx, a.r, a.held.File().Runs[a.plan.Run], a.targets))
	for _, t := range a.targets {
		if !moves(&t.Now) || !applied.mayHave(t) {
			continue
		}
		if why := applied.overlap(t, t.Now.AllParts(), "was moved by step %s in this run"); why != "" {
			ids, reasons = append(ids, t.ID), append(reasons, why)
		}
	}
	return ids, reasons
}
