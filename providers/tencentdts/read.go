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
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// Read fetches once what all targets share: they are groups of one
// subscription. Each distinct time costs one more request.
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

// facts are what one Read has fetched.
type facts struct {
	config
	groups       map[string]api.Group
	subscription api.Subscription    // not read if only commits are requested
	low, high    *offsets            // nil if only commits are requested
	times        map[string]*offsets // by the time as the service accepts it
	near         *nearby             // times near offsets, if any are requested
	err          error               // of a request that all targets need
}

// offsets are the positions of a time, by partition.
type offsets struct {
	at  map[int]int64
	err error
}

func (c *connection) facts(ctx context.Context, reqs []providers.ReadRequest) *facts {
	f := &facts{config: c.config, times: map[string]*offsets{}}
	var errs [4]error
	var calls []func()
	add := func(call func()) { calls = append(calls, call) }
	offsetsAt := func(at string) *offsets {
		o := &offsets{}
		add(func() { o.at, o.err = c.api.DescribeOffsetByTime(ctx, c.SubscribeID, at) })
		return o
	}
	add(func() { f.groups, errs[0] = c.groups(ctx) })
	if slices.ContainsFunc(reqs, func(q providers.ReadRequest) bool { return q.Only == nil }) {
		add(func() { f.subscription, errs[1] = c.api.DescribeSubscribeDetail(ctx, c.SubscribeID) })
		f.low, f.high = offsetsAt(""), offsetsAt(api.Time(c.now().AddDate(1, 0, 0)))
		for _, at := range timesOf(reqs) {
			f.times[at] = offsetsAt(at)
		}
	}
	fanout.Each(len(calls), func(i int) { calls[i]() })
	if f.low != nil {
		errs[2], errs[3] = f.low.err, f.high.err
	}
	if f.err = cmp.Or(errs[:]...); f.err == nil && f.low != nil {
		f.near = c.nearTo(ctx, f.low.at, f.wanted(reqs))
	}
	return f
}

// pageSize is the service's default; no larger one is documented.
const pageSize = 10

// groups returns all groups of the subscription by their full names.
func (c *connection) groups(ctx context.Context) (map[string]api.Group, error) {
	all := map[string]api.Group{}
	for read := 0; ; {
		page, err := c.api.DescribeConsumerGroups(ctx, c.SubscribeID, read, pageSize)
		if err != nil {
			return nil, err
		}
		before := len(all)
		for _, g := range page.Items {
			all[g.Name] = g
		}
		if read += len(page.Items); read >= page.Total {
			return all, nil
		}
		if len(all) == before {
			return nil, &providers.Error{Provider: Type, Op: "read the consumer groups of " + c.SubscribeID, Kind: providers.ErrInvalid,
				Message: fmt.Sprintf("unexpected response: the service reports %d groups and lists the same %d again", page.Total, before)}
		}
	}
}

// timesOf returns the requested times as the service accepts them, without
// duplicates.
func timesOf(reqs []providers.ReadRequest) []string {
	all := map[string]bool{}
	for _, q := range reqs {
		for _, p := range q.Resolve {
			if t, ok := p.Time(); ok {
				all[api.Time(t)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// snapshot builds a target's snapshot from the facts.
func (f *facts) snapshot(q providers.ReadRequest) (s providers.Snapshot) {
	if f.err != nil {
		return providers.Snapshot{Err: f.err}
	}
	t := q.Target.(*target)
	g, known := f.groups[t.group]
	s.GroupState, s.Activity = groupState(g), activity(g)
	if !known {
		s.Missing = append(s.Missing, providers.Missing{What: providers.GroupName, Name: t.group, Known: slices.Sorted(maps.Keys(f.groups))})
		s.GroupState, s.Activity = providers.Absent, providers.Activity{State: providers.Idle, Why: "the group does not exist"}
	}
	if q.Only != nil {
		for _, p := range slices.SortedFunc(slices.Values(q.Only), providers.Part.Compare) {
			s.Parts = append(s.Parts, providers.PartReading{Part: p, Committed: committed(partition(g, p.Number))})
		}
		return s
	}
	topic := cmp.Or(t.topic, f.subscription.Topic)
	switch {
	case topic == "":
		s.Err = &providers.Error{Provider: Type, Op: "read the subscription " + f.SubscribeID, Kind: providers.ErrInvalid,
			Message: "the service does not report the subscription's topic: name it in the target (topic: NAME)"}
		return s
	case f.subscription.Topic != "" && topic != f.subscription.Topic:
		s.Missing = append(s.Missing, providers.Missing{What: providers.TopicName, Name: topic, Known: []string{f.subscription.Topic}})
		return s
	}
	return f.parts(q, topic, g, s)
}

// parts adds the partitions that the target selects to a snapshot.
func (f *facts) parts(q providers.ReadRequest, topic string, g api.Group, s providers.Snapshot) providers.Snapshot {
	t, part := q.Target.(*target), func(n int) providers.Part { return providers.Part{Topic: topic, Number: n} }
	existing := slices.Sorted(maps.Keys(f.low.at))
	for _, n := range t.partitions {
		if !slices.Contains(existing, n) {
			s.Missing = append(s.Missing, providers.Missing{What: providers.PartitionName, Name: part(n).String()})
		}
	}
	for _, n := range existing {
		if !t.partitions.Has(n) {
			continue
		}
		p := partition(g, n)
		r := providers.PartReading{Part: part(n), Committed: committed(p), Low: providers.AtOffset(f.low.at[n]), High: f.end(n, p)}
		if s.Err = f.resolve(q, n, &r); s.Err != nil {
			s.Parts = nil
			return s
		}
		s.Parts = append(s.Parts, r)
	}
	s.Notes = f.notes(q)
	return s
}

// end returns the later of the two ends that the service reports: the newest
// offset by time, which may be a checkpoint with records after it, and the one
// that a group's lag is counted to.
func (f *facts) end(n int, p api.Partition) providers.Position {
	newest, known := f.high.at[n]
	if p.Offset != nil && p.Lag != nil && *p.Offset >= 0 && *p.Lag >= 0 && *p.Lag <= math.MaxInt64-*p.Offset {
		newest, known = max(newest, *p.Offset+*p.Lag), true
	}
	if !known {
		return providers.Position{}
	}
	return providers.AtOffset(newest)
}

// resolve fills in where the service's own reset to each requested position leads.
func (f *facts) resolve(q providers.ReadRequest, n int, r *providers.PartReading) error {
	for _, p := range q.Resolve {
		if p.Kind() == providers.Group {
			if err := f.approach(r, p, f.donor(q, p, n)); err != nil {
				return err
			}
			continue
		}
		t, ok := p.Time()
		if !ok {
			continue
		}
		offsets := f.times[api.Time(t)]
		if offsets.err != nil {
			return offsets.err
		}
		if offset, ok := offsets.at[n]; ok {
			r.Resolved = append(r.Resolved, f.landing(r, providers.Resolution{Asked: p}, offset))
		}
	}
	for _, a := range q.Approach {
		if a.Part != r.Part {
			continue
		}
		if err := f.approach(r, a.Position, a.Position); err != nil {
			return err
		}
	}
	return nil
}

// landing completes a resolution with where the checkpoint that the service looked up
// for a time leads. A look-up that is at the end of the log means the end. One that is
// at the newest checkpoint and before the end may mean either: the service does not
// report it.
func (f *facts) landing(r *providers.PartReading, one providers.Resolution, offset int64) providers.Resolution {
	one.Found = providers.AtOffset(offset)
	end, ok := r.High.Offset()
	newest, known := f.high.at[r.Part.Number]
	switch {
	case ok && offset >= end:
		one.Found = providers.At(providers.Latest)
	case ok && known && offset >= newest:
		one.UpTo = providers.At(providers.Latest)
	}
	return one
}

func (f *facts) notes(q providers.ReadRequest) (notes []string) {
	if s := f.subscription; s.Status != "" && s.Status != "normal" || s.SubsStatus != "" && s.SubsStatus != "running" {
		notes = append(notes, fmt.Sprintf("The subscription %s is %s.", f.SubscribeID, strings.Trim(s.Status+", "+s.SubsStatus, ", ")))
	}
	if slices.ContainsFunc(q.Resolve, func(p providers.Position) bool { return p.Kind() == providers.Time }) {
		notes = append(notes, afterTime)
	}
	return notes
}
