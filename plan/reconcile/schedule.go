package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
)

// An ending is the outcome of one step of an apply.
type ending struct {
	target  *survey.Target
	outcome lock.Outcome
	err     error // why it failed
}

// A queue returns an apply's targets in the plan's order: no step before a step that
// it needs, and no step that needs a failed one.
type queue struct {
	left    []*survey.Target
	pending map[string]int  // by id of the document's step: the number of its unfinished jobs
	failed  map[string]bool // by id of the document's step
	needs   bool            // whether needs are observed; a rollback goes in the other direction
}

func newQueue(all []*survey.Target, needs bool) *queue {
	q := &queue{left: slices.Clone(all), pending: map[string]int{}, failed: map[string]bool{}, needs: needs}
	for _, t := range all {
		q.pending[t.Step.ID]++
	}
	return q
}

// next returns the first target that may start, or nil.
func (q *queue) next() *survey.Target {
	for i, t := range q.left {
		if q.needs && slices.ContainsFunc(t.Step.Needs, func(n string) bool { return q.pending[n] > 0 || q.failed[n] }) {
			continue
		}
		if i == 0 {
			q.left = q.left[1:]
		} else {
			q.left = slices.Delete(q.left, i, i+1)
		}
		return t
	}
	return nil
}

func (q *queue) ended(e ending) {
	q.pending[e.target.Step.ID]--
	if e.err != nil {
		q.failed[e.target.Step.ID] = true
	}
}

// steps applies the targets, at most options.Parallelism steps at once. Replays are
// watched together, after every step that does not need one of them.
func (a *apply) steps(ctx context.Context) error {
	q := newQueue(a.targets, !a.plan.Undo)
	ended := make(chan ending)
	running := 0
	var failed []ending
	var replays []*survey.Target // steps that were applied, and whose replay is not over
	end := func(e ending) {
		q.ended(e)
		if e.err != nil {
			failed = append(failed, e)
		}
		a.r.Report(survey.Event{Step: e.target.ID, Kind: survey.Finished, Text: string(e.outcome),
			Done: len(a.targets) - len(q.left) - running - len(replays), Total: len(a.targets)})
	}
	for {
		for running < max(a.options.Parallelism, 1) && !a.stopped(ctx) && (len(failed) == 0 || a.r.Doc.OnError == "continue") {
			t := q.next()
			if t == nil {
				break
			}
			stale := a.refresh(ctx, t, q.left)
			running, a.started = running+1, a.started+1
			go func() { ended <- a.applyStep(ctx, t, stale) }()
		}
		if running == 0 && len(replays) > 0 && (len(failed) == 0 || a.r.Doc.OnError == "continue") {
			over := a.follow(ctx, replays)
			replays = slices.DeleteFunc(replays, func(t *survey.Target) bool {
				return slices.ContainsFunc(over, func(e ending) bool { return e.target == t })
			})
			for _, e := range over {
				end(e)
			}
			continue
		}
		if running == 0 {
			break
		}
		e := <-ended
		if running--; e.err == nil && a.inReplay(e.target) {
			replays = append(replays, e.target)
			continue
		}
		end(e)
	}
	return a.conclude(ctx, failed, q.left)
}

// refresh reads a target again if its reading is not fresh, together with the next ones
// whose turn is likely to come while the reading is fresh: as many as were started on the
// reading before, or twice as many if all of that were. A step that waits makes its own
// reading.
func (a *apply) refresh(ctx context.Context, t *survey.Target, left []*survey.Target) error {
	if t.Now.Waits || a.r.Deps.Process.Now().Sub(t.ReadAt) <= fresh {
		return nil
	}
	started := max(a.started, a.options.Parallelism, 1)
	if a.started >= a.together {
		started *= 2
	}
	a.together, a.started = started, 0
	all := append([]*survey.Target{t}, left[:min(started-1, len(left))]...)
	if err := a.r.ReadWithAges(ctx, all); err != nil {
		return err
	}
	for _, t := range all {
		t.Again()
	}
	if t.Now.Error != "" {
		return t.Snapshot.Err
	}
	return nil // another target's error is reported when its turn comes
}

func (a *apply) stopped(ctx context.Context) bool {
	select {
	case <-a.options.Stop:
		return true
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// conclude records the steps that were not run and returns the error of the apply.
func (a *apply) conclude(ctx context.Context, failed []ending, left []*survey.Target) error {
	var errs []error
	for _, t := range left {
		errs = append(errs, a.notRun(t, "the apply ended before this step"))
	}
	unrecorded := errors.Join(errs...)
	if unrecorded == nil && len(failed) > 0 && a.r.Doc.OnError == "undo" && !a.plan.Undo {
		if err := a.rollBackSent(ctx); err != nil {
			failed = append(failed, ending{outcome: lock.Failed, err: fmt.Errorf("rolling back what was applied: %w", err)})
		}
	}
	if !a.within {
		failed = append(failed, a.startLeft(ctx)...)
	}
	if unrecorded != nil {
		return a.incomplete("the steps that were not run could not be recorded", unrecorded)
	}
	switch {
	case len(failed) > 0:
		return a.failure(failed)
	case len(left) > 0 && a.stopped(ctx):
		return ErrInterrupted
	}
	return nil
}

// failure combines the errors of the failed steps.
func (a *apply) failure(failed []ending) error {
	var texts []string
	var errs []error
	refused := true
	for _, e := range failed {
		text := e.err.Error()
		if e.target != nil {
			text = fmt.Sprintf("step %s is %s: %v", e.target.ID, e.outcome, e.err)
		}
		texts, errs = append(texts, text), append(errs, e.err)
		refused = refused && e.outcome == lock.Refused
	}
	all := errors.Join(errs...)
	var unfinished *plan.Incomplete
	switch {
	case errors.Is(all, ErrInterrupted), errors.Is(all, context.Canceled):
		return fmt.Errorf("%w: %s", ErrInterrupted, text.JoinReasons(texts))
	case a.changed, errors.As(all, &unfinished):
		return &plan.Incomplete{Reason: text.JoinReasons(texts), Err: all}
	case refused:
		return plan.Refuse("", "nothing was changed: %s", text.JoinReasons(texts))
	}
	return &unchanged{text.JoinReasons(texts), all}
}

// unchanged means that an apply failed before anything was changed. Its reason
// contains the messages of its cause.
type unchanged struct {
	reason string
	cause  error
}

func (u *unchanged) Error() string { return "nothing was changed: " + u.reason }

func (u *unchanged) Unwrap() error { return u.cause }

// notRun records a step that was not started, unless an earlier apply left a more
// detailed record.
func (a *apply) notRun(t *survey.Target, why string) error {
	if a.plan.Undo || t.Question.Record != nil {
		return nil
	}
	return a.record(t, attempt{outcome: lock.NotRun, why: why})
}
