package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
)

// An ending is the outcome of one step of an apply.
type ending struct {
	w       *work
	outcome lock.Outcome
	err     error // why it failed
}

// A queue returns an apply's targets in the plan's order: no step before a step that
// it needs, and no step that needs a failed one.
type queue struct {
	left    []*work
	pending map[string]int  // by id of the document's step: the number of its unfinished jobs
	failed  map[string]bool // by id of the document's step
	needs   bool            // whether needs are observed; a rollback goes in the other direction
}

func newQueue(all []*work, needs bool) *queue {
	q := &queue{left: slices.Clone(all), pending: map[string]int{}, failed: map[string]bool{}, needs: needs}
	for _, w := range all {
		q.pending[w.step.ID]++
	}
	return q
}

// next returns the first target that may start, or nil.
func (q *queue) next() *work {
	for i, w := range q.left {
		if q.needs && slices.ContainsFunc(w.step.Needs, func(n string) bool { return q.pending[n] > 0 || q.failed[n] }) {
			continue
		}
		q.left = slices.Delete(slices.Clone(q.left), i, i+1)
		return w
	}
	return nil
}

func (q *queue) ended(e ending) {
	q.pending[e.w.step.ID]--
	if e.err != nil {
		q.failed[e.w.step.ID] = true
	}
}

// steps applies the targets, as many steps at once as was requested.
func (a *apply) steps(ctx context.Context) error {
	q := newQueue(a.work, !a.plan.Undo)
	ended := make(chan ending)
	under := 0
	var bad []ending
	for {
		for under < max(a.options.Parallelism, 1) && !a.stopped(ctx) && (len(bad) == 0 || a.r.doc.OnError == "continue") {
			w := q.next()
			if w == nil {
				break
			}
			stale := a.refresh(ctx, w, q.left)
			under++
			go func() { ended <- a.one(ctx, w, stale) }()
		}
		if under == 0 {
			break
		}
		e := <-ended
		under--
		q.ended(e)
		if e.err != nil {
			bad = append(bad, e)
		}
		a.r.tell(Event{Step: e.w.id, Kind: Finished, Text: string(e.outcome), Done: len(a.work) - len(q.left) - under, Total: len(a.work)})
	}
	return a.conclude(ctx, bad, q.left)
}

// refresh reads a target again, together with all remaining ones, if its reading is
// not fresh. A step that waits makes its own reading.
func (a *apply) refresh(ctx context.Context, w *work, left []*work) error {
	if w.now.Waits || a.r.world.Env.Now().Sub(w.readAt) <= fresh {
		return nil
	}
	all := append([]*work{w}, left...)
	if err := a.r.look(ctx, all); err != nil {
		return err
	}
	for _, w := range all {
		w.again()
	}
	if w.now.Error != "" {
		return w.snapshot.Err
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
func (a *apply) conclude(ctx context.Context, bad []ending, left []*work) error {
	var errs []error
	for _, w := range left {
		errs = append(errs, a.notRun(w, "the apply ended before this step"))
	}
	if err := errors.Join(errs...); err != nil {
		return a.incomplete("the steps that were not run could not be recorded", err)
	}
	if len(bad) > 0 && a.r.doc.OnError == "undo" && !a.plan.Undo {
		if err := a.takeBack(ctx); err != nil {
			bad = append(bad, ending{outcome: lock.Failed, err: fmt.Errorf("rolling back what was applied: %w", err)})
		}
	}
	switch {
	case len(bad) > 0:
		return a.failure(bad)
	case len(left) > 0 && a.stopped(ctx):
		return ErrInterrupted
	}
	return nil
}

// failure combines the errors of the failed steps.
func (a *apply) failure(bad []ending) error {
	var texts []string
	var errs []error
	refused := true
	for _, e := range bad {
		text := e.err.Error()
		if e.w != nil {
			text = fmt.Sprintf("step %s is %s: %v", e.w.id, e.outcome, e.err)
		}
		texts, errs = append(texts, text), append(errs, e.err)
		refused = refused && e.outcome == lock.Refused
	}
	all := errors.Join(errs...)
	switch {
	case errors.Is(all, ErrInterrupted), errors.Is(all, context.Canceled):
		return fmt.Errorf("%w: %s", ErrInterrupted, joined(texts))
	case a.changed:
		return &Incomplete{Reason: joined(texts), Err: all}
	case refused:
		return refuse("", "nothing was changed: %s", joined(texts))
	}
	return fmt.Errorf("nothing was changed: %s%w", joined(texts), silent{all})
}

// silent is an error that was already reported, kept for errors.Is.
type silent struct{ error }

func (silent) Error() string   { return "" }
func (s silent) Unwrap() error { return s.error }

// notRun records a step that was not started, unless an earlier apply left a more
// detailed record.
func (a *apply) notRun(w *work, why string) error {
	if a.plan.Undo || w.question.Record != nil {
		return nil
	}
	return a.record(w, attempt{outcome: lock.NotRun, why: why})
}
