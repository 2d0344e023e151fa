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

// work is a step with its latest reading. Apply uses it from the plan to the lock.
type work struct {
	*job
	Case
	run      string           // the run's key
	pausedBy *lock.PausedStep // the record of a pause by this program, in any run; nil = none
	bytes    bool             // also read the size of the logs
	lowTime  bool             // also read the time of the first record
	readAt   time.Time
	sizes    map[providers.Part]providers.PartSize // the figures that the service reported with the positions
}

// Plan reads the present positions and the lock, and returns what an apply would
// do. It changes nothing. Steps that cannot be read are part of the plan; the error
// is set if none could be read and none is in doubt.
func (r *Reconciler) Plan(ctx context.Context, sel Selection) (*Prepared, error) {
	record, holder, err := readLock(sel.Lock)
	if err != nil {
		return nil, err
	}
	jobs, err := r.jobs(ctx, sel)
	if err != nil {
		return nil, err
	}
	r.identify(ctx, jobs)
	all := make([]*work, len(jobs))
	for i, j := range jobs {
		if all[i], err = r.ask(j, sel, record); err != nil {
			return nil, err
		}
		all[i].question.Holder = holder
	}
	p, err := r.plan(ctx, sel, all, false)
	if err == nil {
		p.prepare(record, all)
	}
	return p, err
}

// prepare adds the lock's approvals and paused consumers to the plan.
func (p *Prepared) prepare(record *lock.File, all []*work) {
	p.inputs = p.Plan.inputs()
	if run := record.Runs[p.Run]; run != nil {
		p.approvals = run.Approvals
	}
	p.LeftPaused = leftPaused(record, all)
}

// plan reads, compares and sums up.
func (r *Reconciler) plan(ctx context.Context, sel Selection, all []*work, undo bool) (*Prepared, error) {
	for _, w := range all {
		w.bytes, w.lowTime = sel.Impact, sel.Impact && !w.question.byTime()
	}
	if err := r.look(ctx, all); err != nil {
		return nil, err
	}
	p := &Prepared{work: all, Plan: &Plan{
		FormatVersion: FormatVersion, Name: r.doc.Name, Run: sel.run(), Undo: undo, Document: r.doc.Digest,
		CreatedAt: r.world.Env.Now().UTC().Truncate(time.Millisecond), Params: r.doc.Values, Steps: []Step{},
	}}
	for _, w := range all {
		w.decide()
		w.planned = w.now
		p.Steps = append(p.Steps, w.planned)
	}
	p.collide()
	if err := unreadable(p.Steps, all); err != nil {
		return nil, err
	}
	p.Summary = summarise(p.Steps)
	p.Digest = planDigest(p.Plan, effectDigests(p.Steps, all))
	for i, w := range all {
		if sel.Impact {
			p.Steps[i].Impact = w.impact(&p.Steps[i])
		}
		w.planned = p.Steps[i]
	}
	return p, nil
}

// effectDigests returns the effect digest of each step.
func effectDigests(steps []Step, all []*work) []string {
	digests := make([]string, len(all))
	for i, w := range all {
		digests[i] = w.effectDigest(&steps[i])
	}
	return digests
}

// unreadable returns the errors of the steps if no step could be read and none
// needs a decision: then there is nothing to show.
func unreadable(steps []Step, all []*work) error {
	var errs []error
	for i, s := range steps {
		if s.Error == "" || s.InDoubt || s.Overwritten || s.Paused != "" {
			return nil
		}
		errs = append(errs, fmt.Errorf("step %s: %w", s.ID, all[i].snapshot.Err))
	}
	return errors.Join(errs...)
}

// ask returns the target of a job: its question, with the lock's record.
func (r *Reconciler) ask(j *job, sel Selection, record *lock.File) (*work, error) {
	w := &work{job: j, run: sel.run(), Case: Case{question: Question{
		ID: j.id, Provider: j.step.Provider, Type: j.conn.kind.Type(), Address: j.address(), Run: sel.run(), File: r.doc.File, Step: j.step,
		Capabilities: j.conn.caps, Now: r.world.Env.Now(), ByGlob: j.byGlob, Retry: sel.Retry, Nothing: j.nothing,
	}}}
	q := &w.question
	if sel.Wait > 0 {
		step := *j.step
		step.Idle.Wait = sel.Wait
		q.Step = &step
	}
	if j.target == nil {
		return w, nil
	}
	q.Identity, q.Group = j.target.Identity(), j.target.Group()
	q.Digest = stepDigest(q.Identity, j.step)
	w.remember(record)
	if j.step.To.Form == schema.ToLock && q.Fixed == nil {
		parts, err := r.recorded(j)
		if err != nil {
			return nil, err
		}
		q.Fixed = parts
	}
	return w, nil
}

// remember copies the lock's record of the step into the question.
func (w *work) remember(record *lock.File) {
	q := &w.question
	if q.Record = w.recordFor(record.Runs[w.run]); q.Record != nil {
		q.Digest = q.Record.Digest
		q.resume()
	}
	w.pausedBy = findPaused(record, w.job)
	if q.Paused = nil; w.pausedBy != nil {
		q.Paused = w.pausedBy.Step.Paused
	}
}

// resume limits a step of which some parts have moved to the other parts, with
// their earlier targets: parts that have moved are not sent again.
func (q *Question) resume() {
	if inPart(q.Record) {
		q.Fixed = slices.DeleteFunc(slices.Clone(q.Record.Parts), func(p lock.Part) bool { return p.Error == "" })
	}
}

// look reads the state of every target, and what its guards need. The error is the
// context's; other errors are in the snapshots.
func (r *Reconciler) look(ctx context.Context, all []*work) error {
	r.tell(Event{Kind: Reading, Text: fmt.Sprintf("reading %s", Plural(len(all), "target"))})
	if err := r.read(ctx, all); ctx.Err() != nil {
		return err
	}
	r.ages(ctx, all)
	return nil
}

// read reads the state of every target, one call a connection, connections in
// parallel. The error joins those of the snapshots that are not the service's
// answer about the target.
func (r *Reconciler) read(ctx context.Context, all []*work) error {
	var jobs []*job
	for _, w := range all {
		jobs = append(jobs, w.job)
	}
	r.identify(ctx, jobs)
	byConn := map[*connection][]*work{}
	for _, w := range all {
		switch {
		case w.target == nil:
		case w.unread != nil:
			w.snapshot, w.readAt = providers.Snapshot{Err: w.unread}, r.world.Env.Now()
		default:
			byConn[w.conn] = append(byConn[w.conn], w)
		}
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

// answers reports whether an error is the service's answer about the target,
// which blocks its step, and not a failure to get one.
func answers(err error) bool {
	return errors.Is(err, providers.ErrUnsupported) || errors.Is(err, providers.ErrPrecondition) || errors.Is(err, providers.ErrNotFound)
}

// eachTarget is the additional time for reading one more target: some services are
// read target by target, within a rate limit.
const eachTarget = time.Second

func (r *Reconciler) readThrough(ctx context.Context, c *connection, all []*work) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout+time.Duration(len(all))*eachTarget)
	defer cancel()
	reqs := make([]providers.ReadRequest, len(all))
	for i, w := range all {
		reqs[i] = providers.ReadRequest{Target: w.target, Resolve: w.question.resolve(), Bytes: w.bytes, LowTime: w.lowTime,
			New: w.step.Guards.AllowNew, Also: w.question.also()}
	}
	for i, s := range r.world.Retry.Read(ctx, c, reqs) {
		all[i].snapshot, all[i].readAt = s, r.world.Env.Now()
	}
}

// also returns the parts that are read even if the target does not select them
// at present: those that were decided or recorded before.
func (q Question) also() []providers.Part {
	decided := q.Fixed
	if q.Record != nil && (q.Record.Doubtful() || q.Record.Outcome.Done()) {
		decided = append(decided[:len(decided):len(decided)], q.Record.Parts...)
	}
	return slices.DeleteFunc(partsOf(decided), func(p providers.Part) bool { return p == providers.Part{} })
}

// resolve lists the positions that the service has to resolve.
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

// ages reads the age of the records at the targets, if a guard needs it and the
// target is not a time. If an age is unknown, the guard decides.
func (r *Reconciler) ages(ctx context.Context, all []*work) {
	reqs := map[*work]providers.SizeRequest{}
	for _, w := range all {
		if w.step.Guards.MaxAge != nil && w.step.To.Form != schema.ToTimestamp && !w.question.Undo && w.target != nil && w.snapshot.Err == nil {
			reqs[w] = providers.SizeRequest{Oldest: true, Move: w.move(withRecords(Diff(w.question, w.snapshot).Step))}
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

// withRecords leaves out the parts with no record after the target.
func withRecords(s Step) Step {
	s.Parts = slices.DeleteFunc(slices.Clone(s.Parts), func(p Part) bool { return p.LagAfter != nil && *p.LagAfter == 0 })
	return s
}

// move returns what is sent for a step: the parts that move, or the whole
// target if the service accepts one position for all.
func (w *work) move(s Step) providers.Move {
	m := providers.Move{Target: w.target, To: make([]providers.PartMove, 0, len(s.Parts))}
	fixed := w.question.Fixed
	for _, p := range s.Parts {
		if p.Effect == EffectKeep {
			continue
		}
		if w.conn.caps.Moves[p.After.Kind()] == providers.WholeTarget {
			m.To = []providers.PartMove{{Position: p.After}}
			return m
		}
		decided, _ := recordOf(fixed, p.Part)
		m.To = append(m.To, providers.PartMove{Part: p.Part, Position: p.After, Metadata: decided.Metadata, LogID: p.LogID})
	}
	return m
}
