package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers"
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

// described is what the coordinator tells of one group.
type described struct {
	state   string
	members []providers.Member
}

// describe asks the coordinators for groups, one request a protocol and
// coordinator. It is a courtesy: what cannot be read is left out, and the
// listed state stands without the members' names.
func (c *connection) describe(ctx context.Context, groups map[string]listed) map[string]described {
	classic, consumer := kmsg.NewPtrDescribeGroupsRequest(), kmsg.NewPtrConsumerGroupDescribeRequest()
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		switch groups[name].kind {
		case "classic":
			classic.Groups = append(classic.Groups, name)
		case "consumer":
			consumer.Groups = append(consumer.Groups, name)
		}
	}
	out := map[string]described{}
	if len(classic.Groups) > 0 {
		for _, resp := range answered[*kmsg.DescribeGroupsResponse](c.client.RequestSharded(ctx, classic)) {
			for _, g := range resp.Groups {
				d := described{state: g.State}
				for _, m := range g.Members {
					d.members = append(d.members, providers.Member{ID: m.MemberID, Client: m.ClientID, Host: m.ClientHost})
				}
				out[g.Group] = d
			}
		}
	}
	if len(consumer.Groups) > 0 {
		for _, resp := range answered[*kmsg.ConsumerGroupDescribeResponse](c.client.RequestSharded(ctx, consumer)) {
			for _, g := range resp.Groups {
				d := described{state: g.State}
				for _, m := range g.Members {
					d.members = append(d.members, providers.Member{ID: m.MemberID, Client: m.ClientID, Host: m.ClientHost})
				}
				out[g.Group] = d
			}
		}
	}
	return out
}

// answered returns the answers of those brokers that gave one.
func answered[R kmsg.Response](shards []kgo.ResponseShard) []R {
	var out []R
	for _, s := range shards {
		if r, ok := s.Resp.(R); ok && s.Err == nil {
			out = append(out, r)
		}
	}
	return out
}

// states fills in the states that brokers before 2.6 do not list. They know
// classic groups only, so that DescribeGroups can be believed.
func (c *connection) states(ctx context.Context, l *listing, groups map[string]bool) {
	silent := map[string]listed{}
	for name := range groups {
		if g, ok := l.groups[name]; ok && g.state == "" {
			silent[name] = g
		}
	}
	for name, d := range c.describe(ctx, silent) {
		l.groups[name] = listed{silent[name].kind, d.state}
	}
}
