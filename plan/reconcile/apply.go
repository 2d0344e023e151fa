package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/cores"
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
	// Moved sums up, by step, what was moved: the figures of the reading that was sent.
	Moved map[string]plan.Summary `json:"moved,omitempty"`
	Total *plan.Summary           `json:"total,omitempty"` // of Moved, if several steps moved something
	Lock  string                  `json:"lock,omitempty"`
	Idle  bool                    `json:"-"` // nothing to do: every step had been applied before
}

// ErrInterrupted means that an apply stopped on request; the lock is up to date.
var ErrInterrupted = errors.New("interrupted")

// fresh is how long a reading is trusted before a send. An older reading is
// repeated, together with those of the steps that are sent next (readahead.go).
const fresh = time.Second

// Apply applies a plan: it sends the plan's positions, and decides only whether
// they may still be sent. Every step is recorded before it is sent and after it
// was read back.
//
// The error is a *Refusal if nothing was changed, an *Incomplete if it stopped
// part-way, a step is in doubt or overwritten or consumers are left paused,
// ErrInterrupted, and any other if it failed before anything was changed. The
// Result is nil only if nothing was recorded.
func Apply(ctx context.Context, r *survey.Reader, p *Prepared, o ApplyOptions) (*Result, error) {
	held, err := lock.Open(ctx, o.Lock, lock.Options{Plan: r.Doc.Name, Holder: r.Deps.By, Now: r.Deps.Process.Now, Adopt: o.Adopt, Read: p.record})
	if err != nil {
		return nil, plan.RefuseLock(err)
	}
	a := &apply{r: r, plan: p, options: o, held: held, targets: p.targets}
	result, err := a.run(ctx)
	if closing := held.Close(r.Doc.History); closing != nil {
		return result, errors.Join(err, a.incomplete("the lock could not be written", closing))
	}
	return result, err
}

// An apply is one plan being applied.
type apply struct {
	r       *survey.Reader
	plan    *Prepared
	options ApplyOptions
	held    *lock.Held
	targets []*survey.Target
	halts   map[string]*halt // consumers that may be stopped; nothing is added while steps run
	within  bool             // it rolls back steps of another apply, which starts the consumers afterwards
	returns bool             // it puts a step of another apply back to its former positions, at the end of a replay

	earlier []lock.PausedStep // replays that other requests began and that are not over

	followers map[*survey.Target]*follower // steps whose replays are watched

	settled map[*survey.Target]bool // decided on the newest reading, for the plan

	mu      sync.Mutex           // guards the fields below
	changed bool                 // something may have been moved or stopped
	sent    map[string]plan.Step // by id: the steps that may have moved something, as they were sent
}

func (a *apply) run(ctx context.Context) (*Result, error) {
	if err := a.prepare(ctx); err != nil {
		return nil, a.leftPaused(err)
	}
	unstarted := a.startUndone(ctx)
	if !a.anythingToRecord() {
		done := a.result(lock.RunApplied)
		done.Idle = true
		return done, a.leftReplaying(a.leftPaused(unstarted))
	}
	if err := a.begin(); err != nil {
		return nil, err
	}
	a.addHalts(a.targets)
	a.earlier = a.earlierReplays()
	failure := a.leftPaused(errors.Join(unstarted, a.steps(ctx), a.finishEarlier()))
	outcome := a.outcome(failure)
	failure = a.leftReplaying(failure)
	if err := a.held.Finish(a.plan.Run, outcome, a.r.Deps.Process.Now()); err != nil {
		failure = errors.Join(failure, a.incomplete("the end of the run could not be recorded", err))
	}
	return a.result(outcome), failure
}

// fullApprovals is the number of approvals of a run that are kept with their
// details.
const fullApprovals = 5

// begin records the start or continuation of the run and its approval.
func (a *apply) begin() error {
	started := lock.Run{
		Document: a.plan.Document, Params: a.plan.Params, By: a.r.Deps.By, Started: lock.AtTime(a.r.Deps.Process.Now()), Outcome: lock.RunInterrupted,
	}
	if was := a.held.File().Runs[a.plan.Run]; was != nil {
		started.Approvals = slices.Clone(was.Approvals)
	}
	for i := range len(started.Approvals) - fullApprovals { // older approvals are kept without details
		started.Approvals[i].Steps = nil
	}
	if !a.plan.Undo && !slices.ContainsFunc(started.Approvals, func(b lock.Approval) bool { return b.Digest == a.plan.Digest }) {
		started.Approvals = append(started.Approvals, a.plan.approval(func(t *survey.Target) bool { return a.settled[t] }))
	}
	return a.held.Begin(a.plan.Run, started)
}

// prepare checks that the plan still matches its targets: it uses the plan's own
// readings while they are fresh, and reads again otherwise. If it fails, nothing
// was sent.
func (a *apply) prepare(ctx context.Context) error {
	paused, run := a.held.File().Halted(), a.held.File().Runs[a.plan.Run].Index()
	for _, t := range a.targets {
		if t.Target == nil {
			continue
		}
		before := t.Question
		t.Question.Holder = "" // this apply holds it
		if !a.plan.Undo {
			remember(a.r, t, run, paused)
			a.settle(t, &before)
		} else {
			t.Question.Record = a.held.Step(a.plan.Run, t.Question.Digest)
			rememberPaused(a.r, t, paused)
		}
	}
	if a.stale() {
		a.settled = nil
		if err := a.r.ReadToDecide(ctx, a.targets); err != nil {
			return err
		}
	}
	var ids, reasons, unread []string
	inDoubt := false
	cores.Each(len(a.targets), func(i int) {
		if t := a.targets[i]; !a.settled[t] {
			t.Loaded(t.Again)
		}
	})
	for _, t := range a.targets {
		if why := t.Stale(); why != "" {
			ids, reasons = append(ids, t.ID), append(reasons, why)
		}
		if t.Now.Error != "" {
			unread = append(unread, fmt.Sprintf("step %s: %s", t.ID, t.Now.Error))
		}
		inDoubt = inDoubt || t.Now.InDoubt || t.Now.Overwritten
	}
	if len(reasons) == 0 {
		ids, reasons = a.overlapsApplied(ctx)
	}
	switch {
	case inDoubt:
		return &plan.Incomplete{Reason: "nothing was sent: " + plan.JoinSteps(ids, reasons)}
	case len(unread) > 0:
		return fmt.Errorf("nothing was sent: %s", text.JoinReasons(unread))
	case len(reasons) > 0:
		return plan.Refuse("run plan again and review it", "nothing was sent: %s", plan.JoinSteps(ids, reasons))
	}
	return a.needed(ctx)
}

// anythingToRecord reports whether the apply has something to do. If every step is
// done, the lock is not changed.
func (a *apply) anythingToRecord() bool {
	return slices.ContainsFunc(a.targets, func(t *survey.Target) bool {
		r := t.Question.Record
		return r == nil || !r.Outcome.Done() || a.plan.Undo || r.Doubtful() || t.Question.Paused != nil || r.InReplay()
	})
}

// result returns the records of the plan's steps.
func (a *apply) result(outcome lock.RunOutcome) *Result {
	res := &Result{Name: a.plan.Name, Run: a.plan.Run, Undo: a.plan.Undo, Outcome: outcome, Lock: a.options.Lock, Steps: []lock.Step{}}
	var moved []plan.Step
	for _, t := range a.targets {
		s := a.held.Recorded(a.plan.Run, t.Question.Digest)
		if s == nil {
			continue
		}
		res.Steps = append(res.Steps, *s)
		if now, ok := a.movedBy(t, s); ok {
			moved = append(moved, now)
		}
	}
	for _, s := range moved {
		if res.Moved == nil {
			res.Moved = map[string]plan.Summary{}
		}
		res.Moved[s.ID] = plan.Summarise([]plan.Step{s})
	}
	if len(moved) > 1 {
		all := plan.Summarise(moved)
		res.Total = &all
	}
	return res
}

// movedBy returns a step with the parts that were moved, if they are known.
func (a *apply) movedBy(t *survey.Target, s *lock.Step) (plan.Step, bool) {
	now, sent := a.sent[t.ID]
	parts := s.Parts
	if a.plan.Undo && s.Undo != nil {
		parts = s.Undo.Parts
	}
	if !sent || !s.Outcome.Done() && s.Outcome != lock.Failed && s.Outcome != lock.Undone {
		return now, false
	}
	now.ID, now.Action = s.ID, plan.Reset
	if slices.ContainsFunc(parts, func(p lock.Part) bool { return p.Error != "" }) {
		now.Parts = slices.DeleteFunc(slices.Clone(now.Parts), func(p plan.Part) bool {
			record, ok := decide.RecordOf(parts, p.Part)
			return ok && record.Error != ""
		})
	}
	return now, true
}

// outcome is the outcome of the run.
func (a *apply) outcome(failure error) lock.RunOutcome {
	sum := a.held.File().Runs[a.plan.Run].Sum()
	switch {
	case sum == lock.RunInDoubt, sum == lock.RunInterrupted:
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
		return &plan.Incomplete{Reason: fmt.Sprintf("%s: %v", what, err), Err: err}
	}
	return fmt.Errorf("%s: %w", what, err)
}
