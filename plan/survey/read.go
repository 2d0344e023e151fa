package survey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// ReadWithAges reads the state of every target with the risks of a reset, and the ages
// of records that its guards need. The error is the context's; other errors are in the snapshots.
func (r *Reader) ReadWithAges(ctx context.Context, all []*Target) error {
	r.Report(Event{Kind: Reading, Text: fmt.Sprintf("reading %s", text.Plural(len(all), "target"))})
	for _, t := range all {
		t.Risks = true
	}
	if err := r.Read(ctx, all); ctx.Err() != nil {
		return err
	}
	r.ages(ctx, all)
	return nil
}

// ReadToDecide is ReadWithAges, except that the parts of a reading may be loaded later:
// see Target.Loaded.
func (r *Reader) ReadToDecide(ctx context.Context, all []*Target) error {
	for _, t := range all {
		t.later = t.Step.Guards.MaxAge == nil && !t.Step.Approximate // both look at the parts at once
	}
	defer func() {
		for _, t := range all {
			t.later = false
		}
	}()
	return r.ReadWithAges(ctx, all)
}

// Read reads the state of every target, one call a connection, connections in
// parallel. The error joins those of the snapshots that are not the service's
// answer about the target.
func (r *Reader) Read(ctx context.Context, all []*Target) error {
	var jobs []*Job
	for _, t := range all {
		jobs = append(jobs, t.Job)
	}
	r.Identify(ctx, jobs)
	byConn := map[*Connection][]*Target{}
	for _, t := range all {
		switch {
		case t.Unread != nil:
			t.Snapshot, t.ReadAt = providers.Snapshot{Err: t.Unread}, r.Deps.Process.Now()
		case t.Target == nil:
		default:
			byConn[t.Conn] = append(byConn[t.Conn], t)
		}
	}
	var wg sync.WaitGroup
	for c, ts := range byConn {
		wg.Go(func() { r.readThrough(ctx, c, ts) })
	}
	wg.Wait()
	var errs []error
	for _, t := range all {
		if err := t.Snapshot.Err; err != nil && !decide.IsAnswer(err) {
			errs = append(errs, fmt.Errorf("step %s: %w", t.ID, err))
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(errs...)
}

// eachTarget is the additional time for reading one more target: some services are
// read target by target, within a rate limit.
const eachTarget = time.Second

func (r *Reader) readThrough(ctx context.Context, c *Connection, all []*Target) {
	ctx, cancel := context.WithTimeout(ctx, c.Config.Timeout+time.Duration(len(all))*eachTarget)
	defer cancel()
	reqs := make([]providers.ReadRequest, len(all))
	for i, t := range all {
		reqs[i] = providers.ReadRequest{Target: t.Target, Resolve: t.Question.Resolve(), Bytes: t.Bytes, LowTime: t.LowTime,
			Risks: t.Risks, Later: t.later, Internal: t.Internal, New: t.Step.Guards.AllowNew, Also: t.Question.Also()}
	}
	for i, s := range r.Deps.Retry.Read(ctx, c, reqs) {
		all[i].Snapshot, all[i].ReadAt = s, r.Deps.Process.Now()
	}
	r.approach(ctx, c, all)
}

// approach requests times near the offsets that follow from the reading, such as those
// of a shift, and adds them to it.
func (r *Reader) approach(ctx context.Context, c *Connection, all []*Target) {
	var reqs []providers.ReadRequest
	var near []*Target
	for _, t := range all {
		if at := t.Approach(); len(at) > 0 {
			near, reqs = append(near, t), append(reqs, providers.ReadRequest{Target: t.Target, Approach: at})
		}
	}
	if reqs == nil {
		return
	}
	for i, answer := range r.Deps.Retry.Read(ctx, c, reqs) {
		s := &near[i].Snapshot
		if answer.Err != nil {
			s.Err = answer.Err
			continue
		}
		for k := range s.Parts {
			one, _ := decide.ReadingOf(answer.Parts, s.Parts[k].Part)
			s.Parts[k].Resolved = append(slices.Clip(s.Parts[k].Resolved), one.Resolved...)
		}
	}
}
