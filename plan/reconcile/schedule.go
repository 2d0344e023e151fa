package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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

// A queue has an apply's targets in the plan's order: no step may start before a step
// that it needs, nor if it needs a failed one.
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

// next returns the first target that may start, or nil. It remains in the queue.
func (q *queue) next() *survey.Target {
	if i := slices.IndexFunc(q.left, q.ready); i >= 0 {
		return q.left[i]
	}
	return nil
}

// ready reports whether all that a target needs has been applied.
func (q *queue) ready(t *survey.Target) bool {
	return !q.needs || !slices.ContainsFunc(t.Step.Needs, func(n string) bool { return q.pending[n] > 0 || q.failed[n] })
}

// inTurn returns the targets that are left, in the order in which they are likely to
// start: those that need others of them are the last.
func (q *queue) inTurn() []*survey.Target {
	var first, later []*survey.Target
	for _, t := range q.left {
		if q.ready(t) {
			first = append(first, t)
		} else {
			later = append(later, t)
		}
	}
	return append(first, later...)
}

func (q *queue) start(t *survey.Target) {
	if i := slices.Index(q.left, t); i == 0 {
		q.left = q.left[1:]
	} else {
		q.left = slices.Delete(q.left, i, i+1)
	}
}

func (q *queue) ended(e ending) {
	q.pending[e.target.Step.ID]--
	if e.err != nil {
		q.failed[e.target.Step.ID] = true
	}
}

// A schedule is the steps of an apply while they run.
type schedule struct {
	*apply
	queue   *queue
	slots   int // steps at once
	running int
	waiting int              // running steps that wait for their consumers
	ends    chan timedEnding // of running steps; it has room for all of them
	turns   chan func()      // steps for the workers, of which there are as many as steps have run at once
	workers int
	failed  []ending
	replays []*survey.Target // steps that were applied, and whose replay is not over
	pace    pace
	read    *survey.Target // the last one that was read for its own start
	most    int            // targets that are read together; 0 = as many as start in time
}

// steps applies the targets, at most options.Parallelism steps at once. Replays are
// watched together, after every step that does not need one of them.
func (a *apply) steps(ctx context.Context) error {
	slots := max(a.options.Parallelism, 1)
	s := &schedule{apply: a, queue: newQueue(a.targets, !a.plan.Undo), slots: slots, ends: make(chan timedEnding, slots), turns: make(chan func())}
	defer close(s.turns)
	for {
		for len(s.ends) > 0 {
			s.end(<-s.ends)
		}
		t := s.next(ctx)
		switch {
		case t != nil && s.stale(t):
			s.refresh(ctx, t)
			continue // a step may have failed meanwhile
		case t != nil:
			s.start(ctx, t)
			continue
		case s.running > 0:
			s.end(<-s.ends)
			continue
		case len(s.replays) > 0 && (len(s.failed) == 0 || s.r.Doc.OnError == "continue"):
			s.follow(ctx)
			continue
		}
		return a.conclude(ctx, s.failed, s.queue.left)
	}
}

// next returns the next target if it may start now, or nil.
func (s *schedule) next(ctx context.Context) *survey.Target {
	if s.running == s.slots || s.stopped(ctx) || len(s.failed) > 0 && s.r.Doc.OnError != "continue" {
		return nil
	}
	return s.queue.next()
}

// A timedEnding is an ending, with how long its step took.
type timedEnding struct {
	ending
	kind   kind
	took   time.Duration
	waited bool
}

// start applies a target. A reading before it that failed is its error: all targets could
// be read when the apply began.
func (s *schedule) start(ctx context.Context, t *survey.Target) {
	var unread error
	if t.Now.Error != "" {
		unread = t.Snapshot.Err
	}
	e := timedEnding{kind: kindOf(t), waited: t.Now.Waits || t.Now.Pauses}
	s.queue.start(t)
	s.running++
	if e.waited {
		s.waiting++
	}
	if s.running > s.workers {
		s.workers++
		go s.work()
	}
	s.turns <- func() {
		began := s.r.Deps.Process.Now()
		e.ending = s.applyStep(ctx, t, unread)
		e.took = max(s.r.Deps.Process.Now().Sub(began), 0)
		s.ends <- e
	}
}

// work applies one step after another: a goroutine for each would first have to grow its
// stack. It ends when turns is closed.
func (s *schedule) work() {
	for apply := range s.turns {
		apply()
	}
}

// end notes that a step has ended.
func (s *schedule) end(e timedEnding) {
	s.running--
	if e.waited {
		s.waiting--
	} else if e.target.Now.Action != plan.Done {
		s.pace.add(e.kind, e.took)
	}
	if e.err == nil && s.inReplay(e.target) {
		s.replays = append(s.replays, e.target)
		return
	}
	s.over(e.ending)
}

// over notes that nothing more follows a step.
func (s *schedule) over(e ending) {
	s.queue.ended(e)
	if e.err != nil {
		s.failed = append(s.failed, e)
	}
	s.r.Report(survey.Event{Step: e.target.ID, Kind: survey.Finished, Text: string(e.outcome),
		Done: len(s.targets) - len(s.queue.left) - s.running - len(s.replays), Total: len(s.targets)})
}

// follow watches the replays until one of them is over.
func (s *schedule) follow(ctx context.Context) {
	for _, e := range s.apply.follow(ctx, s.replays) {
		s.replays = slices.DeleteFunc(s.replays, func(t *survey.Target) bool { return t == e.target })
		s.over(e)
	}
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
