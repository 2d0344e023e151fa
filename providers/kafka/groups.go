package kafka

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// listing is the answer of ListGroups for a cluster.
type listing struct {
	groups map[string]listed
	err    error // a broker did not answer, so a group that is not listed may exist
}

// listed is one group's type, state and protocol. The type is "classic", "consumer"
// (KIP-848), "share" (KIP-932) or "streams" (KIP-1071). The protocol is that of its
// members: "consumer", "connect"; "" if it never had any.
type listed struct{ kind, state, protocol string }

func (l *listing) names() []string { return slices.Sorted(maps.Keys(l.groups)) }

// A recent is the listing with which globs were just matched. One reading may use it.
type recent struct {
	mu sync.Mutex
	l  *listing
	at time.Time
}

// listOnce returns the listing with which globs were matched within the last second, if
// no reading has used it yet, and requests one otherwise.
func (c *connection) listOnce(ctx context.Context) *listing {
	c.matched.mu.Lock()
	l, age := c.matched.l, c.now().Sub(c.matched.at)
	c.matched.l = nil
	c.matched.mu.Unlock()
	if l != nil && age <= trusted {
		return l
	}
	return c.list(ctx)
}

// list requests the groups of every broker, once.
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
				kind = "classic" // brokers before 3.8 do not report it, and have no other
			}
			l.groups[g.Group] = listed{kind, g.GroupState, g.ProtocolType}
		}
	}
	return l
}

// askAll sends a request to every broker. The client itself would first look up the
// brokers, even if the topics' metadata has just listed them.
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

// described is what the coordinator reports of one group.
type described struct {
	state   string
	members []providers.Member
}

// describe requests groups from their coordinators, one request per protocol and
// coordinator. Errors are ignored: a group that cannot be described is reported by
// its listed state, without members.
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
					d.members = append(d.members, member(m.MemberID, m.ClientID, m.ClientHost, m.InstanceID))
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
					d.members = append(d.members, member(m.MemberID, m.ClientID, m.ClientHost, m.InstanceID))
				}
				out[g.Group] = d
			}
		}
	}
	return out
}

// member is a member of a group, with the instance id of a static one.
func member(id, client, host string, instance *string) providers.Member {
	m := providers.Member{ID: id, Client: client, Host: strings.TrimPrefix(host, "/")}
	if instance != nil {
		m.InstanceID = *instance
	}
	return m
}

// answered returns the responses of the brokers that responded.
func answered[R kmsg.Response](shards []kgo.ResponseShard) []R {
	var out []R
	for _, s := range shards {
		if r, ok := s.Resp.(R); ok && s.Err == nil {
			out = append(out, r)
		}
	}
	return out
}

// states fills in the states that brokers before 2.6 do not list. They have only
// classic groups, for which DescribeGroups is reliable.
func (c *connection) states(ctx context.Context, l *listing, groups map[string]bool) {
	silent := map[string]listed{}
	for name := range groups {
		if g, ok := l.groups[name]; ok && g.state == "" {
			silent[name] = g
		}
	}
	for name, d := range c.describe(ctx, silent) {
		l.groups[name] = listed{silent[name].kind, d.state, silent[name].protocol}
	}
}
