package tencentdts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read asks once for what all targets share: they are groups of one
// subscription. Each distinct time asked for costs one request more.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	if len(reqs) == 0 {
		return nil
	}
	f := c.facts(ctx, reqs)
	out := make([]providers.Snapshot, len(reqs))
	for i, q := range reqs {
		out[i] = f.snapshot(q)
	}
	return out
}

// facts are what one Read has found out.
type facts struct {
	config
	groups       map[string]group
	subscription *subscription      // nil where only commits are wanted
	low, high    *answer            // nil as well
	times        map[string]*answer // by the time as it was sent
	err          error              // of what all need
}

// An answer is where the places of a time are, by partition.
type answer struct {
	at  map[int]int64
	err error
}

func (c *connection) facts(ctx context.Context, reqs []providers.ReadRequest) *facts {
	f := &facts{config: c.config, times: map[string]*answer{}}
	var errs [4]error
	var calls []func()
	add := func(call func()) { calls = append(calls, call) }
	placesAt := func(at string) *answer {
		a := &answer{}
		add(func() { a.at, a.err = c.places(ctx, at) })
		return a
	}
	add(func() { f.groups, errs[0] = c.groups(ctx) })
	if slices.ContainsFunc(reqs, func(q providers.ReadRequest) bool { return q.Only == nil }) {
		add(func() { f.subscription, errs[1] = c.subscription(ctx) })
		f.low, f.high = placesAt(""), placesAt(stamp(c.now().AddDate(1, 0, 0)))
		for _, at := range timesOf(reqs) {
			f.times[at] = placesAt(at)
		}
	}
	fanout.Each(len(calls), func(i int) { calls[i]() })
	if f.low != nil {
		errs[2], errs[3] = f.low.err, f.high.err
	}
	f.err = cmp.Or(errs[:]...)
	return f
}

// timesOf returns the times asked for, as they are sent, each once.
func timesOf(reqs []providers.ReadRequest) []string {
	all := map[string]bool{}
	for _, q := range reqs {
		for _, p := range q.Resolve {
			if t, ok := p.Time(); ok {
				all[stamp(t)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// snapshot makes a target's state of the facts.
func (f *facts) snapshot(q providers.ReadRequest) (s providers.Snapshot) {
	if f.err != nil {
		return providers.Snapshot{Err: f.err}
	}
	t := q.Target.(*target)
	g, known := f.groups[t.group]
	s.GroupState, s.Activity = g.standing(), g.activity()
	if !known {
		s.Missing = append(s.Missing, providers.Missing{What: "group", Name: t.group, Known: slices.Sorted(maps.Keys(f.groups))})
		s.GroupState, s.Activity = providers.Absent, providers.Activity{State: providers.Idle, Why: "there is no such group"}
	}
	if q.Only != nil {
		for _, p := range slices.SortedFunc(slices.Values(q.Only), providers.Part.Compare) {
			s.Parts = append(s.Parts, providers.PartReading{Part: p, Committed: g.state(p.Number).committed()})
		}
		return s
	}
	if told := f.subscription.Topic; told != "" && told != t.topic {
		s.Missing = append(s.Missing, providers.Missing{What: "topic", Name: t.topic, Known: []string{told}})
		return s
	}
	return f.parts(q, t, g, s)
}

// parts adds the partitions that the target means to a snapshot.
func (f *facts) parts(q providers.ReadRequest, t *target, g group, s providers.Snapshot) providers.Snapshot {
	there := slices.Sorted(maps.Keys(f.low.at))
	for _, n := range t.partitions {
		if !slices.Contains(there, n) {
			s.Missing = append(s.Missing, providers.Missing{What: "partition", Name: t.part(n).String()})
		}
	}
	for _, n := range there {
		if !t.partitions.Has(n) {
			continue
		}
		state := g.state(n)
		r := providers.PartReading{Part: t.part(n), Committed: state.committed(), Low: providers.AtOffset(f.low.at[n]), High: f.end(n, state)}
		if s.Err = f.resolve(q, n, &r); s.Err != nil {
			s.Parts = nil
			return s
		}
		s.Parts = append(s.Parts, r)
	}
	s.Notes = f.notes(q)
	return s
}

func (t *target) part(n int) providers.Part { return providers.Part{Topic: t.topic, Number: n} }

// end is the later of the two ends that the service tells: the newest place
// by time, which may be a checkpoint with records after it, and the one that
// a group's lag is counted to.
func (f *facts) end(n int, s partitionState) providers.Position {
	newest, told := f.high.at[n]
	if at, lag := s.ConsumerGroupOffset, s.ConsumerGroupLag; at.Known && lag.Known && at.N >= 0 && lag.N >= 0 && lag.N <= math.MaxInt64-at.N {
		newest, told = max(newest, at.N+lag.N), true
	}
	if !told {
		return providers.Position{}
	}
	return providers.AtOffset(newest)
}

// resolve tells where the service's own reset to each time asked for leads.
func (f *facts) resolve(q providers.ReadRequest, n int, r *providers.PartReading) error {
	for _, p := range q.Resolve {
		t, ok := p.Time()
		if !ok {
			continue
		}
		places := f.times[stamp(t)]
		if places.err != nil {
			return places.err
		}
		offset, ok := places.at[n]
		if !ok {
			continue
		}
		found := providers.AtOffset(offset)
		if newest, ok := f.high.at[n]; ok && offset >= newest {
			found = providers.At(providers.Latest)
		}
		r.Resolved = append(r.Resolved, providers.Resolution{Asked: p, Found: found})
	}
	return nil
}

func (f *facts) notes(q providers.ReadRequest) (notes []string) {
	if status := f.subscription; status.Status != "" && status.Status != "normal" || status.SubsStatus != "" && status.SubsStatus != "running" {
		notes = append(notes, fmt.Sprintf("The subscription %s is %s.", f.SubscribeID, strings.Trim(status.Status+", "+status.SubsStatus, ", ")))
	}
	if slices.ContainsFunc(q.Resolve, func(p providers.Position) bool { return p.Kind() == providers.Time }) {
		notes = append(notes, afterTime)
	}
	return notes
}
