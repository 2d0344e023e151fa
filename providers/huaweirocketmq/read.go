package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

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
			out[i] = r.readBack(t, reqs[i].Only)
		} else {
			out[i] = r.snapshot(t, reqs[i].Resolve)
		}
	})
	return out
}

// A reading holds the requests that the targets of one Read share. Each is sent once.
type reading struct {
	now        time.Time
	group      func(name string) (group, error)
	subscribed func(group string) ([]string, error)
	bounds     func(topic string) (map[api.Queue]api.Status, error)
	commits    func(groupTopic) (map[api.Queue]api.Status, error)
	groups     func() ([]string, error)
	topics     func() ([]string, error)
}

// A groupTopic is a group's position on a topic.
type groupTopic struct{ group, topic string }

func (c *connection) reading(ctx context.Context) *reading {
	return &reading{
		now:        c.now(),
		group:      fanout.Once(func(name string) (group, error) { return c.group(ctx, name) }),
		subscribed: fanout.Once(func(group string) ([]string, error) { return c.api.ListSubscribedTopics(ctx, group) }),
		bounds:     fanout.Once(func(topic string) (map[api.Queue]api.Status, error) { return c.api.ShowTopicStatus(ctx, topic) }),
		commits: fanout.Once(func(of groupTopic) (map[api.Queue]api.Status, error) {
			return c.api.ShowConsumerListOrDetails(ctx, of.group, of.topic)
		}),
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
	if errors.Is(err, providers.ErrPrecondition) && g.Online == nil { // an offline group has no list of consumers
		offline := false
		g.consumers, err = api.Consumers{Online: &offline}, nil
	}
	return g, err
}

// is reports whether the service reports a value, and it is this one.
func is(reported *bool, value bool) bool { return reported != nil && *reported == value }

// readBack reads only commits.
func (r *reading) readBack(t *target, only []providers.Part) (out providers.Snapshot) {
	var topics []string
	for _, p := range only {
		topics = append(topics, p.Topic)
	}
	for _, topic := range once(topics) {
		commits, err := r.commits(groupTopic{t.group, topic})
		if err != nil {
			return providers.Snapshot{Err: err}
		}
		for q, s := range commits {
			if p := part(topic, q); slices.Contains(only, p) {
				out.Parts = append(out.Parts, providers.PartReading{Part: p, Committed: committed(s.Committed)})
			}
		}
	}
	sortParts(out.Parts)
	return out
}

func (r *reading) snapshot(t *target, resolve []providers.Position) (out providers.Snapshot) {
	g, err := r.group(t.group)
	out.Activity = g.activity()
	if m := missing(err, providers.GroupName, t.group, r.groups); m != nil {
		out.GroupState, out.Missing, err = providers.Absent, append(out.Missing, *m), nil
		out.Activity.Why = "the group does not exist"
	}
	if err != nil {
		return providers.Snapshot{Err: err}
	}
	topics, err := r.selected(t, &out)
	if err == nil {
		topics, err = r.existing(t, topics, &out)
	}
	switch {
	case err != nil:
		return providers.Snapshot{Err: err}
	case out.Missing != nil:
		return out
	case is(g.Broadcast, true):
		out.Err = &providers.Error{Provider: Type, Op: "read group " + t.group, Kind: providers.ErrUnsupported,
			Message: "the group consumes by broadcast: each consumer keeps its own position, and the service cannot reset it"}
		return out
	}
	for _, topic := range topics {
		bounds, _ := r.bounds(topic)
		commits, err := r.commits(groupTopic{t.group, topic})
		if err != nil {
			return providers.Snapshot{Err: err}
		}
		out.Parts = append(out.Parts, parts(topic, bounds, commits)...)
	}
	sortParts(out.Parts)
	if err := r.followed(resolve, &out); err != nil {
		return providers.Snapshot{Err: err}
	}
	state, notes := groupState(out.Parts)
	out.GroupState, out.Notes = state, append(notes, out.Notes...)
	if is(g.consumers.Consistent, false) {
		out.Notes = append(out.Notes, fmt.Sprintf("The consumers of group %s have different subscriptions of topics and tags: replayed records "+
			"may reach no consumer that needs them.", t.group))
	}
	return out
}

// selected returns the topics that a target selects. Globs that select none, and what a
// reset leaves as it is, are added to the snapshot.
func (r *reading) selected(t *target, out *providers.Snapshot) ([]string, error) {
	if out.Missing != nil {
		return t.names, nil // a missing group has no subscriptions
	}
	subscribed, err := r.subscribed(t.group)
	if err != nil && t.listed() {
		return nil, err
	}
	topics, none := t.topics(subscribed)
	out.Missing, out.Notes = append(out.Missing, none...), r.leftOut(t, subscribed)
	return topics, nil
}

// existing reads the bounds of topics and returns those topics that exist. Others are
// added to the snapshot: as missing if the target names them.
func (r *reading) existing(t *target, topics []string, out *providers.Snapshot) (existing []string, err error) {
	errs := make([]error, len(topics))
	fanout.Each(len(topics), func(i int) { _, errs[i] = r.bounds(topics[i]) })
	for i, topic := range topics {
		m := missing(errs[i], providers.TopicName, topic, r.topics)
		switch {
		case m != nil && slices.Contains(t.names, topic):
			out.Missing = append(out.Missing, *m)
		case m != nil:
			out.Notes = append(out.Notes, fmt.Sprintf("The group subscribes to topic %s, which does not exist; it is ignored.", topic))
		case errs[i] != nil:
			return nil, errs[i]
		default:
			existing = append(existing, topic)
		}
	}
	return existing, nil
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

// parts joins what a topic and a group report about each queue. The two were not
// read at the same moment: the later high offset counts.
func parts(topic string, bounds, commits map[api.Queue]api.Status) []providers.PartReading {
	all := maps.Clone(commits)
	maps.Copy(all, bounds)
	var out []providers.PartReading
	for q := range all {
		log, commit := bounds[q], commits[q]
		r := providers.PartReading{
			Part: part(topic, q), Low: offset(log.Low), High: offset(log.High),
			Committed: committed(commit.Committed), ReadUpTo: commit.LastRead,
		}
		if commit.End != nil && (log.High == nil || *commit.End > *log.High) {
			r.High = offset(commit.End)
		}
		out = append(out, r)
	}
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
