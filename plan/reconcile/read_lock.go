package reconcile

import (
	"context"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// readLock reads a lock with the parts of a run, and describes the apply that holds it; "" = none. The holder is
// read first: if its apply ends before the lock is read, the lock is complete.
func readLock(ctx context.Context, path, run string) (*lock.File, string, error) {
	held, err := lock.Holder(ctx, path)
	if err != nil {
		return nil, "", err
	}
	f, err := lock.ReadRun(ctx, path, run)
	if held == nil || err != nil {
		return f, "", plan.RefuseLock(err)
	}
	return f, held.Error(), nil
}

// ownLock refuses the lock of another plan: its steps would count as done, although
// an apply would refuse the same lock.
func ownLock(f *lock.File, name string, sel Selection) error {
	if f.Plan == "" || f.Plan == name || sel.Adopt {
		return nil
	}
	return plan.RefuseLock(&lock.ForeignError{Path: sel.Lock, Plan: f.Plan, Want: name})
}

// recorded returns, from another run's lock, the positions of a step's parts
// before it.
func recorded(ctx context.Context, r *survey.Reader, j *survey.Job) ([]lock.Part, error) {
	to := j.Step.To
	f, err := lock.Read(ctx, check.RelativeTo(r.Doc.File, to.Lock))
	if err != nil {
		return nil, plan.RefuseLock(err)
	}
	run, step, problem := check.Referenced(f, to)
	if problem != nil {
		return nil, diag.Errors{r.Doc.ErrorAt(problem.Reason, problem.Remedy, "steps", indexOf(r, j), "to", problem.Key)}
	}
	s := f.Runs[run].ByID(step)
	switch {
	case j.Unread == nil && !j.Is(s):
		return nil, diag.Errors{r.Doc.ErrorAt(fmt.Sprintf("step %s of run %s in %s is of another target, %s", step, run, to.Lock, s.Address),
			"refer to a step that reset this target", "steps", indexOf(r, j), "to")}
	case len(s.Parts) == 0:
		return nil, diag.Errors{r.Doc.ErrorAt(fmt.Sprintf("%s no longer has the positions of step %s", to.Lock, step),
			"only the newest runs keep them", "steps", indexOf(r, j), "to")}
	}
	return decide.Reversed(s.Parts), nil
}

// indexOf returns the index of a job's step in the document.
func indexOf(r *survey.Reader, j *survey.Job) int {
	return slices.IndexFunc(r.Doc.Steps, func(s schema.Step) bool { return s.ID == j.Step.ID })
}
