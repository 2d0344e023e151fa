package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kerr"
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
	c.cluster.learn(resp.ClusterID)
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
	told   bool // by a broker: else all of this is empty
	final  bool // an error that is not asked about again
}

// question is what is asked of many parts: a time in milliseconds, or one of
// Kafka's stand-ins for a boundary.
type question struct {
	timestamp int64
	open      []providers.Part         // still to be asked about
	answers   map[providers.Part]found // of these and of all that were asked about
}

const (
	askLatest   = -1
	askEarliest = -2
)

func ask(timestamp int64) *question { return &question{timestamp: timestamp} }

// about adds parts to what is asked, unless they were before.
func (q *question) about(parts []providers.Part) {
	if q.answers == nil {
		q.answers = make(map[providers.Part]found, len(parts))
		q.open = make([]providers.Part, 0, len(parts))
	}
	for _, p := range parts {
		if _, known := q.answers[p]; !known {
			q.answers[p] = found{}
			q.open = append(q.open, p)
		}
	}
}

// answer returns what a broker said of one part, or that it said nothing.
func (q *question) answer(p providers.Part) found {
	f := q.answers[p]
	if !f.told && f.err == nil {
		f.err = &providers.Error{Provider: Type, Op: "read the log of " + p.String(), Kind: providers.ErrInvalid, Message: "the broker did not answer for it"}
	}
	return f
}

// elections is how often a log without a leader is asked about, and the pause
// before it is asked again.
const (
	elections     = 3
	electionPause = 200 * time.Millisecond
)

// answerAll is answer, and again for the logs that had no leader: an election
// takes moments.
func (c *connection) answerAll(ctx context.Context, questions []*question) {
	c.answer(ctx, questions)
	for try := 1; try < elections; try++ {
		topics := map[string]bool{}
		for _, q := range questions {
			for p, f := range q.answers {
				if errors.Is(f.err, kerr.LeaderNotAvailable) && !f.final {
					topics[p.Topic], q.open = true, append(q.open, p)
				}
			}
		}
		if len(topics) == 0 || retry.Sleep(ctx, electionPause) != nil {
			break
		}
		if _, err := c.catalogue(ctx, slices.Sorted(maps.Keys(topics)), time.Millisecond); err != nil {
			break
		}
		c.answer(ctx, questions)
	}
	for _, q := range questions {
		q.close()
	}
}

// close gives up on what is not answered.
func (q *question) close() {
	q.open = nil
	for p, f := range q.answers {
		if f.err != nil && !f.final {
			f.final = true
			q.answers[p] = f
		}
	}
}

// answer asks all questions, side by side, one request a question and broker.
func (c *connection) answer(ctx context.Context, questions []*question) {
	var wg sync.WaitGroup
	for _, q := range questions {
		if len(q.open) > 0 {
			wg.Go(func() { c.answerOne(ctx, q) })
		}
	}
	wg.Wait()
}

func (c *connection) answerOne(ctx context.Context, q *question) {
	open := q.open
	q.open = nil
	for _, shard := range c.client.RequestSharded(ctx, q.request(open)) {
		if shard.Err == nil {
			q.take(shard.Resp.(*kmsg.ListOffsetsResponse))
			continue
		}
		for _, t := range shard.Req.(*kmsg.ListOffsetsRequest).Topics {
			for _, p := range t.Partitions {
				part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
				q.answers[part] = found{err: failed("read the log of "+part.String(), shard.Err)}
			}
		}
	}
}

// request asks about parts, which are sorted by it.
func (q *question) request(parts []providers.Part) *kmsg.ListOffsetsRequest {
	req := kmsg.NewPtrListOffsetsRequest()
	slices.SortFunc(parts, providers.Part.Compare)
	for topic, run := range byTopic(parts, itself) {
		t := kmsg.NewListOffsetsRequestTopic()
		t.Topic = topic
		for _, part := range run {
			p := kmsg.NewListOffsetsRequestTopicPartition()
			p.Partition, p.Timestamp, p.CurrentLeaderEpoch = int32(part.Number), q.timestamp, -1
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
	}
	return req
}

// take notes what a broker said.
func (q *question) take(resp *kmsg.ListOffsetsResponse) {
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
			f := found{offset: p.Offset, told: true}
			if p.ErrorCode != 0 {
				f.err = coded("read the log of "+part.String(), p.ErrorCode)
			}
			if p.Timestamp >= 0 {
				f.at = time.UnixMilli(p.Timestamp).UTC()
			}
			q.answers[part] = f
		}
	}
}

// byTopic splits what is sorted by part into runs of one topic each: requests of
// the protocol list topics with their partitions.
func byTopic[T any](sorted []T, part func(T) providers.Part) iter.Seq2[string, []T] {
	return func(yield func(string, []T) bool) {
		for len(sorted) > 0 {
			topic := part(sorted[0]).Topic
			n := 1
			for n < len(sorted) && part(sorted[n]).Topic == topic {
				n++
			}
			if !yield(topic, sorted[:n]) {
				return
			}
			sorted = sorted[n:]
		}
	}
}

func itself(p providers.Part) providers.Part { return p }

func movedPart(m providers.PartMove) providers.Part { return m.Part }
