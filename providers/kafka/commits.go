package kafka

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commits is what OffsetFetch tells of one group.
type commits struct {
	parts    map[providers.Part]commit
	unstable bool // an open transaction holds a pending commit
	err      error
}

// commit is one committed offset. One that is negative was written by a tool
// that did not look.
type commit struct {
	offset   int64
	epoch    int32 // -1: none was written
	metadata string
	pending  bool // an open transaction holds another: nothing else here is known
}

// fetch reads all commits of many groups, one request a coordinator. It asks
// for stable offsets: a pending transaction shows as such. It names no topic:
// so only what is committed is answered, and -1 is a commit like any other.
func (c *connection) fetch(ctx context.Context, groups map[string]bool) map[string]*commits {
	out := make(map[string]*commits, len(groups))
	req := kmsg.NewPtrOffsetFetchRequest()
	req.RequireStable = true
	for _, name := range slices.Sorted(maps.Keys(groups)) {
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
			part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
			if p.ErrorCode == kerr.UnstableOffsetCommit.Code {
				c.unstable = true
				c.parts[part] = commit{pending: true}
				continue
			}
			if err := coded(op, p.ErrorCode); err != nil {
				c.err = err
				return
			}
			at := commit{offset: p.Offset, epoch: p.LeaderEpoch}
			if p.Metadata != nil {
				at.metadata = *p.Metadata
			}
			c.parts[part] = at
		}
	}
}

// reading returns what is committed on one part, and what is kept beside it.
// Where a transaction is open, what is committed is not known.
func (c *commits) reading(p providers.Part) providers.PartReading {
	r := providers.PartReading{Part: p, Committed: providers.At(providers.Unset)}
	at, ok := c.parts[p]
	if !ok {
		return r
	}
	if at.pending {
		r.Committed = providers.Position{}
		return r
	}
	r.Committed = providers.AtOffset(at.offset)
	kept := map[string]string{}
	if at.metadata != "" {
		kept[keptMetadata] = at.metadata
	}
	if at.epoch >= 0 {
		kept[keptEpoch] = strconv.Itoa(int(at.epoch))
	}
	if len(kept) > 0 {
		r.Kept = kept
	}
	return r
}

// What Kafka keeps beside a committed offset.
const (
	keptMetadata = "metadata"
	keptEpoch    = "leaderEpoch"
)
