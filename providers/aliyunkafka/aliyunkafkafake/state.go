package aliyunkafkafake

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// A group is a consumer group as the broker reports it.
type group struct {
	name    string
	state   string // in this API's spelling
	commits kadm.Offsets
	owners  map[string]map[int32]kadm.DescribedGroupMember // the members by topic and partition
}

// states maps Kafka's group states to this API's spelling.
var states = map[string]string{
	"Empty": "EMPTY", "Dead": "DEAD", "Stable": stable, "PreparingRebalance": "PREPARING_REBALANCE", "CompletingRebalance": "COMPLETING_REBALANCE",
}

const stable = "STABLE"

// groups returns the names of all groups, sorted.
func (f *Fake) groups(ctx context.Context) ([]string, error) {
	listed, err := f.broker.ListGroups(ctx)
	return listed.Groups(), err
}

// group returns a group, or nil if it does not exist.
func (f *Fake) group(ctx context.Context, name string) (*group, error) {
	names, err := f.groups(ctx)
	if err != nil || !slices.Contains(names, name) {
		return nil, err
	}
	g := &group{name: name, owners: map[string]map[int32]kadm.DescribedGroupMember{}}
	described, err := f.broker.DescribeGroups(ctx, name)
	if err != nil {
		return nil, err
	}
	if g.state = states[described[name].State]; g.state == "" {
		g.state = "UNKNOWN"
	}
	for _, m := range described[name].Members {
		assigned, _ := m.Assigned.AsConsumer()
		if assigned == nil {
			continue
		}
		for _, t := range assigned.Topics {
			for _, p := range t.Partitions {
				g.own(t.Topic, p, m)
			}
		}
	}
	fetched, err := f.broker.FetchOffsets(ctx, name)
	if err != nil {
		return nil, err
	}
	g.commits = fetched.Offsets()
	if f.is(live) {
		g.activate()
	}
	return g, nil
}

func (g *group) own(topic string, partition int32, m kadm.DescribedGroupMember) {
	if g.owners[topic] == nil {
		g.owners[topic] = map[int32]kadm.DescribedGroupMember{}
	}
	g.owners[topic][partition] = m
}

// activate gives the group a consumer that owns all partitions.
func (g *group) activate() {
	g.state = stable
	for _, o := range g.commits.Sorted() {
		g.own(o.Topic, o.Partition, kadm.DescribedGroupMember{MemberID: "sandbox-consumer-1", ClientID: "sandbox-consumer", ClientHost: "/127.0.0.1"})
	}
}

// topics returns the topics that the group has committed on or reads, sorted.
func (g *group) topics() []string {
	names := map[string]bool{}
	for name := range g.commits {
		names[name] = true
	}
	for name := range g.owners {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// topics returns all topics, sorted.
func (f *Fake) topics(ctx context.Context) ([]kadm.TopicDetail, error) {
	details, err := f.broker.ListTopics(ctx)
	return details.Sorted(), err
}

func (f *Fake) hasTopic(ctx context.Context, name string) (bool, error) {
	topics, err := f.topics(ctx)
	return slices.ContainsFunc(topics, func(t kadm.TopicDetail) bool { return t.Topic == name }), err
}

// bounds returns the low and high offsets of topics.
func (f *Fake) bounds(ctx context.Context, topics ...string) (low, high kadm.Offsets, err error) {
	if len(topics) == 0 {
		return nil, nil, nil
	}
	start, err1 := f.broker.ListStartOffsets(ctx, topics...)
	end, err2 := f.broker.ListEndOffsets(ctx, topics...)
	return start.Offsets(), end.Offsets(), errors.Join(err1, err2, start.Error(), end.Error())
}

// at returns the offsets for a time: for -2 the lowest, for any other negative time
// the highest, otherwise the first record at or after it, or the end.
func (f *Fake) at(ctx context.Context, milli int64, topics ...string) (kadm.Offsets, error) {
	low, high, err := f.bounds(ctx, topics...)
	switch {
	case err != nil || len(topics) == 0:
		return nil, err
	case milli == -2:
		return low, nil
	case milli < 0:
		return high, nil
	}
	found, err := f.broker.ListOffsetsAfterMilli(ctx, milli, topics...)
	return found.Offsets(), errors.Join(err, found.Error())
}

// commit moves a group. An active consumer then commits its own position: one record
// after the previous commit.
func (f *Fake) commit(ctx context.Context, g *group, to kadm.Offsets) error {
	if err := f.broker.CommitAllOffsets(ctx, g.name, to); err != nil || !f.is(live) {
		return err
	}
	var own kadm.Offsets
	to.Each(func(o kadm.Offset) {
		was, _ := g.commits.Lookup(o.Topic, o.Partition)
		own.AddOffset(o.Topic, o.Partition, was.At+1, -1)
	})
	return f.broker.CommitAllOffsets(ctx, g.name, own)
}

// active reports whether a broker refused a commit because the group has active
// members.
func active(err error) bool {
	return errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.RebalanceInProgress)
}
