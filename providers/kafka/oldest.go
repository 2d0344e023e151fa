package kafka

import (
	"context"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
)

// oldest reads on from each place to the first record, as a plain reader that
// is member of no group, and tells when it was written. Where only the marks
// of transactions follow, up to the log's end, there is none to tell of.
func (c *connection) oldest(ctx context.Context, places map[providers.Part]int64) (map[providers.Part]time.Time, error) {
	from := map[string]map[int32]kgo.Offset{}
	left := map[providers.Part]bool{}
	for p, n := range places {
		if from[p.Topic] == nil {
			from[p.Topic] = map[int32]kgo.Offset{}
		}
		from[p.Topic][int32(p.Number)] = kgo.NewOffset().At(n)
		left[p] = true
	}
	if len(left) == 0 {
		return nil, nil
	}
	reader, err := kgo.NewClient(append(slices.Clone(c.options), kgo.ConsumePartitions(from), kgo.KeepControlRecords(), kgo.FetchMaxPartitionBytes(1<<10), kgo.FetchMaxBytes(1<<20))...)
	if err != nil {
		return nil, failed("read records", err)
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	times := map[providers.Part]time.Time{}
	for len(left) > 0 {
		fetches := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			break // what was not told of in time is not told of
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			part := providers.Part{Topic: f.Topic, Number: int(f.Partition)}
			at := slices.IndexFunc(f.Records, func(r *kgo.Record) bool { return !r.Attrs.IsControl() })
			n := len(f.Records)
			switch {
			case !left[part] || n == 0:
				return
			case at >= 0:
				times[part] = f.Records[at].Timestamp
			case f.Records[n-1].Offset+1 < f.HighWatermark:
				return
			}
			delete(left, part)
		})
	}
	return times, nil
}

// firsts asks the brokers, one request each, for the first record of each log.
func (c *connection) firsts(ctx context.Context, places map[providers.Part]int64) *question {
	q := ask(0) // the first record of any time
	for p := range places {
		q.about([]providers.Part{p})
	}
	c.answer(ctx, []*question{q})
	return q
}
