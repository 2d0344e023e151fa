// Package watch follows the consumers of a run: how far they have read since the
// reset, how fast, whether retention overtakes them, and whether another client
// has committed over the reset.
//
// The invariant: each statement follows from readings that it has seen, and once a
// commit over the reset was seen it is not forgotten. The package only reads; it
// never joins a group and writes no lock.
package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/track"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Progress is one reading of a watched run: how far its consumers have read since
// the reset.
type Progress struct {
	At       time.Time       `json:"at"`
	Name     string          `json:"plan"`
	Run      string          `json:"run"`
	Outcome  lock.RunOutcome `json:"outcome"`
	UnderWay bool            `json:"underWay,omitempty"` // an apply of the run is active, so more steps may follow
	Away     string          `json:"away,omitempty"`     // why the reading failed; the steps are from the last successful one
	Steps    []StepProgress  `json:"steps"`
}

// A StepProgress is one step of a Progress.
type StepProgress = track.StepProgress

// The failures of a step.
const (
	NoFailure   = track.NoFailure
	Overwritten = track.Overwritten
	Stuck       = track.Stuck
)

// Until is the condition that ends a watch.
type Until string

// The conditions that end a watch. Without one it continues until interrupted.
const (
	UntilCaughtUp Until = "caught-up" // every step has practically nothing left to read
	UntilSettled  Until = "settled"   // every step is verified, by the lock or by a reading
)

// Options are how a run is watched.
type Options struct {
	reconcile.Selection
	Until Until
	Every time.Duration // between two readings
}

// Run repeatedly reads a run's lock and positions and shows each reading, until
// the requested condition is met. It joins, writes and resolves nothing. If a
// service becomes unavailable after the first reading, it waits for it.
//
// The error is an Incomplete if the condition can no longer be met: another client
// committed over a step, or a step is in doubt or was not applied. It is the
// context's error if the watch was interrupted.
func Run(ctx context.Context, r *survey.Reader, o Options, show func(*Progress) error) error {
	w := &watch{r: r, options: o, trackers: map[string]*track.Tracker{}}
	for {
		p, err := w.readOnce(ctx)
		if err != nil {
			return err
		}
		if err := show(p); err != nil {
			return err
		}
		if done, err := p.ended(o.Until); done || err != nil {
			return err
		}
		if err := r.Deps.Retry.Sleep(ctx, o.Every); err != nil {
			return err
		}
	}
}

// A watch is the state of one Run.
type watch struct {
	r        *survey.Reader
	options  Options
	trackers map[string]*track.Tracker // by the step's id
	last     *Progress                 // the newest successful reading; nil = none
	quickest time.Duration             // duration of a successful reading
	sized    time.Time                 // when the logs' sizes and retention were last read
}

// readOnce makes one reading. Only the first one fails if a service cannot be reached:
// its address may be misspelt.
func (w *watch) readOnce(ctx context.Context) (*Progress, error) {
	run, all, err := w.steps(ctx)
	if err != nil {
		return nil, err
	}
	underWay := false
	if run.Finished == nil { // or an apply was interrupted
		holder, err := lock.Holder(ctx, w.options.Lock)
		if err != nil {
			return nil, err
		}
		underWay = holder != nil
	}
	began := w.r.Deps.Process.Now()
	due := w.sized.IsZero() || began.Sub(w.sized) >= sizesAfter
	for _, t := range all {
		t.Bytes = due
	}
	if err := w.read(ctx, all); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if w.last == nil || !maybeTemporary(err) {
			return nil, err
		}
		stale := *w.last
		stale.At, stale.Away = w.r.Deps.Process.Now(), err.Error()
		return &stale, nil
	}
	if took := w.r.Deps.Process.Now().Sub(began); w.last == nil || took < w.quickest {
		w.quickest = took
	}
	p := &Progress{At: w.r.Deps.Process.Now(), Name: w.r.Doc.Name, Run: w.options.RunKey(), Outcome: run.Outcome, UnderWay: underWay,
		Steps: []StepProgress{}}
	for _, t := range all {
		p.Steps = append(p.Steps, w.trackers[t.ID].Add(track.Reading{At: t.ReadAt, Snap: t.Snapshot}, !underWay))
	}
	w.last = p
	if due {
		w.sized = began
		w.size(ctx, all)
	}
	return p, nil
}

// maybeTemporary reports whether an error may be temporary, given that an earlier reading
// succeeded: every error except a denial.
func maybeTemporary(err error) bool { return !errors.Is(err, providers.ErrDenied) }

// steps reads the lock and returns the targets of the watched steps: the newest
// record of each.
func (w *watch) steps(ctx context.Context) (*lock.Run, []*survey.Target, error) {
	record, err := lock.ReadRun(ctx, w.options.Lock, w.options.RunKey())
	if err != nil {
		return nil, nil, plan.RefuseLock(err)
	}
	run := record.Runs[w.options.RunKey()]
	if run == nil {
		return nil, nil, plan.Refuse("apply it first, or choose another run with --run; `resetplan lock show` lists the runs",
			"run %s is not in %s: there is nothing to watch", w.options.RunKey(), w.options.Lock)
	}
	if err := w.options.Steps.Within(run.IDs()); err != nil {
		return nil, nil, err
	}
	var all []*survey.Target
	for _, s := range run.Steps {
		if run.ByID(s.ID) != s || !w.options.Steps.Include(s.ID) {
			continue
		}
		t, err := reconcile.RollbackOf(ctx, w.r, s, w.options.Selection)
		if err != nil {
			return nil, nil, err
		}
		if w.options.Until == UntilCaughtUp && (t.Conn.Caps.Reads == providers.No || t.Conn.Caps.Bounds == providers.No) {
			return nil, nil, plan.Refuse("choose other steps with --step, or watch without --until",
				"step %s: %s does not report the positions of its consumers, so catching up cannot be observed", s.ID, t.Conn.Kind.Type())
		}
		w.track(s, t)
		all = append(all, t)
	}
	return run, all, nil
}

// track starts or continues following a recorded step.
func (w *watch) track(s *lock.Step, one *survey.Target) {
	t := w.trackers[s.ID]
	if t == nil {
		t = &track.Tracker{Caps: one.Conn.Caps}
		w.trackers[s.ID] = t
	}
	t.Placer = decide.PlacerFor(one.Conn.Caps, one.Step.To.Form == schema.ToLatest && s.Outcome != lock.Undone)
	t.Renew(s)
}

// read reads the steps. Once the usual duration is known, it does not wait much
// longer, and reports a late answer.
func (w *watch) read(ctx context.Context, all []*survey.Target) error {
	if w.last == nil {
		return w.r.Read(ctx, all)
	}
	const least = 5 * time.Second
	within := least + 4*w.quickest
	short, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := w.r.Read(short, all)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return late(within)
	}
	return err
}

// late is the error of a reading that took longer than this time.
type late time.Duration

func (l late) Error() string { return "no answer within " + text.Span(time.Duration(l)) }

// sizesAfter is the interval for reading sizes and retention.
const sizesAfter = time.Minute

// size reads the retention limits and, if retention goes by age, the age of the
// next records to be read.
func (w *watch) size(ctx context.Context, all []*survey.Target) {
	reqs := map[*survey.Target]providers.SizeRequest{}
	for _, t := range all {
		if m := ahead(t); len(m.To) > 0 {
			reqs[t] = providers.SizeRequest{Retention: true, Move: m}
		}
	}
	w.r.Measure(ctx, reqs)
	for t, q := range reqs {
		aging := false
		for _, s := range t.Sizes {
			aging = aging || s.Retention != nil && s.Retention.Age > 0
		}
		if q.Retention, q.Oldest = false, aging; aging {
			reqs[t] = q
			continue
		}
		delete(reqs, t)
	}
	w.r.Measure(ctx, reqs)
	for _, t := range all {
		w.trackers[t.ID].Sizes = t.Sizes
	}
}

// ahead returns requests, without a move, for the positions of consumers that still
// have records to read.
func ahead(t *survey.Target) providers.Move {
	m := providers.Move{Target: t.Target}
	for _, p := range t.Snapshot.Parts {
		if n := t.Conn.Caps.Order.Lag(p.Committed, p.Low, p.High); n != nil && *n > 0 {
			m.To = append(m.To, providers.PartMove{Part: p.Part, Position: p.Committed})
		}
	}
	return m
}

// ended reports whether the condition is met, or fails if it no longer can be.
func (p *Progress) ended(until Until) (bool, error) {
	if until == "" || p.Away != "" {
		return false, nil
	}
	var bad []string
	reached := !p.UnderWay
	for _, s := range p.Steps {
		switch s.Failure {
		case Overwritten:
			bad = append(bad, fmt.Sprintf("step %s: %s", s.ID, s.Overwritten))
		case Stuck:
			bad = append(bad, fmt.Sprintf("step %s: %s", s.ID, s.Stuck))
		}
		reached = reached && (until == UntilSettled && s.Settled || until == UntilCaughtUp && s.CaughtUp)
	}
	if len(bad) > 0 {
		return false, &plan.Incomplete{Reason: strings.Join(bad, "\n")}
	}
	return reached, nil
}
