package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Until is what a watch waits for.
type Until string

// What a watch can wait for. Without one it goes on until it is interrupted.
const (
	UntilCaughtUp Until = "caught-up" // every step has as good as nothing left to read
	UntilSettled  Until = "settled"   // every step is verified, by the lock or by reading
)

// WatchOptions say how a run is watched.
type WatchOptions struct {
	Selection
	Until Until
	Every time.Duration // between two readings
}

// Watch reads a run's lock and its positions again and again and shows each
// reading, until what is waited for is reached. It joins, writes and settles
// nothing. A service that goes away after the first reading is waited for.
//
// The error is an Incomplete where what is waited for cannot be reached any
// more: somebody committed over a step, or it is in doubt, or was not carried
// out. It is the context's where the watch was interrupted.
func (r *Reconciler) Watch(ctx context.Context, o WatchOptions, show func(*Progress) error) error {
	w := &watch{r: r, options: o, trackers: map[string]*tracker{}}
	for {
		p, err := w.look(ctx)
		if err != nil {
			return err
		}
		if err := show(p); err != nil {
			return err
		}
		if done, err := p.ended(o.Until); done || err != nil {
			return err
		}
		if err := r.world.Retry.Sleep(ctx, o.Every); err != nil {
			return err
		}
	}
}

// A watch is one Watch under way.
type watch struct {
	r        *Reconciler
	options  WatchOptions
	trackers map[string]*tracker // by the step's id
	last     *Progress           // the newest good reading; nil = there was none
	quickest time.Duration       // that a good reading took
	sized    time.Time           // when the logs' sizes and retention were last asked about
}

// look takes one reading. Only the first one fails for want of a service: who
// was never reached is more likely misspelt than away.
func (w *watch) look(ctx context.Context) (*Progress, error) {
	run, all, err := w.steps(ctx)
	if err != nil {
		return nil, err
	}
	underWay := false
	if run.Finished == nil { // or an apply was cut off
		holder, err := lock.Holder(w.options.Lock)
		if err != nil {
			return nil, err
		}
		underWay = holder != nil
	}
	began := w.r.world.Env.Now()
	due := w.sized.IsZero() || began.Sub(w.sized) >= sizesAfter
	for _, one := range all {
		one.bytes = due
	}
	if err := w.read(ctx, all); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if w.last == nil || !away(err) {
			return nil, err
		}
		gone := *w.last
		gone.At, gone.Away = w.r.world.Env.Now(), err.Error()
		return &gone, nil
	}
	if took := w.r.world.Env.Now().Sub(began); w.last == nil || took < w.quickest {
		w.quickest = took
	}
	p := &Progress{At: w.r.world.Env.Now(), Name: w.r.doc.Name, Run: w.options.run(), Outcome: run.Outcome, UnderWay: underWay, Steps: []StepProgress{}}
	for _, one := range all {
		p.Steps = append(p.Steps, w.trackers[one.id].see(glimpse{one.readAt, one.snapshot}, !underWay))
	}
	w.last = p
	if due {
		w.sized = began
		w.size(ctx, all)
	}
	return p, nil
}

// away reports whether an error may pass with time, seen from a watch that has
// read before: all but a denial.
func away(err error) bool { return !errors.Is(err, providers.ErrDenied) }

// steps reads the lock and makes the targets of the steps that are watched: the
// newest record of each.
func (w *watch) steps(ctx context.Context) (*lock.Run, []*work, error) {
	record, err := lock.Read(w.options.Lock)
	if err != nil {
		return nil, nil, Refused(err)
	}
	run := record.Runs[w.options.run()]
	if run == nil {
		return nil, nil, refuse("apply it first, or name another with --run; `resetplan lock show` lists the runs", "run %s is not in %s: there is nothing to watch", w.options.run(), w.options.Lock)
	}
	if err := w.options.Within(run.IDs()); err != nil {
		return nil, nil, err
	}
	var all []*work
	for _, s := range run.Steps {
		if run.ByID(s.ID) != s || !w.options.Names(s.ID) {
			continue
		}
		one, err := w.r.undoOf(ctx, s, w.options.Selection)
		if err != nil {
			return nil, nil, err
		}
		if w.options.Until == UntilCaughtUp && (one.conn.caps.Reads == providers.No || one.conn.caps.Bounds == providers.No) {
			return nil, nil, refuse("select others with --step, or watch without --until", "step %s: %s does not tell how far its consumers are, so that nobody can see them catch up", s.ID, one.conn.kind.Type())
		}
		w.track(s, one)
		all = append(all, one)
	}
	return run, all, nil
}

func (w *watch) track(s *lock.Step, one *work) {
	t := w.trackers[s.ID]
	if t == nil {
		t = &tracker{caps: one.conn.caps}
		w.trackers[s.ID] = t
	}
	t.placer = placer{needs: one.conn.caps.Needs, ends: one.step.To.Form == schema.ToLatest && s.Outcome != lock.Undone}
	t.renew(s)
}

// read reads the steps. Once it is known how long that takes, it is not
// waited for much longer: an answer that is late is told of.
func (w *watch) read(ctx context.Context, all []*work) error {
	if w.last == nil {
		return w.r.read(ctx, all)
	}
	const least = 5 * time.Second
	within := least + 4*w.quickest
	short, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := w.r.read(short, all)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return late(within)
	}
	return err
}

// late is an answer that did not come within this time.
type late time.Duration

func (l late) Error() string { return "no answer within " + span(time.Duration(l)) }

// sizesAfter is how often sizes and retention are asked about.
const sizesAfter = time.Minute

// size asks what retention removes, and how old the records are that come
// next, where it removes anything by age.
func (w *watch) size(ctx context.Context, all []*work) {
	reqs := map[*work]providers.SizeRequest{}
	for _, one := range all {
		if m := ahead(one); len(m.To) > 0 {
			reqs[one] = providers.SizeRequest{Retention: true, Move: m}
		}
	}
	w.r.measure(ctx, reqs)
	for one, q := range reqs {
		aging := false
		for _, s := range one.sizes {
			aging = aging || s.Retention != nil && s.Retention.Age > 0
		}
		if q.Retention, q.Oldest = false, aging; aging {
			reqs[one] = q
			continue
		}
		delete(reqs, one)
	}
	w.r.measure(ctx, reqs)
	for _, one := range all {
		w.trackers[one.id].sizes = one.sizes
	}
}

// ahead asks, without a move, about the places where consumers stand and still
// have something to read.
func ahead(w *work) providers.Move {
	m := providers.Move{Target: w.target}
	for _, p := range w.snapshot.Parts {
		if n := lag(p.High, p.Committed); n != nil && *n > 0 {
			m.To = append(m.To, providers.PartMove{Part: p.Part, Position: p.Committed})
		}
	}
	return m
}

// ended reports whether what is waited for is reached, or fails where it
// cannot be any more.
func (p *Progress) ended(until Until) (bool, error) {
	if until == "" || p.Away != "" {
		return false, nil
	}
	var bad []string
	reached := !p.UnderWay
	for _, s := range p.Steps {
		switch {
		case s.Overwritten != "":
			bad = append(bad, fmt.Sprintf("step %s: %s", s.ID, s.Overwritten))
		case s.Stuck != "":
			bad = append(bad, fmt.Sprintf("step %s: %s", s.ID, s.Stuck))
		}
		reached = reached && (until == UntilSettled && s.Settled || until == UntilCaughtUp && s.CaughtUp)
	}
	if len(bad) > 0 {
		return false, &Incomplete{Reason: strings.Join(bad, "\n")}
	}
	return reached, nil
}
