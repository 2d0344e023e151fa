package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
)

// ApplyOptions are how a plan is applied.
type ApplyOptions struct {
	Selection
	Parallelism int             // steps at once, as far as needs allow; 1 unless set
	Settle      *time.Duration  // how long to wait for the effect of a reset to become visible; nil = what the provider declares
	Stop        <-chan struct{} // closed: the current steps are finished and no further step is started
}

// A Result is what an apply did.
type Result struct {
	Name    string          `json:"plan"`
	Run     string          `json:"run"`
	Undo    bool            `json:"undo,omitempty"`
	Outcome lock.RunOutcome `json:"outcome"`
	Steps   []lock.Step     `json:"steps"` // the record of each step of the plan
	Lock    string          `json:"lock,omitempty"`
	Idle    bool            `json:"-"` // nothing to do: every step had been applied before
}

// ErrInterrupted means that an apply stopped on request; the lock is up to date.
var ErrInterrupted = errors.New("interrupted")

// fresh is how long a reading is trusted before a send. An older reading is
// repeated, for all remaining steps in one call.
const fresh = time.Second

// Apply applies a plan: it sends the plan's positions, and decides only whether
// they may still be sent. Every step is recorded before it is sent and after it
// was read back.
//
// The error is a *Refusal if nothing was changed, an *Incomplete if it stopped
// part-way, a step is in doubt or overwritten or consumers are left paused,
// ErrInterrupted, and any other if it failed before anything was changed. The
// Result is nil only if nothing was recorded.
func (r *Reconciler) Apply(ctx context.Context, p *Prepared, o ApplyOptions) (*Result, error) {
	held, err := lock.Open(o.Lock, lock.Options{Plan: r.doc.Name, Holder: r.world.By, Now: r.world.Env.Now, Adopt: o.Adopt})
	if err != nil {
		return nil, Refused(err)
	}
	a := &apply{r: r, plan: p, options: o, held: held, work: p.work}
	result, err := a.run(ctx)
	if closing := held.Close(r.doc.History); closing != nil {
		return result, errors.Join(err, a.incomplete("the lock could not be written", closing))
	}
	return result, err
}

// An apply is one plan being applied.
type apply struct {
	r       *Reconciler
	plan    *Prepared
	options ApplyOptions
	held    *lock.Held
	work    []*work

	mu      sync.Mutex      // guards the fields below
	changed bool            // something may have been moved
	sent    map[string]bool // the ids of steps that may have moved something
}

func (a *apply) run(ctx context.Context) (*Result, error) {
	if err := a.prepare(ctx); err != nil {
		return nil, a.leftPaused(err)
	}
	if !a.anythingToRecord() {
		done := a.result(lock.RunApplied)
		done.Idle = true
		return done, a.leftPaused(nil)
	}
	if err := a.begin(); err != nil {
		return nil, err
	}
	failure := a.leftPaused(a.steps(ctx))
	outcome := a.outcome(failure)
	if err := a.held.Finish(a.plan.Run, outcome, a.r.world.Env.Now()); err != nil {
		failure = errors.Join(failure, a.incomplete("the end of the run could not be recorded", err))
	}
	return a.result(outcome), failure
}

// fullApprovals is the number of approvals of a run that are kept with their
// details.
const fullApprovals = 5

// begin records the start or continuation of the run and its approval.
func (a *apply) begin() error {
	begun := lock.Run{
		Document: a.plan.Document, Params: a.plan.Params, By: a.r.world.By, Started: a.r.world.Env.Now(), Outcome: lock.RunInterrupted,
	}
	if was := a.held.File().Runs[a.plan.Run]; was != nil {
		begun.Approvals = slices.Clone(was.Approvals)
	}
	for i := range len(begun.Approvals) - fullApprovals { // older approvals are kept without details
		begun.Approvals[i].Steps = nil
	}
	if !a.plan.Undo && !slices.ContainsFunc(begun.Approvals, func(b lock.Approval) bool { return b.Digest == a.plan.Digest }) {
		begun.Approvals = append(begun.Approvals, a.plan.approval())
	}
	return a.held.Begin(a.plan.Run, begun)
}

// prepare checks that the plan still matches its targets: it uses the plan's own
// readings while they are fresh, and reads again otherwise. If it fails, nothing
// was sent.
func (a *apply) prepare(ctx context.Context) error {
	for _, w := range a.work {
		if w.target == nil {
			continue
		}
		w.question.Holder = "" // this apply holds it
		if !a.plan.Undo {
			w.remember(a.held.File())
		} else {
			w.question.Record = a.held.Step(a.plan.Run, w.question.Digest)
		}
	}
	if a.stale() {
		if err := a.r.look(ctx, a.work); err != nil {
			return err
		}
	}
	var reasons, unread []string
	inDoubt := false
	for _, w := range a.work {
		w.again()
		if why := w.stale(); why != "" {
			reasons = append(reasons, fmt.Sprintf("step %s: %s", w.id, strings.TrimSuffix(why, ".")))
		}
		if w.now.Error != "" {
			unread = append(unread, fmt.Sprintf("step %s: %s", w.id, w.now.Error))
		}
		inDoubt = inDoubt || w.now.InDoubt || w.now.Overwritten
	}
	switch {
	case inDoubt:
		return &Incomplete{Reason: "nothing was sent: " + joined(reasons)}
	case len(unread) > 0:
		return fmt.Errorf("nothing was sent: %s", joined(unread))
	case len(reasons) > 0:
		return refuse("run plan again and review it", "nothing was sent: %s", joined(reasons))
	}
	return a.needed()
}

func (a *apply) stale() bool {
	now := a.r.world.Env.Now()
	return slices.ContainsFunc(a.work, func(w *work) bool { return now.Sub(w.readAt) > fresh })
}

// needed refuses a selection without a step that another step needs and that has
// not been applied in this run.
func (a *apply) needed() error {
	for _, w := range a.work {
		for _, n := range w.step.Needs {
			if a.plan.Undo || slices.ContainsFunc(a.work, func(o *work) bool { return o.step.ID == n }) || hasDone(a.held.File().Runs[a.plan.Run], n) {
				continue
			}
			return refuse("select that step too", "step %s needs step %s, which has not been applied in run %s", w.id, n, a.plan.Run)
		}
	}
	return nil
}

// hasDone reports whether a run has applied a step, for all of its groups.
func hasDone(run *lock.Run, id string) bool {
	if run == nil {
		return false
	}
	found := false
	for _, s := range run.Steps {
		if means(id, s.ID) {
			if !s.Outcome.Done() {
				return false
			}
			found = true
		}
	}
	return found
}

// anythingToRecord reports whether the apply has something to do. If every step is
// done, the lock is not changed.
func (a *apply) anythingToRecord() bool {
	return slices.ContainsFunc(a.work, func(w *work) bool {
		r := w.question.Record
		return r == nil || !r.Outcome.Done() || a.plan.Undo || r.Doubtful() || w.question.Paused != nil
	})
}

func (a *apply) result(outcome lock.RunOutcome) *Result {
	res := &Result{Name: a.plan.Name, Run: a.plan.Run, Undo: a.plan.Undo, Outcome: outcome, Lock: a.options.Lock, Steps: []lock.Step{}}
	for _, w := range a.work {
		if s := a.held.Step(a.plan.Run, w.question.Digest); s != nil {
			res.Steps = append(res.Steps, *s)
		}
	}
	return res
}

// outcome is the outcome of the run.
func (a *apply) outcome(failure error) lock.RunOutcome {
	sum := a.held.File().Runs[a.plan.Run].Sum()
	switch {
	case sum == lock.RunInDoubt:
		return sum
	case errors.Is(failure, ErrInterrupted):
		return lock.RunInterrupted
	case failure != nil && !a.plan.Undo:
		return lock.RunFailed
	}
	return sum
}

// incomplete turns an error into an Incomplete if something may have been sent.
func (a *apply) incomplete(what string, err error) error {
	if a.changed {
		return &Incomplete{Reason: fmt.Sprintf("%s: %v", what, err), Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// joined writes reasons as one sentence, at most the first five.
func joined(reasons []string) string {
	const most = 5
	out := ""
	for i, r := range reasons {
		if i == most {
			return out + fmt.Sprintf("; and %d more", len(reasons)-most)
		}
		if i > 0 {
			out += "; "
		}
		out += r
	}
	return out
}
