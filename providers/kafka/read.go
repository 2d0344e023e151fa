package kafka

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Read reads all targets together: first the topics that are named; then,
// concurrently, the groups with their commits and the boundaries of those
// topics' logs; last, the logs of topics that are known only from the commits.
// Each distinct time is requested once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	r := &reading{c: c, logs: newLogs(), chosen: map[string][]providers.Part{}, common: map[factsKey]*facts{}}
	for _, q := range reqs {
		r.all = append(r.all, &query{ReadRequest: q, target: q.Target.(*target)})
	}
	if slices.ContainsFunc(reqs, func(q providers.ReadRequest) bool { return q.Only == nil }) {
		r.read(ctx)
	} else {
		r.readBack(ctx)
	}
	out := make([]providers.Snapshot, len(reqs))
	for i, q := range r.all {
		out[i] = q.out
	}
	return out
}

// A reading is the state of one Read.
type reading struct {
	c       *connection
	all     []*query
	listed  *listing
	commits map[string]*commits // by group
	topics  *catalogue
	chosen  map[string][]providers.Part // by topics and partitions, as far as topics are known
	logs    *logs
	names   *existingTopics // nil = not needed yet

	common map[factsKey]*facts
}

// A query is one request of a Read with its answer so far.
type query struct {
	providers.ReadRequest
	target *target
	parts  []providers.Part // selected so far, sorted
	out    providers.Snapshot
}

// groups returns the request's group and those whose positions it resolves.
func (q *query) groups() []string {
	groups := []string{q.target.group}
	for _, p := range q.Resolve {
		if other, ok := p.Group(); ok {
			groups = append(groups, other)
		}
	}
	return groups
}

// readBack reads only commits, and the ids of their topics, which the reset has
// just looked up.
func (r *reading) readBack(ctx context.Context) {
	groups, topics := map[string]bool{}, map[string]bool{}
	for _, q := range r.all {
		groups[q.target.group] = true
		for _, p := range q.Only {
			topics[p.Topic] = true
		}
	}
	var wg sync.WaitGroup
	ids, known := r.c.knownIdentities(topics)
	if !known {
		wg.Go(func() { ids, _ = r.c.identities(ctx, topics) }) // positions are read even without them
	}
	commits := r.c.fetchTogether(ctx, groups)
	wg.Wait()
	for _, q := range r.all {
		own := commits[q.target.group]
		q.out.Err = own.err
		only := q.Only
		if !slices.IsSortedFunc(only, providers.Part.Compare) {
			only = slices.SortedFunc(slices.Values(only), providers.Part.Compare)
		}
		load := func(to []providers.PartReading) []providers.PartReading {
			found, stored := finder{commits: own}, kept{}
			to = slices.Grow(to, len(only))
			for _, p := range only {
				to = append(to, providers.PartReading{Part: p, LogID: ids[p.Topic].logID})
				found.fill(&to[len(to)-1], stored)
			}
			return to
		}
		if q.Later {
			q.out.Load = load
		} else {
			q.out.Parts = load(nil)
		}
	}
}

// read reads everything that the requests need.
func (r *reading) read(ctx context.Context) {
	if err := r.readCluster(ctx); err != nil {
		for _, q := range r.all {
			q.out.Err = err
		}
		return
	}
	for _, q := range r.all {
		r.selectParts(q)
	}
	var busy map[string]described
	var wg sync.WaitGroup
	wg.Go(func() { busy = r.c.describe(ctx, r.active()) })
	wg.Go(func() { r.expiry(ctx) })
	r.readLogs(ctx)
	wg.Wait()
	for _, q := range r.all {
		if q.out.Activity.State == providers.Active {
			q.out.Activity.Members = busy[q.target.group].members
			if note := connectors(q.out.Activity.Members); note != "" {
				q.out.Notes = append(q.out.Notes, note)
			}
		}
	}
	r.assembleAll(ctx)
}

// readCluster reads topics, groups and commits. An error ends all requests.
func (r *reading) readCluster(ctx context.Context) (err error) {
	groups := map[string]bool{}
	topics := map[string]bool{}
	globs := false
	for _, q := range r.all {
		for _, name := range q.groups() {
			groups[name] = true
		}
		globs = globs || q.target.globs != nil
		for _, name := range q.target.literals() {
			topics[name] = true
		}
		for topic := range byTopic(q.Also, itself) {
			if q.target.selects(topic) {
				topics[topic] = true
			}
		}
	}
	r.topics = &catalogue{topics: map[string]topicInfo{}}
	if globs || len(topics) > 0 { // first, so that the client learns the brokers on the way
		maxAge := time.Millisecond
		if r.c.identified.Swap(false) {
			maxAge = trusted // the identity was read a moment ago, together with these topics
		}
		if r.topics, err = r.c.catalogue(ctx, namesOrAll(topics, globs), maxAge); err != nil {
			return err
		}
	}
	for _, q := range r.all {
		q.parts = r.choose(q, r.selected(q))
	}
	r.readGroups(ctx, groups)
	return r.readMoreTopics(ctx)
}

// readGroups reads groups and commits, and concurrently the logs that are already
// known to be selected.
func (r *reading) readGroups(ctx context.Context, groups map[string]bool) {
	own, cancel := context.WithTimeout(ctx, r.c.timeout/2) // the rest is for the logs of the other targets
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { r.listed = r.c.listOnce(own) })
	wg.Go(func() { r.commits = r.c.fetch(own, groups) })
	r.readLogs(ctx)
	wg.Wait()
	r.failover(own)
	r.c.states(ctx, r.listed, groups)
}

func namesOrAll(names map[string]bool, all bool) []string {
	if all {
		return nil
	}
	return slices.Sorted(maps.Keys(names))
}

// readMoreTopics reads the topics that are known only from the commits. If a named
// topic does not exist, it reads all topics, for their names.
func (r *reading) readMoreTopics(ctx context.Context) error {
	wanted := map[string]bool{}
	missing := false
	for _, q := range r.all {
		for topic := range r.committedTopics(q) {
			if _, known := r.topics.topics[topic]; !known && q.target.selects(topic) {
				wanted[topic] = true
			}
		}
		for _, name := range q.target.literals() {
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
	maps.Copy(r.topics.topics, more.topics)
	clear(r.chosen)
	return nil
}

// readLogs reads the boundaries, times and sizes of all selected parts that have
// not been read yet.
func (r *reading) readLogs(ctx context.Context) {
	for _, q := range r.all {
		r.logs.about(q)
	}
	within, cancel := context.WithTimeout(ctx, r.c.timeout/3) // a broker that does not answer does not hide the others
	defer cancel()
	r.logs.read(within, r.c, r.topics)
}

// active returns the active groups.
func (r *reading) active() map[string]listed {
	out := map[string]listed{}
	for _, q := range r.all {
		if q.out.Activity.State == providers.Active {
			out[q.target.group] = r.listed.groups[q.target.group]
		}
	}
	return out
}
