package kafka

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Read reads all targets together: first the topics that are named; then, side
// by side, the groups with their commits and the boundaries of those topics'
// logs; last, the logs that only the commits tell of. Each distinct time is
// requested once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	r := &reading{c: c, reqs: reqs, out: make([]providers.Snapshot, len(reqs)), parts: make([][]providers.Part, len(reqs)),
		low: ask(askEarliest), high: ask(askLatest), first: ask(0), times: map[providers.Position]*question{}, bytes: map[providers.Part]*int64{}}
	if r.brief() {
		r.readBack(ctx)
		return r.out
	}
	r.cluster(ctx)
	for i := range reqs {
		r.selection(i)
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.busy = r.c.describe(ctx, r.active()) })
	r.logs(ctx)
	wg.Wait()
	for i := range reqs {
		r.assemble(ctx, i)
	}
	return r.out
}

// A reading is one Read under way.
type reading struct {
	c       *connection
	reqs    []providers.ReadRequest
	out     []providers.Snapshot
	parts   [][]providers.Part // selected, by request
	listed  *listing
	commits map[string]*commits
	topics  *catalogue
	busy    map[string]described // groups at work
	low     *question
	high    *question
	first   *question // record of any time
	times   map[providers.Position]*question
	bytes   map[providers.Part]*int64 // nil: asked for, and not told
}

func (r *reading) target(i int) *target { return r.reqs[i].Target.(*target) }

// brief reports whether nothing but commits is wanted.
func (r *reading) brief() bool {
	return !slices.ContainsFunc(r.reqs, func(q providers.ReadRequest) bool { return q.Only == nil })
}

// readBack reads commits alone, and the ids of their topics, which the reset
// has just looked up.
func (r *reading) readBack(ctx context.Context) {
	groups, topics := map[string]bool{}, map[string]bool{}
	for i, q := range r.reqs {
		groups[r.target(i).group] = true
		for _, p := range q.Only {
			topics[p.Topic] = true
		}
	}
	var all *catalogue
	var wg sync.WaitGroup
	wg.Go(func() { all, _ = r.c.catalogue(ctx, slices.Sorted(maps.Keys(topics)), trusted) }) // without it the positions are read all the same
	commits := r.c.fetch(ctx, groups)
	wg.Wait()
	for i, q := range r.reqs {
		own := commits[r.target(i).group]
		r.out[i].Err = own.err
		r.out[i].Parts = make([]providers.PartReading, 0, len(q.Only))
		for _, p := range q.Only {
			pr := own.reading(p)
			if all != nil {
				pr.LogID = all.topics[p.Topic].logID()
			}
			r.out[i].Parts = append(r.out[i].Parts, pr)
		}
		slices.SortFunc(r.out[i].Parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
	}
}

// cluster reads groups, commits and topics.
func (r *reading) cluster(ctx context.Context) {
	groups := map[string]bool{}
	topics := map[string]bool{}
	globs := false
	for i, q := range r.reqs {
		t := r.target(i)
		for _, name := range r.groupsOf(i) {
			groups[name] = true
		}
		globs = globs || t.globs != nil
		for _, name := range t.literals() {
			topics[name] = true
		}
		for _, p := range q.Also {
			topics[p.Topic] = topics[p.Topic] || t.selects(p.Topic)
		}
	}
	maps.DeleteFunc(topics, func(_ string, wanted bool) bool { return !wanted })
	r.topics = &catalogue{topics: map[string]topicInfo{}}
	if globs || len(topics) > 0 { // first, so that the client learns the brokers along the way
		var err error
		if r.topics, err = r.c.catalogue(ctx, namesOrAll(topics, globs), time.Millisecond); err != nil {
			r.fail(err)
			return
		}
	}
	for i := range r.reqs {
		r.parts[i] = r.choose(i)
	}
	r.groups(ctx, groups)
	if err := r.moreTopics(ctx); err != nil {
		r.fail(err)
	}
}

// groups reads groups and commits, and side by side the logs that are known to
// be meant.
func (r *reading) groups(ctx context.Context, groups map[string]bool) {
	own, cancel := context.WithTimeout(ctx, r.c.timeout/2) // the rest is for the logs of the other targets
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { r.listed = r.c.list(own) })
	wg.Go(func() { r.commits = r.c.fetch(own, groups) })
	r.logs(ctx)
	wg.Wait()
	r.failover(own)
	r.c.states(ctx, r.listed, groups)
}

// fail ends all requests with what ended one that they share.
func (r *reading) fail(err error) {
	for i := range r.out {
		r.out[i].Err = err
	}
}

func namesOrAll(names map[string]bool, all bool) []string {
	if all {
		return nil
	}
	return slices.Sorted(maps.Keys(names))
}

// moreTopics reads the topics that only the commits tell of. If a topic that is
// named does not exist, it reads all, for their names.
func (r *reading) moreTopics(ctx context.Context) error {
	wanted := map[string]bool{}
	missing := false
	for i := range r.reqs {
		t := r.target(i)
		for part := range r.committed(i) {
			if _, known := r.topics.topics[part.Topic]; !known && t.selects(part.Topic) {
				wanted[part.Topic] = true
			}
		}
		for _, name := range t.literals() {
			missing = missing || !r.topics.all && r.topics.topics[name].missing
		}
	}
	if len(wanted) == 0 && !missing {
		return nil
	}
	more, err := r.c.catalogue(ctx, namesOrAll(wanted, missing), time.Millisecond)
	if err != nil {
		return err
	}
	for name, info := range more.topics {
		r.topics.topics[name] = info
	}
	return nil
}

// logs asks for the boundaries, the times and the sizes of all selected parts
// that have not been asked about yet.
func (r *reading) logs(ctx context.Context) {
	for i, q := range r.reqs {
		r.low.about(r.parts[i])
		r.high.about(r.parts[i])
		if q.LowTime {
			r.first.about(r.parts[i])
		}
		for _, pos := range q.Resolve {
			at, ok := pos.Time()
			if !ok {
				continue
			}
			if r.times[pos] == nil {
				r.times[pos] = ask(at.UnixMilli())
			}
			r.times[pos].about(r.parts[i])
		}
	}
	within, cancel := context.WithTimeout(ctx, r.c.timeout/3) // a broker that does not answer does not hide the others
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { r.weigh(within) })
	r.c.answerAll(within, r.topics, append(slices.Collect(maps.Values(r.times)), r.low, r.high, r.first))
	wg.Wait()
}

// weigh asks for the sizes among it.
func (r *reading) weigh(ctx context.Context) {
	var parts []providers.Part
	for i, q := range r.reqs {
		for _, p := range r.parts[i] {
			if _, known := r.bytes[p]; q.Bytes && !known {
				parts, r.bytes[p] = append(parts, p), nil
			}
		}
	}
	for p, n := range r.c.bytes(ctx, r.topics, parts) {
		r.bytes[p] = &n
	}
}

// active returns the groups that are at work.
func (r *reading) active() map[string]listed {
	out := map[string]listed{}
	for i, s := range r.out {
		if name := r.target(i).group; s.Activity.State == providers.Active {
			out[name] = r.listed.groups[name]
		}
	}
	return out
}
