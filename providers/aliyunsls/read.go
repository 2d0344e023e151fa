package aliyunsls

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/internal/api"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read answers each request on its own: first the groups, then the bounds of each
// selected shard, which the service reports one by one. What several requests share
// is read once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := c.reading(ctx, reqs)
	groups := make([]groupReading, len(reqs))
	fanout.Each(len(reqs), func(i int) { groups[i], r.out[i].Err = r.selection(i) })
	var logs []log
	for i := range reqs {
		for k := range r.out[i].Parts {
			if reqs[i].Only == nil && r.out[i].Err == nil {
				logs = append(logs, log{request: i, part: k})
			}
		}
	}
	fanout.Each(len(logs), func(k int) { logs[k].err = r.bounds(logs[k], groups[logs[k].request]) })
	for _, l := range logs {
		if l.err != nil && r.out[l.request].Err == nil {
			r.out[l.request].Err = l.err
		}
	}
	for i := range reqs {
		switch s := &r.out[i]; {
		case s.Err != nil:
			*s = providers.Snapshot{Err: s.Err}
		case reqs[i].Only == nil:
			s.Activity = groups[i].activity(s.Parts)
		}
	}
	return r.out
}

// A reading holds the requests and snapshots of one Read, and the calls that several
// requests share; each is sent once.
type reading struct {
	reqs []providers.ReadRequest
	out  []providers.Snapshot

	logstores   func() ([]string, error)
	shards      func(logstore string) ([]api.Shard, error)
	groups      func(logstore string) ([]api.Group, error)
	checkpoints func(groupKey) (api.Checkpoints, error)
	cursor      func(cursorKey) (string, error)
	received    func(cursorKey) (time.Time, error)
}

func (c *connection) reading(ctx context.Context, reqs []providers.ReadRequest) *reading {
	return &reading{
		reqs:        reqs,
		out:         make([]providers.Snapshot, len(reqs)),
		logstores:   sync.OnceValues(func() ([]string, error) { return c.api.ListLogStores(ctx) }),
		shards:      fanout.Once(func(logstore string) ([]api.Shard, error) { return c.api.ListShards(ctx, logstore) }),
		groups:      fanout.Once(func(logstore string) ([]api.Group, error) { return c.api.ListConsumerGroup(ctx, logstore) }),
		checkpoints: fanout.Once(func(k groupKey) (api.Checkpoints, error) { return c.api.GetCheckPoint(ctx, k.logstore, k.group) }),
		cursor:      fanout.Once(func(k cursorKey) (string, error) { return c.api.GetCursor(ctx, k.logstore, k.shard, k.from) }),
		received:    fanout.Once(func(k cursorKey) (time.Time, error) { return c.api.GetCursorTime(ctx, k.logstore, k.shard, k.from) }),
	}
}

type groupKey struct{ logstore, group string }

type cursorKey struct {
	logstore string
	shard    int
	from     string // what GetCursor accepts, or a cursor
}

// A log is one part of a request whose bounds are read.
type log struct {
	request, part int
	err           error
}

// bounds reads one shard's bounds and resolves the requested positions. The end is
// read before any time, so that a time past the end is found at the end or, if records
// arrive meanwhile, after it.
func (r *reading) bounds(l log, g groupReading) error {
	q, p := r.reqs[l.request], &r.out[l.request].Parts[l.part]
	logstore, n := q.Target.(*target).logstore, p.Part.Number
	low, err := r.cursor(cursorKey{logstore, n, "begin"})
	if err != nil {
		return err
	}
	high, err := r.cursor(cursorKey{logstore, n, "end"})
	if err != nil {
		return err
	}
	p.Low, p.High = providers.AtCursor(low), providers.AtCursor(high)
	for _, pos := range q.Resolve {
		at := providers.Resolution{Asked: pos}
		other, _ := pos.Group()
		switch pos.Kind() {
		case providers.Earliest:
			at.Found = p.Low
		case providers.Latest:
			at.Found = p.High
		case providers.Group:
			at.Found = committed(g.others[other], n)
		case providers.Time:
			if at.Found, err = r.resolveTime(logstore, p, pos); err != nil {
				return err
			}
		default:
			continue
		}
		p.Resolved = append(p.Resolved, at)
	}
	return nil
}

// resolveTime resolves a time, rounded down to whole seconds, which are the service's
// unit: no requested record is skipped.
func (r *reading) resolveTime(logstore string, p *providers.PartReading, pos providers.Position) (providers.Position, error) {
	at, _ := pos.Time()
	n := p.Part.Number
	cursor, err := r.cursor(cursorKey{logstore, n, strconv.FormatInt(max(at.Unix(), 0), 10)})
	if err != nil {
		return providers.Position{}, err
	}
	found := providers.AtCursor(cursor)
	if past, ok := cursorOrder.Distance(found, p.High); ok && past >= 0 {
		return providers.At(providers.Latest), nil
	}
	if found == p.Low {
		p.LowTime, err = r.received(cursorKey{logstore, n, cursor})
	}
	return found, err
}

// rounded returns a note for each time that is finer than the service's unit.
func rounded(positions []providers.Position) []string {
	var notes []string
	for _, pos := range positions {
		if at, ok := pos.Time(); ok && at.Truncate(time.Second) != at {
			notes = append(notes, fmt.Sprintf(
				"aliyun-sls counts time in whole seconds: %s is rounded down, so that nothing is skipped.", at.Format(time.RFC3339Nano)))
		}
	}
	return notes
}
