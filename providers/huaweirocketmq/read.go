package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Read reads each target on its own, and what several targets share once.
func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	r := c.reading(ctx)
	out := make([]providers.Snapshot, len(reqs))
	fanout.Each(len(reqs), func(i int) {
		if t := reqs[i].Target.(*target); len(reqs[i].Only) > 0 {
			out[i] = c.readBack(ctx, t, reqs[i].Only)
		} else {
			out[i] = c.snapshot(ctx, t, r)
		}
	})
	return out
}

// A reading holds the requests that the targets of one Read share. Each is sent once.
type reading struct {
	group  func(name string) (group, error)
	bounds func(topic string) (map[api.Queue]api.Status, error)
	groups func() ([]string, error)
	topics func() ([]string, error)
}

func (c *connection) reading(ctx context.Context) *reading {
	return &reading{
		group:  fanout.Once(func(name string) (group, error) { return c.group(ctx, name) }),
		bounds: fanout.Once(func(topic string) (map[api.Queue]api.Status, error) { return c.api.ShowTopicStatus(ctx, topic) }),
		groups: sync.OnceValues(func() ([]string, error) { return c.api.ListInstanceConsumerGroups(ctx) }),
		topics: sync.OnceValues(func() ([]string, error) { return c.api.ListRocketInstanceTopics(ctx) }),
	}
}

// group reads a group, and its consumers if it may have some and can be reset.
func (c *connection) group(ctx context.Context, name string) (group, error) {
	found, err := c.api.ShowGroup(ctx, name)
	g := group{Group: found}
	if err != nil || is(g.Broadcast, true) || is(g.Online, false) {
		return g, err
	}
	g.consumers, err = c.api.ShowConsumerConnections(ctx, name)
	return g, err
}

// is reports whether the service reports a value, and it is this one.
func is(reported *bool, value bool) bool { return reported != nil && *reported == value }

// readBack reads only commits.
func (c *connection) readBack(ctx context.Context, t *target, only []providers.Part) (out providers.Snapshot) {
	commits, err := c.api.ShowConsumerListOrDetails(ctx, t.group, t.topic)
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	for q, s := range commits {
		if p := t.part(q); slices.Contains(only, p) {
			out.Parts = append(out.Parts, providers.PartReading{Part: p, Committed: committed(s.Committed)})
		}
	}
	sortParts(out.Parts)
	return out
}

func (c *connection) snapshot(ctx context.Context, t *target, r *reading) (out providers.Snapshot) {
	g, err := r.group(t.group)
	out.Activity = g.activity()
	if m := missing(err, providers.GroupName, t.group, r.groups); m != nil {
		out.GroupState, out.Missing, err = providers.Absent, append(out.Missing, *m), nil
		out.Activity.Why = "the group does not exist"
	}
	if err != nil {
		out.Err = err
		return out
	}
	bounds, err := r.bounds(t.topic)
	if m := missing(err, providers.TopicName, t.topic, r.topics); m != nil {
		out.Missing, err = append(out.Missing, *m), nil
	}
	switch {
	case err != nil:
		out.Err = err
		return out
	case out.Missing != nil:
		return out
	case is(g.Broadcast, true):
		out.Err = &providers.Error{Provider: Type, Op: "read group " + t.group, Kind: providers.ErrUnsupported,
			Message: "the group consumes by broadcast: each consumer keeps its own position, and the service cannot reset it"}
		return out
	}
	commits, err := c.api.ShowConsumerListOrDetails(ctx, t.group, t.topic)
	if err != nil {
		out.Err = err
		return out
	}
	out.Parts = t.parts(bounds, commits)
	out.GroupState, out.Notes = groupState(out.Parts)
	if is(g.consumers.Consistent, false) {
		out.Notes = append(out.Notes, fmt.Sprintf("The consumers of group %s have different subscriptions of topics and tags: replayed records "+
			"may reach no consumer that needs them.", t.group))
	}
	return out
}

// missing returns a name as missing if it was refused because it does not exist. The
// manual has no code for that, so the name is looked up in the service's own list. If
// the list has it, it was refused for another reason, and nil is returned.
func missing(refusal error, what providers.NameKind, name string, list func() ([]string, error)) *providers.Missing {
	if !errors.Is(refusal, providers.ErrNotFound) && !errors.Is(refusal, providers.ErrInvalid) {
		return nil
	}
	known, err := list()
	if err != nil || slices.Contains(known, name) {
		return nil
	}
	return &providers.Missing{What: what, Name: name, Known: known}
}

// parts joins what the topic and the group report about each queue. The two were not
// read at the same moment: the later high offset counts.
func (t *target) parts(bounds, commits map[api.Queue]api.Status) []providers.PartReading {
	all := maps.Clone(commits)
	maps.Copy(all, bounds)
	var out []providers.PartReading
	for q := range all {
		log, commit := bounds[q], commits[q]
		r := providers.PartReading{
			Part: t.part(q), Low: offset(log.Low), High: offset(log.High),
			Committed: committed(commit.Committed), ReadUpTo: commit.LastRead,
		}
		if commit.End != nil && (log.High == nil || *commit.End > *log.High) {
			r.High = offset(commit.End)
		}
		out = append(out, r)
	}
	sortParts(out)
	return out
}

func sortParts(parts []providers.PartReading) {
	slices.SortFunc(parts, func(a, b providers.PartReading) int { return a.Part.Compare(b.Part) })
}

// offset returns an offset as a position; the zero Position if it is not known. The
// engine reports negative offsets if it has none.
func offset(n *int64) providers.Position {
	if n == nil || *n < 0 {
		return providers.Position{}
	}
	return providers.AtOffset(*n)
}

// committed returns the position of a commit.
func committed(n *int64) providers.Position {
	if at := offset(n); !at.IsZero() {
		return at
	}
	return providers.At(providers.Unset)
}
