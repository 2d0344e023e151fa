package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
)

// A Started is consumers that an earlier apply had left stopped, and whether they run
// again.
type Started struct {
	Run      string `json:"run"`
	Step     string `json:"step"`
	Address  string `json:"address"`
	Workload string `json:"workload,omitempty"` // "" = the service itself runs them
	By       string `json:"by"`                 // who had stopped them
	Running  bool   `json:"running"`
	Error    string `json:"error,omitempty"`
}

// StartPaused starts all consumers that a lock records as paused or stopped, also those
// that were stopped at the end of a replay, and sends no reset. The error is an Incomplete
// if some of them do not run again; the Started have the reasons.
func StartPaused(ctx context.Context, r *survey.Reader, sel Selection) ([]Started, error) {
	held, err := lock.Open(ctx, sel.Lock, lock.Options{Plan: r.Doc.Name, Holder: r.Deps.By, Now: r.Deps.Process.Now, Adopt: sel.Adopt})
	if err != nil {
		return nil, plan.RefuseLock(err)
	}
	a := &apply{r: r, options: ApplyOptions{Selection: sel}, held: held}
	out := []Started{}
	for _, one := range held.File().Halted() {
		out = append(out, a.startPaused(ctx, one))
	}
	left := errors.Join(a.leftPaused(nil), a.notStarted(out))
	if closing := held.Close(r.Doc.History); closing != nil {
		return out, errors.Join(left, &plan.Incomplete{Reason: fmt.Sprintf("the lock could not be written: %v", closing), Err: closing})
	}
	return out, left
}

// notStarted is the error of a request to start consumers that a replay had left stopped,
// if some of them do not run again.
func (a *apply) notStarted(all []Started) error {
	stopped := a.held.File().Stopped()
	var left []string
	for _, s := range all {
		if !s.Running && slices.ContainsFunc(stopped, func(one lock.PausedStep) bool { return one.Run == s.Run && one.Step.ID == s.Step }) {
			left = append(left, fmt.Sprintf("%s (step %s of run %s)", s.Address, s.Step, s.Run))
		}
	}
	if left == nil {
		return nil
	}
	reason := "stopped at the end of a replay, and could not be started: " + text.JoinReasons(left)
	return &plan.Incomplete{Reason: reason, Err: errors.New(reason)}
}

// startUndone starts the consumers of steps that an earlier rollback of this run has
// rolled back, and then was interrupted: they are no steps of this rollback.
func (a *apply) startUndone(ctx context.Context) error {
	var errs []error
	for _, one := range a.held.File().Paused() {
		if !a.plan.Undo || one.Run != a.plan.Run || one.Step.Outcome != lock.Undone ||
			slices.ContainsFunc(a.targets, func(t *survey.Target) bool { return findPaused([]lock.PausedStep{one}, t.Job) != nil }) {
			continue
		}
		own := &apply{r: a.r, options: a.options, held: a.held}
		if s := own.startPaused(ctx, one); s.Error != "" {
			errs = append(errs, fmt.Errorf("step %s: %s", s.Step, s.Error))
		}
	}
	return errors.Join(errs...)
}

// orRelease is what to do with a record of consumers that are gone for good.
func orRelease(file string, one lock.PausedStep) string {
	return "; if they are gone for good, " + plan.ReleaseCommand(cmp.Or(file, "FILE"), one.Run, one.Step.ID) + " removes the record"
}

// startPaused starts recorded consumers, and records the outcome of their run if that
// had finished.
func (a *apply) startPaused(ctx context.Context, one lock.PausedStep) Started {
	p := one.Step.Paused
	out := Started{Run: one.Run, Step: one.Step.ID, Address: one.Step.Address, Workload: p.Workload, By: p.By}
	fail := func(err error) Started {
		out.Error = err.Error()
		return out
	}
	j := jobOf(ctx, a.r, &one.Step)
	if j == nil {
		return fail(fmt.Errorf("the plan no longer has a step for %s: restore it, so that the service can be read%s", one.Step.Address,
			orRelease(a.r.Doc.File, one)))
	}
	t := a.r.ForReading([]*survey.Job{j})[0]
	t.Question.Digest, t.PausedBy = one.Step.Digest, &one
	a.plan = &Prepared{Plan: &plan.Plan{Name: a.r.Doc.Name, Run: one.Run}}
	if err := a.r.Read(ctx, []*survey.Target{t}); err != nil {
		return fail(err)
	}
	t.Decide()
	t.Now.Action = plan.Done // nothing is sent
	if t.Question.NoWorkload = noWorkload(a.r, p.Workload); t.Question.NoWorkload != "" {
		return fail(fmt.Errorf("%s; add it under workloads, so that its consumers can be started%s", t.Question.NoWorkload,
			orRelease(a.r.Doc.File, one)))
	}
	h := &halt{record: &one, last: t}
	if e := a.restart(ctx, t, h, ending{target: t}); e.err != nil {
		var refused *plan.Refusal
		if h.record != nil && h.record.Step.Paused.Why != "" && !errors.As(e.err, &refused) {
			return fail(errors.New(h.record.Step.Paused.Why))
		}
		return fail(e.err)
	}
	out.Running = true
	if run := a.held.File().Runs[one.Run]; run.Finished != nil {
		if err := a.held.Finish(one.Run, run.Sum(), run.Finished.Time); err != nil {
			return fail(err)
		}
	}
	return out
}
