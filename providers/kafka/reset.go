package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Reset commits offsets and removes commits at the group's coordinator. Each
// request leaves once. Where both are asked for, the commit goes first; when
// no part of it is carried out, nothing is removed.
func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if err := committable(m.To); err != nil {
		return providers.Receipt{}, err
	}
	group := m.Target.(*target).group
	moves, err := c.identify(ctx, m.To)
	if err != nil {
		return providers.Receipt{}, err
	}
	var set, unset []providers.PartMove
	for _, p := range moves {
		if p.Position.Kind() == providers.Unset {
			unset = append(unset, p)
			continue
		}
		set = append(set, p)
	}
	coordinator, err := c.coordinator(ctx, group)
	if err != nil {
		return providers.Receipt{}, err
	}
	results, err := c.commit(ctx, coordinator, group, set)
	if err == nil {
		err = allRefused(results)
	}
	if err == nil && len(unset) > 0 {
		var removed []providers.PartResult
		removed, err = c.remove(ctx, coordinator, group, unset)
		if err != nil && len(results) > 0 && !errors.Is(err, providers.ErrInDoubt) {
			for _, p := range unset { // the commit stands; this is a part's failure, not the whole's
				removed = append(removed, providers.PartResult{Part: p.Part, Err: err})
			}
			err = nil
		}
		results = append(results, removed...)
	}
	if err != nil {
		return providers.Receipt{}, err
	}
	slices.SortFunc(results, func(a, b providers.PartResult) int { return a.Part.Compare(b.Part) })
	return providers.Receipt{Parts: results}, allRefused(results)
}

// committable refuses what an OffsetCommit and an OffsetDelete cannot say.
func committable(moves []providers.PartMove) error {
	for _, p := range moves {
		if n, ok := p.Position.Offset(); p.Position.Kind() != providers.Unset && (!ok || n < 0) {
			return &providers.Error{Provider: Type, Op: "reset " + p.Part.String(), Kind: providers.ErrUnsupported, Message: p.Position.String() + " is not an offset that can be committed"}
		}
	}
	return nil
}

// allRefused returns the error of a reset of which no part was carried out.
func allRefused(results []providers.PartResult) error {
	for _, r := range results {
		if r.Err == nil {
			return nil
		}
	}
	if len(results) == 0 {
		return nil
	}
	return results[0].Err
}

// identify makes sure that every topic is still the one that was planned for,
// and gives moves that were planned for none the topic's present id, by which
// brokers since 4.2 are asked. The client's cache tells where a reading has
// just filled it.
func (c *connection) identify(ctx context.Context, moves []providers.PartMove) ([]providers.PartMove, error) {
	names := map[string]bool{}
	for _, p := range moves {
		names[p.Part.Topic] = true
	}
	now, err := c.catalogue(ctx, slices.Sorted(maps.Keys(names)), trusted)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(moves)
	for i, p := range out {
		info := now.topics[p.Part.Topic]
		if info.missing || p.LogID != "" && info.logID() != "" && info.logID() != p.LogID {
			return nil, coded("commit on topic "+p.Part.Topic, kerr.UnknownTopicID.Code)
		}
		out[i].LogID = info.logID()
	}
	return out, nil
}

// coordinator returns the broker that keeps a group's offsets. A reading
// before has told it; asking again is a read and may be retried.
func (c *connection) coordinator(ctx context.Context, group string) (int32, error) {
	if known, ok := c.coordinators.Load(group); ok {
		return known.(int32), nil
	}
	op := "find the coordinator of group " + group
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKeys, req.CoordinatorKey = []string{group}, group
	resp, err := c.client.Request(ctx, req)
	if err != nil {
		return 0, failed(op, err)
	}
	found := resp.(*kmsg.FindCoordinatorResponse)
	if len(found.Coordinators) == 0 {
		return found.NodeID, coded(op, found.ErrorCode)
	}
	return found.Coordinators[0].NodeID, coded(op, found.Coordinators[0].ErrorCode)
}

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
	codes := map[providers.Part]int16{}
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

// trusted is how old the client's knowledge of topics may be where a topic's
// identity is held against it. Brokers from 4.2 on check it once more, with
// the commit.
const trusted = time.Second

// results matches the answers to the moves. Where the answer leaves open
// whether a part was written, the reset is in doubt as a whole.
func (c *connection) results(group, op string, moves []providers.PartMove, codes map[providers.Part]int16) ([]providers.PartResult, error) {
	var out []providers.PartResult
	for _, m := range moves {
		code, answered := codes[m.Part]
		where := fmt.Sprintf("%s on %s", op, m.Part)
		switch {
		case !answered:
			return nil, doubtful(where, errors.New("the broker did not answer for it"))
		case leavesOpen(code):
			return nil, doubtful(where, kerr.ErrorForCode(code))
		case code == kerr.NotCoordinator.Code:
			c.coordinators.Delete(group)
		}
		r := providers.PartResult{Part: m.Part, Position: m.Position, Err: coded(where, code)}
		if r.Err != nil {
			r.Position = providers.Position{}
		}
		out = append(out, r)
	}
	return out, nil
}

// leavesOpen reports whether a coordinator that answers so may have written: it
// says the same where it could not begin as where a write was not replicated
// in time.
func leavesOpen(code int16) bool {
	return code == kerr.CoordinatorNotAvailable.Code || code == kerr.RequestTimedOut.Code || code == kerr.UnknownServerError.Code
}

func commitRequest(group string, moves []providers.PartMove) (*kmsg.OffsetCommitRequest, error) {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	for _, m := range moves {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != m.Part.Topic {
			t := kmsg.NewOffsetCommitRequestTopic()
			t.Topic = m.Part.Topic
			if id, err := base64.RawURLEncoding.DecodeString(m.LogID); err == nil && len(id) == 16 {
				t.TopicID = [16]byte(id)
			}
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewOffsetCommitRequestTopicPartition()
		p.Partition, p.LeaderEpoch = int32(m.Part.Number), -1
		p.Offset, _ = m.Position.Offset()
		p.Metadata = kmsg.StringPtr(m.Kept[keptMetadata])
		if text, ok := m.Kept[keptEpoch]; ok {
			epoch, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("leader epoch %q of %s is not a number", text, m.Part)
			}
			p.LeaderEpoch = int32(epoch)
		}
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, p)
	}
	return req, nil
}

// remove sends one OffsetDelete.
func (c *connection) remove(ctx context.Context, broker int32, group string, moves []providers.PartMove) ([]providers.PartResult, error) {
	op := "remove offsets of group " + group
	req := kmsg.NewPtrOffsetDeleteRequest()
	req.Group = group
	for _, m := range moves {
		if n := len(req.Topics); n == 0 || req.Topics[n-1].Topic != m.Part.Topic {
			t := kmsg.NewOffsetDeleteRequestTopic()
			t.Topic = m.Part.Topic
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewOffsetDeleteRequestTopicPartition()
		p.Partition = int32(m.Part.Number)
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, p)
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

func topicNames(moves []providers.PartMove) map[string]string {
	names := map[string]string{}
	for _, m := range moves {
		if m.LogID != "" {
			names[m.LogID] = m.Part.Topic
		}
	}
	return names
}
