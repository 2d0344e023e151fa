package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers/cores"
	"github.com/resetplan/resetplan/schema"
)

// newTargets returns the target of each job, in their order.
func newTargets(ctx context.Context, r *survey.Reader, jobs []*survey.Job, sel Selection, record *lock.File) ([]*survey.Target, error) {
	paused, replays, run := record.Halted(), record.Replays(), record.Runs[sel.RunKey()].Index()
	all, errs := make([]*survey.Target, len(jobs)), make([]error, len(jobs))
	cores.Each(len(jobs), func(i int) { all[i], errs[i] = newTarget(ctx, r, jobs[i], sel, run, paused) })
	for _, t := range all {
		if t != nil && t.Target != nil {
			t.Question.Unfinished = unfinishedReplay(replays, t)
		}
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// undecided returns the ids of a run's steps that must not be overlooked, although a service
// may not list their group now.
func undecided(run *lock.Run) (ids []string) {
	if run == nil {
		return nil
	}
	for _, s := range run.Steps {
		if s.Undecided() {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// unfinishedReplay describes the replay of a target that another request began and that is
// not over: one of another run, or of the step as the plan had it before; "" = there is
// none, or the target was applied.
func unfinishedReplay(replays []lock.PausedStep, t *survey.Target) string {
	if r := t.Question.Record; r != nil && r.Outcome.Done() {
		return ""
	}
	for _, one := range replays {
		if t.Is(&one.Step) {
			return fmt.Sprintf("step %s in run %s (until %s, then: %s)", one.Step.ID, one.Run, plan.PassedText(one.Step.Replay.Until), one.Step.Replay.Then)
		}
	}
	return ""
}

// newTarget returns the target of a job: its question, with the lock's record.
func newTarget(ctx context.Context, r *survey.Reader, j *survey.Job, sel Selection, record lock.Index,
	paused []lock.PausedStep) (*survey.Target, error) {
	t := &survey.Target{Job: j, Case: decide.Case{Question: decide.Question{
		ID: j.ID, Provider: j.Step.Provider, Type: j.Conn.Kind.Type(), Address: j.Address(), Run: sel.RunKey(), File: r.Doc.File, Step: j.Step,
		Capabilities: j.Conn.Caps, Now: r.Deps.Process.Now(), ByGlob: j.ByGlob, Retry: sel.Retry, NoTarget: j.NoTarget,
		NoWorkload: noWorkload(r, j.Step.Idle.Workload),
		Patient:    j.Step.Idle.Wait > 0 || j.Step.Idle.Pause || j.Step.Idle.Workload != "",
	}}}
	q := &t.Question
	if sel.Wait > 0 {
		step := *j.Step
		step.Idle.Wait = sel.Wait
		q.Step = &step
	}
	if j.Target == nil {
		return t, nil
	}
	q.Identity, q.Group = j.Target.Identity(), j.Target.Group()
	q.Digest = j.Digest()
	remember(r, t, record, paused)
	if j.Step.To.Form == schema.ToLock && q.Fixed == nil {
		parts, err := recorded(ctx, r, j)
		if err != nil {
			return nil, err
		}
		q.Fixed = parts
	}
	return t, nil
}

// remember copies the lock's record of the step into the question.
func remember(r *survey.Reader, t *survey.Target, record lock.Index, paused []lock.PausedStep) {
	q := &t.Question
	before := q.Record
	q.Record = nil
	if s := t.RecordFor(record); s != nil {
		if q.Record = before; !before.Same(s) {
			c := *s
			c.Load()
			q.Record = &c
		}
		q.Digest = s.Digest
		q.Resume()
	}
	if q.Earlier = nil; !record.Empty() {
		if s := record.Doubtful(t.Target.Identity(), t.Address(), q.Digest); s != nil {
			c := *s
			c.Load()
			q.Earlier = &c
		}
	}
	rememberPaused(r, t, paused)
}

// rememberPaused copies into the question whether this program has stopped the consumers,
// and whether it can start them.
func rememberPaused(r *survey.Reader, t *survey.Target, paused []lock.PausedStep) {
	t.PausedBy = findPaused(paused, t.Job)
	if t.Question.Paused = nil; t.PausedBy != nil {
		t.Question.Paused = t.PausedBy.Step.Paused
	}
	if t.Question.Stopped = nil; t.PausedBy == nil {
		t.Question.Stopped = findStopped(paused, t.Job)
	}
	t.Question.NoWorkload = noWorkload(r, workloadName(t.PausedBy, t))
}

// settle notes a target that need not be decided again while its reading is fresh: its
// question is what it was for the plan, so that the same reading gives the same decision.
func (a *apply) settle(t *survey.Target, before *decide.Question) {
	q := &t.Question
	decided := t.Now.Action == plan.Done && q.Record != nil || t.Now.Action == plan.Reset || t.Now.Action == plan.Keep
	if !decided || t.Planned.Action != t.Now.Action || t.Resolved != nil || q.Record != before.Record || q.Earlier != nil || q.Holder != before.Holder ||
		q.Paused != nil || before.Paused != nil {
		return
	}
	if a.settled == nil {
		a.settled = map[*survey.Target]bool{}
	}
	a.settled[t] = true
}

// stale reports whether a reading is too old to be trusted.
func (a *apply) stale() bool {
	now := a.r.Deps.Process.Now()
	return slices.ContainsFunc(a.targets, func(t *survey.Target) bool { return now.Sub(t.ReadAt) > fresh })
}

// noWorkload returns why a workload cannot be stopped and started; "" = it can, or there is
// none.
func noWorkload(r *survey.Reader, name string) string {
	if name != "" && r.Deps.Workloads[name] == nil {
		return operator.NoWorkload(name, r.Deps.Process.ConfigFile)
	}
	return ""
}
