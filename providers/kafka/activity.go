package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// listing is what ListGroups tells of a cluster.
type listing struct {
	groups map[string]listed
	err    error // a broker did not answer, so a group that is not here may exist
}

// listed is one group's type and state. The type is "classic", "consumer"
// (KIP-848), "share" (KIP-932) or "streams" (KIP-1071).
type listed struct{ kind, state string }

func (l *listing) names() []string { return slices.Sorted(maps.Keys(l.groups)) }

// list asks every broker for its groups, once.
func (c *connection) list(ctx context.Context) *listing {
	l := &listing{groups: map[string]listed{}}
	for _, shard := range c.askAll(ctx, kmsg.NewPtrListGroupsRequest) {
		if shard.Err != nil {
			l.err = failed("list groups", shard.Err)
			continue
		}
		resp := shard.Resp.(*kmsg.ListGroupsResponse)
		if err := coded("list groups", resp.ErrorCode); err != nil {
			l.err = err
		}
		for _, g := range resp.Groups {
			kind := g.GroupType
			if kind == "" {
				kind = "classic" // brokers before 3.8 do not say, and have no other
			}
			l.groups[g.Group] = listed{kind, g.GroupState}
		}
	}
	return l
}

// askAll sends a request to every broker. The client would first ask which
// brokers there are, also where the topics' metadata has just told it.
func (c *connection) askAll(ctx context.Context, request func() *kmsg.ListGroupsRequest) []kgo.ResponseShard {
	brokers := c.client.DiscoveredBrokers()
	if len(brokers) == 0 {
		return c.client.RequestSharded(ctx, request())
	}
	shards := make([]kgo.ResponseShard, len(brokers))
	var wg sync.WaitGroup
	for i, b := range brokers {
		wg.Go(func() { shards[i].Resp, shards[i].Err = b.RetriableRequest(ctx, request()) })
	}
	wg.Wait()
	return shards
}

// activity says whether a group is at work, by the state that is listed. Only
// the members' names are missing: describe adds them.
func (g listed) activity() providers.Activity {
	a := providers.Activity{State: providers.Active, Why: fmt.Sprintf("%s (%s protocol)", g.state, g.kind)}
	switch g.state {
	case "Empty", "Dead":
		a.State = providers.Idle
	case "":
		a.State, a.Why = providers.UnknownState, "the broker does not list the group's state"
	}
	return a
}

// describe names the members of groups that are at work, one request a
// protocol and coordinator. Members are a courtesy: where they cannot be
// read, the state stands without them.
func (c *connection) describe(ctx context.Context, groups map[string]listed) map[string][]providers.Member {
	classic, consumer := kmsg.NewPtrDescribeGroupsRequest(), kmsg.NewPtrConsumerGroupDescribeRequest()
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		switch groups[name].kind {
		case "classic":
			classic.Groups = append(classic.Groups, name)
		case "consumer":
			consumer.Groups = append(consumer.Groups, name)
		}
	}
	members := map[string][]providers.Member{}
	if len(classic.Groups) > 0 {
		for _, shard := range c.client.RequestSharded(ctx, classic) {
			if shard.Err != nil {
				continue
			}
			for _, g := range shard.Resp.(*kmsg.DescribeGroupsResponse).Groups {
				for _, m := range g.Members {
					members[g.Group] = append(members[g.Group], providers.Member{ID: m.MemberID, Client: m.ClientID, Host: m.ClientHost})
				}
			}
		}
	}
	if len(consumer.Groups) > 0 {
		for _, shard := range c.client.RequestSharded(ctx, consumer) {
			if shard.Err != nil {
				continue
			}
			for _, g := range shard.Resp.(*kmsg.ConsumerGroupDescribeResponse).Groups {
				for _, m := range g.Members {
					members[g.Group] = append(members[g.Group], providers.Member{ID: m.MemberID, Client: m.ClientID, Host: m.ClientHost})
				}
			}
		}
	}
	return members
}

// commits is what OffsetFetch tells of one group.
type commits struct {
	parts    map[providers.Part]commit
	unstable bool // an open transaction holds a pending commit
	err      error
}

// commit is one committed offset. Kafka gives -1 where there is none.
type commit struct {
	offset   int64
	epoch    int32
	metadata string
}

// fetch reads all commits of many groups, one request a coordinator. It asks
// for stable offsets: a pending transaction shows as such.
func (c *connection) fetch(ctx context.Context, groups []string) map[string]*commits {
	out := make(map[string]*commits, len(groups))
	req := kmsg.NewPtrOffsetFetchRequest()
	req.RequireStable = true
	for _, name := range groups {
		out[name] = &commits{parts: map[providers.Part]commit{}, err: failed("read offsets of group "+name, kerr.CoordinatorNotAvailable)}
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group, g.Topics = name, nil
		req.Groups = append(req.Groups, g)
	}
	for _, shard := range c.client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			for _, g := range shard.Req.(*kmsg.OffsetFetchRequest).Groups {
				out[g.Group].err = failed("read offsets of group "+g.Group, shard.Err)
			}
			continue
		}
		for _, g := range shard.Resp.(*kmsg.OffsetFetchResponse).Groups {
			if known := out[g.Group]; known != nil {
				known.take(g)
				c.coordinators.Store(g.Group, shard.Meta.NodeID)
			}
		}
	}
	return out
}

func (c *commits) take(g kmsg.OffsetFetchResponseGroup) {
	op := "read offsets of group " + g.Group
	if g.ErrorCode == kerr.GroupIDNotFound.Code { // some brokers say so, others answer with nothing
		c.err = nil
		return
	}
	if c.err = coded(op, g.ErrorCode); c.err != nil {
		return
	}
	for _, t := range g.Topics {
		for _, p := range t.Partitions {
			if p.ErrorCode == kerr.UnstableOffsetCommit.Code {
				c.unstable = true
				continue
			}
			if err := coded(op, p.ErrorCode); err != nil {
				c.err = err
				return
			}
			if p.Offset == -1 && (p.Metadata == nil || *p.Metadata == "") && p.LeaderEpoch == -1 {
				continue
			}
			at := commit{offset: p.Offset, epoch: p.LeaderEpoch}
			if p.Metadata != nil {
				at.metadata = *p.Metadata
			}
			c.parts[providers.Part{Topic: t.Topic, Number: int(p.Partition)}] = at
		}
	}
}
