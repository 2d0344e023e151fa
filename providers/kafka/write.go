package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
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
	answers := answersTo(moves)
	for _, t := range resp.(*kmsg.OffsetCommitResponse).Topics {
		name := t.Topic
		if name == "" {
			name = names[topicID(t.TopicID)]
		}
		for _, p := range t.Partitions {
			answers.note(providers.Part{Topic: name, Number: int(p.Partition)}, p.ErrorCode)
		}
	}
	return c.results(group, op, answers)
}

// noMetadata is what most commits are sent with.
var noMetadata = ""

func commitRequest(group string, moves []providers.PartMove) (*kmsg.OffsetCommitRequest, error) {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	for topic, run := range byTopic(moves, movedPart) {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic = topic
		if id, err := base64.RawURLEncoding.DecodeString(run[0].LogID); err == nil && len(id) == 16 {
			t.TopicID = [16]byte(id)
		}
		t.Partitions = make([]kmsg.OffsetCommitRequestTopicPartition, len(run))
		for i := range run {
			m, p := &run[i], &t.Partitions[i]
			p.Default()
			p.Partition, p.LeaderEpoch = int32(m.Part.Number), -1
			p.Offset, _ = m.Position.Offset()
			if p.Metadata = &noMetadata; m.Metadata != nil {
				p.Metadata = kmsg.StringPtr(m.Metadata[keptMetadata])
			}
			if text, ok := m.Metadata[keptEpoch]; ok {
				epoch, err := strconv.ParseInt(text, 10, 32)
				if err != nil {
					return nil, fmt.Errorf("leader epoch %q of %s is not a number", text, m.Part)
				}
				p.LeaderEpoch = int32(epoch)
			}
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
	answers := answersTo(moves)
	for _, m := range moves { // an error of the request applies to each part
		if answer.ErrorCode != 0 {
			answers.note(m.Part, answer.ErrorCode)
		}
	}
	for _, t := range answer.Topics {
		for _, p := range t.Partitions {
			answers.note(providers.Part{Topic: t.Topic, Number: int(p.Partition)}, p.ErrorCode)
		}
	}
	return c.results(group, op, answers)
}

// answers holds the error codes of the answer to a request, by the index of the move.
type answers struct {
	moves []providers.PartMove // sorted by part
	codes []int32              // unanswered, or an error code
	next  int                  // the index of the move that is probably answered next: brokers keep the order
}

const unanswered = -1 << 31

func answersTo(moves []providers.PartMove) *answers {
	a := &answers{moves: moves, codes: make([]int32, len(moves))}
	for i := range a.codes {
		a.codes[i] = unanswered
	}
	return a
}

// note records the answer about a part, unless no move is of that part.
func (a *answers) note(p providers.Part, code int16) {
	at, ok := a.next, a.next < len(a.moves) && a.moves[a.next].Part == p
	if !ok {
		at, ok = slices.BinarySearchFunc(a.moves, p, func(m providers.PartMove, p providers.Part) int { return m.Part.Compare(p) })
	}
	if ok {
		a.codes[at], a.next = int32(code), at+1
	}
}

// results matches the answers to the moves. If an answer leaves open whether a part
// was written, the whole reset is in doubt.
func (c *connection) results(group, op string, a *answers) ([]providers.PartResult, error) {
	out := make([]providers.PartResult, 0, len(a.moves))
	for i := range a.moves {
		m, code, answered := &a.moves[i], int16(a.codes[i]), a.codes[i] != unanswered
		if answered && code == 0 {
			out = append(out, providers.PartResult{Part: m.Part, Position: m.Position})
			continue
		}
		what := fmt.Sprintf("%s on %s", op, m.Part)
		switch {
		case !answered:
			return nil, doubtful(what, errors.New("the broker returned no result for it"))
		case leavesOpen(code):
			return nil, doubtful(what, kerr.ErrorForCode(code))
		case code == kerr.NotCoordinator.Code:
			c.coordinators.Delete(group)
		}
		out = append(out, providers.PartResult{Part: m.Part, Err: coded(what, code)})
	}
	return out, nil
}

// leavesOpen reports whether the offset may have been written despite an error
// code: the coordinator returns the same code if it could not start and if a write
// was not replicated in time.
func leavesOpen(code int16) bool {
	return code == kerr.CoordinatorNotAvailable.Code || code == kerr.RequestTimedOut.Code || code == kerr.UnknownServerError.Code
}

func topicNames(moves []providers.PartMove) map[string]string {
	names := map[string]string{}
	for topic, run := range byTopic(moves, movedPart) {
		if id := run[0].LogID; id != "" {
			names[id] = topic
		}
	}
	return names
}

func (c *connection) findCoordinator(ctx context.Context, group string) (int32, error) {
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
