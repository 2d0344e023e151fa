package aliyunkafkafake

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// written are times of records in milliseconds, by topic and partition.
type written map[string]map[int32]int64

// of returns a partition's time, or -1.
func (w written) of(topic string, partition int32) int64 {
	if at, known := w[topic][partition]; known {
		return at
	}
	return -1
}

// times returns when the last record before each commit of a group was written,
// unless the request hides it. It reads one record of each partition, as no member of
// a group.
func (f *Fake) times(ctx context.Context, g *group, c *call) (written, error) {
	out := written{}
	if strings.EqualFold(c.params.Get("HideLastTimestamp"), "true") || f.is(timeless) {
		return out, nil
	}
	low, high, err := f.bounds(ctx, g.topics()...)
	if err != nil {
		return nil, err
	}
	from, left := map[string]map[int32]kgo.Offset{}, 0
	for _, o := range g.commits.Sorted() {
		first, _ := low.Lookup(o.Topic, o.Partition)
		end, exists := high.Lookup(o.Topic, o.Partition)
		if !exists || o.At <= first.At || o.At > end.At {
			continue
		}
		if from[o.Topic] == nil {
			from[o.Topic], out[o.Topic] = map[int32]kgo.Offset{}, map[int32]int64{}
		}
		from[o.Topic][o.Partition] = kgo.NewOffset().At(o.At - 1)
		left++
	}
	if left == 0 {
		return out, nil
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(f.bootstrap), kgo.ClientID("alikafka"), kgo.ConsumePartitions(from),
		kgo.FetchMaxWait(50*time.Millisecond))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // a record that was compacted away does not come
	defer cancel()
	for left > 0 && ctx.Err() == nil {
		fetched := reader.PollFetches(ctx)
		if err := fetched.Err0(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		fetched.EachPartition(func(p kgo.FetchTopicPartition) {
			if _, known := out[p.Topic][p.Partition]; len(p.Records) > 0 && !known {
				out[p.Topic][p.Partition] = p.Records[0].Timestamp.UnixMilli()
				left--
			}
		})
	}
	return out, nil
}
