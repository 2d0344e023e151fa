package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// ApplyOptions say how a plan is carried out.
type ApplyOptions struct {
	Selection
	Parallelism int             // steps at once, as far as needs allow; 1 unless set
	Settle      *time.Duration  // how long to look for the effect of a reset; nil = what the provider declares
	Stop        <-chan struct{} // closed: the steps under way are finished, no other is begun
}

// A Result is what an apply did.
type Result struct {
	Name    string          `json:"plan"`
	Run     string          `json:"run"`
	Undo    bool            `json:"undo,omitempty"`
	Outcome lock.RunOutcome `json:"outcome"`
	Steps   []lock.Step     `json:"steps"` // what the lock holds of each step of the plan
	Idle    bool            `json:"-"`     // nothing was to do: all of it was done before
}

// ErrInterrupted means that an apply was asked to stop and did, with the lock
// true.
var ErrInterrupted = errors.New("interrupted")

// fresh is how long a reading made by this process is trusted before a send.
// Older ones are made again, for all steps that are left in one call.
const fresh = time.Second

// Apply carries a plan out: it sends the plan's positions and decides nothing
// but whether they may still be sent. Every step is recorded before it is
// sent and after it was read back.
//
// The error is a *Refusal where nothing was changed, an *Incomplete where it
// stopped part-way, a step is in doubt or was overwritten, ErrInterrupted,
// and any other where it failed before anything was changed. The Result is
// nil only where nothing was recorded.
func (r *Reconciler) Apply(ctx context.Context, p *Plan, o ApplyOptions) (*Result, error) {
	held, err := lock.Open(o.Lock, lock.Options{Plan: r.doc.Name, Holder: r.world.By, Now: r.world.Env.Now})
	if err != nil {
		return nil, Busy(err)
	}
	a := &apply{r: r, plan: p, options: o, held: held}
	result, err := a.run(ctx)
	if closing := held.Close(r.doc.History); closing != nil {
		return result, errors.Join(err, a.incomplete("the lock could not be written", closing))
	}
	return result, err
}

// An apply is one plan under way.
type apply struct {
	r       *Reconciler
	plan    *Plan
	options ApplyOptions
	held    *lock.Held
	work    []*work

	mu      sync.Mutex      // guards what follows
	changed bool            // something may have been moved
	sent    map[string]bool // the ids of steps that may have moved something
}

func (a *apply) run(ctx context.Context) (*Result, error) {
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	if !a.anythingToRecord() {
		done := a.result(lock.RunApplied)
		done.Idle = true
		return done, nil
	}
	begun := lock.Run{Document: a.plan.Document, Params: a.plan.Params, By: a.r.world.By, Started: a.r.world.Env.Now(), Outcome: lock.RunInterrupted}
	if err := a.held.Begin(a.plan.Run, begun); err != nil {
		return nil, err
	}
	failure := a.steps(ctx)
	outcome := a.outcome(failure)
	if err := a.held.Finish(a.plan.Run, outcome, a.r.world.Env.Now()); err != nil {
		failure = errors.Join(failure, a.incomplete("the run's end could not be recorded", err))
	}
	return a.result(outcome), failure
}

// prepare makes sure that what will be sent is what was planned: it takes
// over the plan's own readings while they are fresh and reads again
// otherwise. Nothing was sent when it fails.
func (a *apply) prepare(ctx context.Context) error {
	a.work = a.plan.work
	if a.work == nil {
		var err error
		if a.work, err = a.r.fromSaved(ctx, a.plan, a.held.File()); err != nil {
			return err
		}
	}
	for _, w := range a.work {
		w.question.Record, w.question.Holder = a.held.Step(a.plan.Run, w.question.Digest), "" // it is held by this apply
	}
	if a.stale() {
		if err := a.r.look(ctx, a.work); err != nil {
			return err
		}
	}
	var reasons []string
	inDoubt := false
	for _, w := range a.work {
		w.now = w.again()
		if why := a.changedSince(w); why != "" {
			reasons = append(reasons, fmt.Sprintf("step %s: %s", w.id, why))
		}
		inDoubt = inDoubt || w.now.InDoubt
	}
	if inDoubt {
		return &Incomplete{Reason: "a step is in doubt, so nothing was sent: " + joined(reasons)}
	}
	if len(reasons) > 0 {
		return refuse("plan again and look at it", "nothing was sent: %s", joined(reasons))
	}
	return a.needed()
}

// again compares a work anew. Where it goes is not decided again.
func (w *work) again() Step {
	q := w.question
	if q.Fixed == nil && w.planned.Action == Reset && !w.whole() {
		q.Fixed = fixedFrom(w.planned.Parts)
	}
	return w.diffWith(q)
}

// whole reports whether the step asks for one position for all parts, which
// the service itself works out.
func (w *work) whole() bool {
	for _, p := range w.planned.Parts {
		if w.conn.caps.Moves[p.After.Kind()] == providers.WholeTarget {
			return true
		}
	}
	return false
}

// changedSince says why a step may not be sent as it was planned, or "".
func (a *apply) changedSince(w *work) string {
	planned, now := w.planned, w.now
	switch {
	case now.Action == Blocked:
		return now.Why
	case planned.Action != Reset || now.Action == Done || now.Action == Keep:
		return ""
	case !w.covers() || planned.Waits || planned.Pauses:
		return ""
	}
	for i, p := range planned.Parts {
		if i >= len(now.Parts) || now.Parts[i].Part != p.Part {
			return "its partitions are others than planned"
		}
		if now.Parts[i].Before != p.Before {
			return fmt.Sprintf("%s stood at %s when this was planned and stands at %s now", partName(p.Part), p.Before, now.Parts[i].Before)
		}
	}
	return ""
}

func (a *apply) stale() bool {
	now := a.r.world.Env.Now()
	return slices.ContainsFunc(a.work, func(w *work) bool { return now.Sub(w.readAt) > fresh })
}

// needed refuses a selection that leaves out a step which another needs and
// which this run has not done.
func (a *apply) needed() error {
	for _, w := range a.work {
		for _, n := range w.step.Needs {
			if a.plan.Undo || slices.ContainsFunc(a.work, func(o *work) bool { return o.step.ID == n }) || a.r.hasDone(a.held.File().Runs[a.plan.Run], n) {
				continue
			}
			return refuse("select it too", "step %s needs step %s, which run %s has not done", w.id, n, a.plan.Run)
		}
	}
	return nil
}

// hasDone reports whether a run has carried out a step, all its groups where
// it has several.
func (r *Reconciler) hasDone(run *lock.Run, id string) bool {
	if run == nil {
		return false
	}
	any := false
	for _, s := range run.Steps {
		if means(id, s.ID) {
			if !s.Outcome.Done() {
				return false
			}
			any = true
		}
	}
	return any
}

// anythingToRecord reports whether the apply differs from doing nothing. One
// that finds everything done leaves the lock as it is.
func (a *apply) anythingToRecord() bool {
	return slices.ContainsFunc(a.work, func(w *work) bool {
		r := w.question.Record
		return r == nil || !r.Outcome.Done() || a.plan.Undo || r.Doubtful()
	})
}

func (a *apply) result(outcome lock.RunOutcome) *Result {
	res := &Result{Name: a.plan.Name, Run: a.plan.Run, Undo: a.plan.Undo, Outcome: outcome, Steps: []lock.Step{}}
	for _, w := range a.work {
		if s := a.held.Step(a.plan.Run, w.question.Digest); s != nil {
			res.Steps = append(res.Steps, *s)
		}
	}
	return res
}

// outcome sums a run up.
func (a *apply) outcome(failure error) lock.RunOutcome {
	switch run := a.held.File().Runs[a.plan.Run]; {
	case slices.ContainsFunc(run.Steps, (*lock.Step).Doubtful):
		return lock.RunInDoubt
	case errors.Is(failure, ErrInterrupted):
		return lock.RunInterrupted
	case failure != nil:
		return lock.RunFailed
	}
	return lock.RunApplied
}

// incomplete tells of a failure as what it is: part-way where something may
// have been sent, else plain.
func (a *apply) incomplete(what string, err error) error {
	if a.changed {
		return &Incomplete{Reason: fmt.Sprintf("%s: %v", what, err), Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}

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
