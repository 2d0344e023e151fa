package kafka

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// catalogue is what Metadata tells of topics.
type catalogue struct {
	topics map[string]topicInfo
	all    bool // every topic was asked for
}

type topicInfo struct {
	id         [16]byte
	partitions []int32 // sorted
	leaders    map[int32]int32
	err        error
	missing    bool
}

func (t topicInfo) logID() string { return topicID(t.id) }

// topicID writes a topic's id as Kafka's own tools do; "" where there is none.
func topicID(id [16]byte) string {
	if id == ([16]byte{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// catalogue reads the topics named, or all where names is nil. What a reading
// of the same moment has told is not asked for again: maxAge bounds it.
func (c *connection) catalogue(ctx context.Context, names []string, maxAge time.Duration) (*catalogue, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = nil
	if names != nil {
		req.Topics = []kmsg.MetadataRequestTopic{}
		for _, name := range names {
			t := kmsg.NewMetadataRequestTopic()
			t.Topic = kmsg.StringPtr(name)
			req.Topics = append(req.Topics, t)
		}
	}
	resp, err := c.client.RequestCachedMetadata(ctx, req, maxAge)
	if err != nil {
		return nil, failed("read topics", err)
	}
	out := &catalogue{topics: map[string]topicInfo{}, all: names == nil}
	for _, t := range resp.Topics {
		if t.Topic == nil {
			continue
		}
		info := topicInfo{id: t.TopicID, missing: t.ErrorCode == 3, err: coded("read topic "+*t.Topic, t.ErrorCode), leaders: map[int32]int32{}}
		for _, p := range t.Partitions {
			info.partitions = append(info.partitions, p.Partition)
			info.leaders[p.Partition] = p.Leader
		}
		slices.Sort(info.partitions)
		out.topics[*t.Topic] = info
	}
	return out, nil
}

// found is a place in a log that ListOffsets told.
type found struct {
	offset int64 // -1: nothing lies at or after the time
	at     time.Time
	err    error
}

// question is a set of parts and what is asked of them: a time in
// milliseconds, or one of Kafka's stand-ins for a boundary.
type question struct {
	timestamp int64
	parts     map[providers.Part]bool // still to be asked about
	answers   map[providers.Part]found
}

const (
	askLatest   = -1
	askEarliest = -2
)

func ask(timestamp int64) *question {
	return &question{timestamp: timestamp, parts: map[providers.Part]bool{}, answers: map[providers.Part]found{}}
}

// about adds parts to what is asked, unless they were answered.
func (q *question) about(parts []providers.Part) {
	for _, p := range parts {
		if _, done := q.answers[p]; !done {
			q.parts[p] = true
		}
	}
}

// answer returns what a broker said of one part, or that it said nothing.
func (q *question) answer(p providers.Part) found {
	f, ok := q.answers[p]
	if !ok {
		f.err = &providers.Error{Provider: Type, Op: "read the log of " + p.String(), Kind: providers.ErrInvalid, Message: "the broker did not answer for it"}
	}
	return f
}

// answer asks all questions, side by side, one request a question and broker.
func (c *connection) answer(ctx context.Context, questions []*question) {
	var wg sync.WaitGroup
	for _, q := range questions {
		if len(q.parts) > 0 {
			wg.Go(func() {
				c.answerOne(ctx, q)
				clear(q.parts)
			})
		}
	}
	wg.Wait()
}

func (c *connection) answerOne(ctx context.Context, q *question) {
	for _, shard := range c.client.RequestSharded(ctx, q.request()) {
		if shard.Err != nil {
			for _, t := range shard.Req.(*kmsg.ListOffsetsRequest).Topics {
				for _, p := range t.Partitions {
					part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
					q.answers[part] = found{err: failed("read the log of "+part.String(), shard.Err)}
				}
			}
			continue
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
				f := found{offset: p.Offset, err: coded("read the log of "+part.String(), p.ErrorCode)}
				if p.Timestamp >= 0 {
					f.at = time.UnixMilli(p.Timestamp).UTC()
				}
				q.answers[part] = f
			}
		}
	}
}

func (q *question) request() *kmsg.ListOffsetsRequest {
	req := kmsg.NewPtrListOffsetsRequest()
	var parts []providers.Part
	for p := range q.parts {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, providers.Part.Compare)
	for _, part := range parts {
		if n := len(req.Topics); n == 0 || cmp.Compare(req.Topics[n-1].Topic, part.Topic) != 0 {
			t := kmsg.NewListOffsetsRequestTopic()
			t.Topic = part.Topic
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp, p.CurrentLeaderEpoch = int32(part.Number), q.timestamp, -1
		t := &req.Topics[len(req.Topics)-1]
		t.Partitions = append(t.Partitions, p)
	}
	return req
}
