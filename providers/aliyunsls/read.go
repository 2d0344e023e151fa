package aliyunsls

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read answers each request on its own: first where the groups stand, then the
// boundaries of each shard that is meant, which the service tells one by one.
// What several requests want to know is asked once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := c.reading(ctx, reqs)
	found := make([]standing, len(reqs))
	fanout.Each(len(reqs), func(i int) { found[i], r.out[i].Err = r.stand(i) })
	var logs []log
	for i := range reqs {
		for k := range r.out[i].Parts {
			if reqs[i].Only == nil && r.out[i].Err == nil {
				logs = append(logs, log{request: i, part: k})
			}
		}
	}
	fanout.Each(len(logs), func(k int) { logs[k].err = r.bounds(logs[k], found[logs[k].request]) })
	for _, l := range logs {
		if l.err != nil && r.out[l.request].Err == nil {
			r.out[l.request].Err = l.err
		}
	}
	for i := range reqs {
		if reqs[i].Only == nil {
			r.out[i].Notes = append(r.out[i].Notes, "Cursors count log groups, of one or more records each: the figures are of log groups.")
		}
		if r.out[i].Err != nil {
			r.out[i] = providers.Snapshot{Err: r.out[i].Err}
			continue
		}
		if reqs[i].Only == nil {
			r.out[i].Activity = found[i].activity(r.out[i].Parts)
		}
	}
	return r.out
}

// A reading is one Read under way.
type reading struct {
	reqs []providers.ReadRequest
	out  []providers.Snapshot

	// What several requests want to know is asked once.
	logstores   func() ([]string, error)
	shards      func(logstore string) ([]shard, error)
	groups      func(logstore string) ([]group, error)
	checkpoints func(groupKey) (checkpoints, error)
	cursor      func(cursorKey) (providers.Position, error)
	received    func(cursorKey) (time.Time, error)
}

func (c *connection) reading(ctx context.Context, reqs []providers.ReadRequest) *reading {
	return &reading{
		reqs:        reqs,
		out:         make([]providers.Snapshot, len(reqs)),
		logstores:   sync.OnceValues(func() ([]string, error) { return c.logstores(ctx) }),
		shards:      fanout.Once(func(logstore string) ([]shard, error) { return c.shards(ctx, logstore) }),
		groups:      fanout.Once(func(logstore string) ([]group, error) { return c.groups(ctx, logstore) }),
		checkpoints: fanout.Once(func(k groupKey) (checkpoints, error) { return c.checkpoints(ctx, k.logstore, k.group) }),
		cursor:      fanout.Once(func(k cursorKey) (providers.Position, error) { return c.cursor(ctx, k.logstore, k.shard, k.from) }),
		received: fanout.Once(func(k cursorKey) (time.Time, error) {
			return c.received(ctx, k.logstore, k.shard, providers.AtCursor(k.from))
		}),
	}
}

type groupKey struct{ logstore, group string }

type cursorKey struct {
	logstore string
	shard    int
	from     string // or the cursor itself
}

// A log is one part of a request whose boundaries are to be read.
type log struct {
	request, part int
	err           error
}

// bounds reads one shard's boundaries and translates what was asked for. The
// end is read before any time: a time past the end is then found at it or, as
// records arrive, beyond.
func (r *reading) bounds(l log, found standing) (err error) {
	q, p := r.reqs[l.request], &r.out[l.request].Parts[l.part]
	logstore, n := q.Target.(*target).logstore, p.Part.Number
	if p.Low, err = r.cursor(cursorKey{logstore, n, "begin"}); err != nil {
		return err
	}
	if p.High, err = r.cursor(cursorKey{logstore, n, "end"}); err != nil {
		return err
	}
	for _, pos := range q.Resolve {
		at := providers.Resolution{Asked: pos}
		other, _ := pos.Group()
		switch pos.Kind() {
		case providers.Earliest:
			at.Found = p.Low
		case providers.Latest:
			at.Found = p.High
		case providers.Group:
			at.Found = found.others[other].committed(n)
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

// resolveTime finds a time, rounded down to the second that the service knows:
// never is a record skipped that was asked for.
func (r *reading) resolveTime(logstore string, p *providers.PartReading, pos providers.Position) (providers.Position, error) {
	at, _ := pos.Time()
	n := p.Part.Number
	to, err := r.cursor(cursorKey{logstore, n, strconv.FormatInt(max(at.Unix(), 0), 10)})
	if err != nil {
		return to, err
	}
	if past, ok := to.Distance(p.High); ok && past >= 0 {
		return providers.At(providers.Latest), nil
	}
	if cursor, _ := to.Cursor(); to == p.Low {
		p.LowTime, err = r.received(cursorKey{logstore, n, cursor})
	}
	return to, err
}

// rounded tells of times that are finer than the service knows them.
func rounded(asked []providers.Position) []string {
	var notes []string
	for _, pos := range asked {
		if at, ok := pos.Time(); ok && at.Truncate(time.Second) != at {
			notes = append(notes, fmt.Sprintf("Times count in whole seconds here: %s is rounded down, so that nothing is skipped.", at.Format(time.RFC3339Nano)))
		}
	}
	return notes
}
