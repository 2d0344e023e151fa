package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
)

// Resume prepares a saved plan to be applied: its positions with a fresh reading.
// Selection.Lock is the lock it was planned with. What the plan's globs matched
// stays as it was saved. The error is a *Refusal if the saved plan was altered or
// no longer matches what its services report.
func Resume(ctx context.Context, r *survey.Reader, saved *plan.Plan, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(ctx, sel.Lock, sel.RunKey())
	if err != nil {
		return nil, err
	}
	p, err := resume(ctx, r, saved, sel, record, holder)
	if err != nil {
		return nil, stillPaused(record, err)
	}
	p.findLeftReplays(ctx, r, record, true)
	return p, nil
}

func resume(ctx context.Context, r *survey.Reader, saved *plan.Plan, sel Selection, record *lock.File, holder string) (p *Prepared,
	err error) {
	sel.Run = saved.Run
	jobs := make([]*survey.Job, len(saved.Steps))
	for i := range saved.Steps {
		if jobs[i], err = savedJob(r, &saved.Steps[i]); err != nil {
			return nil, err
		}
	}
	r.Identify(ctx, jobs)
	all, err := newTargets(ctx, r, jobs, sel, record)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Planned, all[i].Question.Holder = saved.Steps[i], holder
		all[i].LowTime = sel.Impact && !all[i].Question.ByTime()
		all[i].Bytes = sel.Impact
	}
	if plan.ReviewDigest(saved, effectDigests(saved.Steps, all)) != saved.Digest && !continued(record, saved, all) {
		return nil, plan.Refuse("run plan again", "the saved plan was altered: its content does not match its digest")
	}
	if err := r.ReadWithAges(ctx, all); err != nil {
		return nil, err
	}
	return refreshed(saved, sel, record, all)
}

// continued reports whether an earlier apply of the run was started with the saved
// plan, and each step that may still be sent is as it was approved then. The
// plan's own digest cannot show that once some of it has moved.
func continued(record *lock.File, saved *plan.Plan, all []*survey.Target) bool {
	run := record.Runs[saved.Run]
	if run == nil {
		return false
	}
	at := slices.IndexFunc(run.Approvals, func(a lock.Approval) bool { return a.Digest == saved.Digest && a.Inputs == saved.InputsDigest() })
	if at < 0 {
		return false
	}
	given := run.Approvals[at].Steps // nil: only that it was given is kept
	if given != nil && len(given) != len(all) {
		return false
	}
	for i, t := range all {
		s := &saved.Steps[i]
		approved, known := given[s.ID]
		done := t.Question.Record != nil && t.Question.Record.Outcome.Done()
		if given != nil && !known || !done && approved != t.RestDigest(s) {
			return false
		}
	}
	return true
}

// refreshed returns the saved plan on a fresh reading.
func refreshed(saved *plan.Plan, sel Selection, record *lock.File, all []*survey.Target) (*Prepared, error) {
	copied := *saved
	p := &Prepared{Plan: &copied, targets: all}
	p.Steps = slices.Clone(saved.Steps)
	var stale []string
	for i, t := range all {
		t.Again()
		p.Steps[i] = t.Now
		if why := t.Stale(); why != "" && t.Now.Action != plan.Blocked {
			stale = append(stale, fmt.Sprintf("step %s: %s", t.ID, why))
		}
		if sel.Impact {
			p.Steps[i].Impact = impact.Of(t, &p.Steps[i])
		}
	}
	if len(stale) > 0 {
		return nil, plan.Refuse("run plan again and review it", "the saved plan is stale, nothing was sent: %s", text.JoinReasons(stale))
	}
	if err := unreadable(p.Steps, all); err != nil {
		return nil, err
	}
	p.Summary = plan.Summarise(p.Steps)
	p.prepare(record, all, sel)
	return p, nil
}

// savedJob returns the job of a saved step.
func savedJob(r *survey.Reader, s *plan.Step) (*survey.Job, error) {
	altered := plan.Refuse("run plan again", "the saved plan is inconsistent: step %s is not a step of its document", s.ID)
	step, target := r.StepOf(s.ID)
	if step == nil {
		return nil, altered
	}
	if s.Address == "" {
		return &survey.Job{ID: s.ID, Step: step, Conn: r.Connections[step.Provider], NoTarget: s.Why}, nil
	}
	j, err := survey.NewJob(step, r.Connections[step.Provider], s.ID, target)
	if err != nil {
		return nil, err
	}
	if j.Address() != s.Address && !j.Conn.Shared { // the operator may spell an address in another way: its identity decides
		return nil, altered
	}
	return j, nil
}
