package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
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
		out[name] = &commits{err: failed("read offsets of group "+name, kerr.CoordinatorNotAvailable)}
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
	all := 0
	for _, t := range g.Topics {
		all += len(t.Partitions)
	}
	c.parts = make(map[providers.Part]commit, all)
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
		r.Metadata = kept
	}
	return r
}

// What Kafka keeps beside a committed offset.
const (
	keptMetadata = "metadata"
	keptEpoch    = "leaderEpoch"
)

// commit sends one OffsetCommit as an administrator: no member, generation -1.
func (c *connection) commit(ctx context.Context, broker int32, group string, moves []providers.PartMove) ([]providers.PartResult, error) {
	if len(moves) == 0 {
		return nil, nil
	}
	op := "commit offsets of group " + group
	req, err := commitRequest(group, moves)
	if err != nil {
		return nil, failed(op, err)
	}
	resp, err := c.once(ctx, broker, group, op, req)
	if err != nil {
		return nil, err
	}
	names := topicNames(moves)
	codes := make(map[providers.Part]int16, len(moves))
	for _, t := range resp.(*kmsg.OffsetCommitResponse).Topics {
		name := t.Topic
		if name == "" {
			name = names[topicID(t.TopicID)]
		}
		for _, p := range t.Partitions {
			codes[providers.Part{Topic: name, Number: int(p.Partition)}] = p.ErrorCode
		}
	}
	return c.results(group, op, moves, codes)
}

func commitRequest(group string, moves []providers.PartMove) (*kmsg.OffsetCommitRequest, error) {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	for topic, run := range byTopic(moves, movedPart) {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic = topic
		if id, err := base64.RawURLEncoding.DecodeString(run[0].LogID); err == nil && len(id) == 16 {
			t.TopicID = [16]byte(id)
		}
		for _, m := range run {
			p := kmsg.NewOffsetCommitRequestTopicPartition()
			p.Partition, p.LeaderEpoch = int32(m.Part.Number), -1
			p.Offset, _ = m.Position.Offset()
			p.Metadata = kmsg.StringPtr(m.Metadata[keptMetadata])
			if text, ok := m.Metadata[keptEpoch]; ok {
				epoch, err := strconv.ParseInt(text, 10, 32)
				if err != nil {
					return nil, fmt.Errorf("leader epoch %q of %s is not a number", text, m.Part)
				}
				p.LeaderEpoch = int32(epoch)
			}
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
	}
	return req, nil
}

// remove sends one OffsetDelete.
func (c *connection) remove(ctx context.Context, broker int32, group string, moves []providers.PartMove) ([]providers.PartResult, error) {
	op := "remove offsets of group " + group
	req := kmsg.NewPtrOffsetDeleteRequest()
	req.Group = group
	for topic, run := range byTopic(moves, movedPart) {
		t := kmsg.NewOffsetDeleteRequestTopic()
		t.Topic = topic
		for _, m := range run {
			p := kmsg.NewOffsetDeleteRequestTopicPartition()
			p.Partition = int32(m.Part.Number)
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
	}
	resp, err := c.once(ctx, broker, group, op, req)
	if err != nil {
		return nil, err
	}
	answer := resp.(*kmsg.OffsetDeleteResponse)
	codes := map[providers.Part]int16{}
	for _, m := range moves { // an error of the whole request is that of each part
		if answer.ErrorCode != 0 {
			codes[m.Part] = answer.ErrorCode
		}
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			codes[providers.Part{Topic: t.Topic, Number: int(p.Partition)}] = p.ErrorCode
		}
	}
	return c.results(group, op, moves, codes)
}

// results matches the answers to the moves. Where the answer leaves open
// whether a part was written, the reset is in doubt as a whole.
func (c *connection) results(group, op string, moves []providers.PartMove, codes map[providers.Part]int16) ([]providers.PartResult, error) {
	out := make([]providers.PartResult, 0, len(moves))
	for _, m := range moves {
		code, answered := codes[m.Part]
		if answered && code == 0 {
			out = append(out, providers.PartResult{Part: m.Part, Position: m.Position})
			continue
		}
		where := fmt.Sprintf("%s on %s", op, m.Part)
		switch {
		case !answered:
			return nil, doubtful(where, errors.New("the broker did not answer for it"))
		case leavesOpen(code):
			return nil, doubtful(where, kerr.ErrorForCode(code))
		case code == kerr.NotCoordinator.Code:
			c.coordinators.Delete(group)
		}
		out = append(out, providers.PartResult{Part: m.Part, Err: coded(where, code)})
	}
	return out, nil
}

// leavesOpen reports whether a coordinator that answers so may have written: it
// says the same where it could not begin as where a write was not replicated
// in time.
func leavesOpen(code int16) bool {
	return code == kerr.CoordinatorNotAvailable.Code || code == kerr.RequestTimedOut.Code || code == kerr.UnknownServerError.Code
}

func topicNames(moves []providers.PartMove) map[string]string {
	names := map[string]string{}
	for _, m := range moves {
		if m.LogID != "" {
			names[m.LogID] = m.Part.Topic
		}
	}
	return names
}
