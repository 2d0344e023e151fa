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
	"github.com/resetplan/resetplan/schema"
)

// work is a job with what is known of it at one moment. Apply carries it from
// the plan to the lock.
type work struct {
	*job
	question Question
	bytes    bool // of the logs are read too
	lowTime  bool // of the logs is read too
	snapshot providers.Snapshot
	readAt   time.Time
	sizes    map[providers.Part]providers.PartSize // what the service told beside the positions
	planned  Step                                  // what was shown and approved
	now      Step                                  // what it is by the newest reading, with the planned positions
}

// Plan reads the present positions and the lock, and says what an apply would
// do. It changes nothing.
func (r *Reconciler) Plan(ctx context.Context, sel Selection) (*Plan, error) {
	record, holder, err := readLock(sel.Lock)
	if err != nil {
		return nil, err
	}
	jobs, err := r.jobs(ctx, sel)
	if err != nil {
		return nil, err
	}
	all := make([]*work, len(jobs))
	for i, j := range jobs {
		if all[i], err = r.ask(j, sel.run(), record.Runs[sel.run()]); err != nil {
			return nil, err
		}
		all[i].question.Holder = holder
	}
	return r.plan(ctx, sel, all, false)
}

// plan reads, compares and sums up.
func (r *Reconciler) plan(ctx context.Context, sel Selection, all []*work, undo bool) (*Plan, error) {
	for _, w := range all {
		w.bytes, w.lowTime = sel.Impact, sel.Impact && !w.byTime()
	}
	if err := r.look(ctx, all); err != nil {
		return nil, err
	}
	p := &Plan{
		FormatVersion: FormatVersion, Name: r.doc.Name, Run: sel.run(), Undo: undo, Document: r.doc.Digest,
		CreatedAt: r.world.Env.Now().UTC().Truncate(time.Millisecond), Params: r.doc.Values, Steps: []Step{}, work: all,
	}
	for _, w := range all {
		w.planned = w.diff()
		p.Steps = append(p.Steps, w.planned)
	}
	p.collide()
	p.Summary = summarise(p.Steps)
	p.Digest = planDigest(p, all)
	for i, w := range all {
		if sel.Impact {
			p.Steps[i].Impact = w.impact(&p.Steps[i])
		}
		w.planned = p.Steps[i]
	}
	return p, nil
}

// ask makes a job's question.
func (r *Reconciler) ask(j *job, key string, run *lock.Run) (*work, error) {
	q := Question{
		ID: j.id, Provider: j.step.Provider, Type: j.conn.kind.Type(), Address: j.address(), Run: key, Step: j.step,
		Capabilities: j.conn.caps, Now: r.world.Env.Now(), ByGlob: j.byGlob,
	}
	q.Digest = stepDigest(q.Address, j.step)
	q.Record = run.ByDigest(q.Digest)
	if q.Record != nil && q.Record.Outcome == lock.Failed && slices.ContainsFunc(q.Record.Parts, func(p lock.Part) bool { return p.Error == "" }) {
		q.Fixed = q.Record.Parts // some of it was carried out: the rest goes where it was to go
	}
	if j.step.To.Form == schema.ToLock {
		parts, err := r.recorded(j)
		if err != nil {
			return nil, err
		}
		q.Fixed = parts
	}
	return &work{job: j, question: q}, nil
}

// look reads the state of every work and what its guards ask for beside it.
func (r *Reconciler) look(ctx context.Context, all []*work) error {
	r.tell(Event{Kind: Reading, Text: fmt.Sprintf("reading %s", Plural(len(all), "target"))})
	err := r.read(ctx, all)
	if err == nil {
		r.ages(ctx, all)
	}
	return err
}

// read reads the state of every work, one call a connection, connections side
// by side. An error that is no answer about a target ends the plan.
func (r *Reconciler) read(ctx context.Context, all []*work) error {
	byConn := map[*connection][]*work{}
	for _, w := range all {
		if w.target == nil {
			continue
		}
		if err := w.conn.open(w.step.Provider, r.world.Env); err != nil {
			return err
		}
		byConn[w.conn] = append(byConn[w.conn], w)
	}
	var wg sync.WaitGroup
	for c, ws := range byConn {
		wg.Go(func() { r.readThrough(ctx, c, ws) })
	}
	wg.Wait()
	var errs []error
	for _, w := range all {
		if err := w.snapshot.Err; err != nil && !answers(err) {
			errs = append(errs, fmt.Errorf("step %s: %w", w.id, err))
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(errs...)
}

// answers reports whether an error is the service's word about the target,
// which blocks its step, and not a failure to get one.
func answers(err error) bool {
	return errors.Is(err, providers.ErrUnsupported) || errors.Is(err, providers.ErrPrecondition) || errors.Is(err, providers.ErrNotFound)
}

// eachTarget is what reading one target more may take beyond the time of one
// request: some services are asked about each on its own, within a rate.
const eachTarget = time.Second

func (r *Reconciler) readThrough(ctx context.Context, c *connection, all []*work) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout+time.Duration(len(all))*eachTarget)
	defer cancel()
	reqs := make([]providers.ReadRequest, len(all))
	for i, w := range all {
		reqs[i] = providers.ReadRequest{Target: w.target, Resolve: w.question.resolve(), Bytes: w.bytes, LowTime: w.lowTime,
			New: w.step.Guards.AllowNew, Also: partsOf(w.question.Fixed)}
	}
	for i, s := range r.world.Patience.Read(ctx, c, reqs) {
		all[i].snapshot, all[i].readAt = s, r.world.Env.Now()
	}
}

// byTime reports whether the service is asked for the record at a time, and
// tells with it when that was written.
func (w *work) byTime() bool {
	return w.step.To.Form == schema.ToTimestamp && w.question.Fixed == nil
}

// resolve lists the positions that the service has to translate.
func (q Question) resolve() []providers.Position {
	var out []providers.Position
	add := func(p providers.Position) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	switch to := q.Step.To; {
	case q.Fixed != nil:
	case to.Form == schema.ToTimestamp && q.Capabilities.Resolves[providers.Time]:
		add(providers.AtTime(to.Time.At(q.Now)))
	case to.Form == schema.ToGroup:
		add(providers.PlaceOf(to.Group))
	}
	decided := q.Fixed
	if q.Record != nil {
		decided = append(decided[:len(decided):len(decided)], q.Record.Parts...)
	}
	for _, p := range decided {
		if p.After.Kind() == providers.Time && q.Capabilities.Resolves[providers.Time] {
			add(p.After)
		}
	}
	return out
}

// ages asks how old the records at the targets are, where a guard wants it
// and no time was asked for. What cannot be told is for the guard to judge.
func (r *Reconciler) ages(ctx context.Context, all []*work) {
	reqs := map[*work]providers.SizeRequest{}
	for _, w := range all {
		if w.step.Guards.MaxAge != nil && w.step.To.Form != schema.ToTimestamp && !w.question.Undo && w.target != nil && w.snapshot.Err == nil {
			reqs[w] = providers.SizeRequest{Oldest: true, Move: w.move(withRecords(w.diff()))}
		}
	}
	r.measure(ctx, reqs)
	for w := range reqs {
		w.question.Oldest = map[providers.Part]time.Time{}
		for p, size := range w.sizes {
			if !size.Oldest.IsZero() {
				w.question.Oldest[p] = size.Oldest
			}
		}
	}
}

// withRecords leaves out the parts at whose target nothing is to be read.
func withRecords(s Step) Step {
	s.Parts = slices.DeleteFunc(slices.Clone(s.Parts), func(p Part) bool { return p.LagAfter != nil && *p.LagAfter == 0 })
	return s
}

func (w *work) diff() Step { return w.diffWith(w.question) }

func (w *work) diffWith(q Question) Step {
	if w.nothing != "" {
		return Step{ID: w.id, Provider: w.step.Provider, Type: w.conn.kind.Type(), To: words(w.step.To), Digest: w.question.Digest,
			Action: Blocked, Why: w.nothing, Warnings: []string{}, Activity: providers.UnknownState.String(), Parts: []Part{}}
	}
	return Diff(q, w.snapshot)
}

// move returns what is sent for a step: the parts that move, or the whole
// target where the service takes one position for all.
func (w *work) move(s Step) providers.Move {
	m := providers.Move{Target: w.target, To: make([]providers.PartMove, 0, len(s.Parts))}
	for _, p := range s.Parts {
		if p.Effect == EffectKeep {
			continue
		}
		if w.conn.caps.Moves[p.After.Kind()] == providers.WholeTarget {
			m.To = []providers.PartMove{{Position: p.After}}
			return m
		}
		m.To = append(m.To, providers.PartMove{Part: p.Part, Position: p.After, Kept: p.kept, LogID: p.LogID})
	}
	return m
}
