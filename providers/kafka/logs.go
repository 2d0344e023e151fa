package kafka

import (
	"context"
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

// logOffset is the answer of ListOffsets for one part.
type logOffset struct {
	offset int64 // -1: no record at or after the time
	millis int64 // when its record was written, if timed
	err    error
	asked  bool // the part is asked about
	known  bool // a broker answered; otherwise all of this is empty
	timed  bool
	final  bool // an error after which the part is not asked about again
}

// at returns when the record at the offset was written; zero if that is unknown.
func (f logOffset) at() time.Time {
	if !f.timed {
		return time.Time{}
	}
	return time.UnixMilli(f.millis).UTC()
}

// question asks for one timestamp on many parts: a time in milliseconds, or one of
// Kafka's special values for a boundary.
type question struct {
	timestamp int64
	committed bool                     // as a consumer that reads only committed records is answered
	open      []providers.Part         // not asked about yet
	answers   map[string]*topicAnswers // of these and of all that were asked about, by topic
	latest    []providers.Part         // what about was called with last
}

const (
	askLatest   = -1
	askEarliest = -2
)

func ask(timestamp int64) *question { return &question{timestamp: timestamp} }

// about adds parts to the question, unless it has them already. Targets on the same
// topics share a list of parts, which is added once.
func (q *question) about(parts []providers.Part) {
	if len(parts) == 0 || sameList(parts, q.latest) {
		return
	}
	q.latest = parts
	if q.answers == nil {
		q.answers = map[string]*topicAnswers{}
	}
	for topic, run := range byTopic(parts, itself) {
		all := q.answers[topic]
		if all == nil {
			all = &topicAnswers{}
			q.answers[topic] = all
		}
		all.reserve(run)
		for _, p := range run {
			if f := all.get(p.Number); !f.asked {
				f.asked, q.open = true, append(q.open, p)
				all.set(p.Number, f)
			}
		}
	}
}

// topicAnswers are the answers on the partitions of a topic: a list by partition,
// because the numbers of a topic have no gaps. A broker may report any number, so those
// far beyond the others are in a map.
type topicAnswers struct {
	list   []logOffset
	beyond map[int]logOffset
}

// reserve makes the list as long as needed, unless most of it would be empty.
func (a *topicAnswers) reserve(run []providers.Part) {
	length := 0
	for _, p := range run {
		length = max(length, p.Number+1)
	}
	if length <= len(a.list) || length > 4*len(run)+64 {
		return
	}
	a.list = append(a.list, make([]logOffset, length-len(a.list))...)
	for n, f := range a.beyond {
		if a.listed(n) {
			a.list[n] = f
			delete(a.beyond, n)
		}
	}
}

func (a *topicAnswers) listed(number int) bool { return number >= 0 && number < len(a.list) }

func (a *topicAnswers) get(number int) logOffset {
	if a.listed(number) {
		return a.list[number]
	}
	return a.beyond[number]
}

func (a *topicAnswers) set(number int, f logOffset) {
	switch {
	case a.listed(number):
		a.list[number] = f
	case a.beyond == nil:
		a.beyond = map[int]logOffset{number: f}
	default:
		a.beyond[number] = f
	}
}

// get returns what is known about one part so far.
func (q *question) get(p providers.Part) logOffset {
	if all := q.answers[p.Topic]; all != nil {
		return all.get(p.Number)
	}
	return logOffset{}
}

// set records what is known about one part, unless it was not asked about.
func (q *question) set(p providers.Part, f logOffset) {
	if q.get(p).asked {
		f.asked = true
		q.answers[p.Topic].set(p.Number, f)
	}
}

// all yields the parts that were asked about, with their answers.
func (q *question) all() iter.Seq2[providers.Part, logOffset] {
	return func(yield func(providers.Part, logOffset) bool) {
		for topic, all := range q.answers {
			for n, f := range all.list {
				if f.asked && !yield(providers.Part{Topic: topic, Number: n}, f) {
					return
				}
			}
			for n, f := range all.beyond {
				if !yield(providers.Part{Topic: topic, Number: n}, f) {
					return
				}
			}
		}
	}
}

// answer returns the answer for one part, or an error if there is none.
func (q *question) answer(p providers.Part) logOffset {
	f := q.get(p)
	if !f.known && f.err == nil {
		f.err = &providers.Error{Provider: Type, Op: "read the log of " + p.String(), Kind: providers.ErrInvalid,
			Message: "the broker returned no result for it"}
	}
	return f
}

// A log without a leader is asked about so many times, with this pause: an election
// takes moments.
const (
	elections     = 3
	electionPause = 200 * time.Millisecond
)

// answerAll is answer, repeated for logs without a leader.
func (c *connection) answerAll(ctx context.Context, questions []*question) {
	c.answer(ctx, questions)
	for try := 1; try < elections; try++ {
		topics := map[string]bool{}
		for _, q := range questions {
			for p, f := range q.all() {
				if f.err != nil && errors.Is(f.err, kerr.LeaderNotAvailable) && !f.final {
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

// close makes the remaining errors final.
func (q *question) close() {
	q.open = nil
	for p, f := range q.all() {
		if f.err != nil && !f.final {
			f.final = true
			q.set(p, f)
		}
	}
}

// answer asks all questions concurrently, one request per question and broker.
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
			q.record(shard.Resp.(*kmsg.ListOffsetsResponse))
			continue
		}
		for _, t := range shard.Req.(*kmsg.ListOffsetsRequest).Topics {
			for _, p := range t.Partitions {
				part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
				q.set(part, logOffset{err: failed("read the log of "+part.String(), shard.Err)})
			}
		}
	}
}

// request returns the request for parts, which it sorts.
func (q *question) request(parts []providers.Part) *kmsg.ListOffsetsRequest {
	req := kmsg.NewPtrListOffsetsRequest()
	if q.committed {
		req.IsolationLevel = 1
	}
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

// record records the answers of a broker.
func (q *question) record(resp *kmsg.ListOffsetsResponse) {
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			part := providers.Part{Topic: t.Topic, Number: int(p.Partition)}
			f := logOffset{offset: p.Offset, known: true}
			if p.ErrorCode != 0 {
				f.err = coded("read the log of "+part.String(), p.ErrorCode)
			}
			if p.Timestamp >= 0 {
				f.millis, f.timed = p.Timestamp, true
			}
			q.set(part, f)
		}
	}
}

// byTopic splits what is sorted by part into runs of one topic each, because the
// protocol's requests list topics with their partitions.
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
