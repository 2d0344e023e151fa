package kafka

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Size handles all moves together: one ListOffsets per leader, and one
// DescribeConfigs. Only for a target after a log's first record it reads one record.
func (c *connection) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	limited := map[string]bool{}
	var dated []providers.PartMove
	for _, q := range reqs {
		for topic := range byTopic(q.Move.To, movedPart) {
			limited[topic] = limited[topic] || q.Retention
		}
		if q.Oldest {
			dated = append(dated, q.Move.To...)
		}
	}
	maps.DeleteFunc(limited, func(_ string, wanted bool) bool { return !wanted })
	limits := c.retention(ctx, slices.Sorted(maps.Keys(limited)))
	times, err := c.times(ctx, dated)
	out := make([]providers.Size, len(reqs))
	for i, q := range reqs {
		if q.Oldest && err != nil {
			out[i].Err = err
			continue
		}
		for _, m := range q.Move.To {
			size := providers.PartSize{Part: m.Part}
			if q.Retention {
				size.Retention = limits[m.Part.Topic]
			}
			if at, ok := m.Position.Offset(); ok && q.Oldest {
				size.Oldest = times[logPosition{m.Part, at}]
			}
			if size != (providers.PartSize{Part: m.Part}) {
				out[i].Parts = append(out[i].Parts, size)
			}
		}
		slices.SortFunc(out[i].Parts, func(a, b providers.PartSize) int { return a.Part.Compare(b.Part) })
	}
	return out
}

// logPosition is an offset of a log.
type logPosition struct {
	part   providers.Part
	offset int64
}

// times returns when the first record at or after each target was written. If that
// is the log's first record, no record is read.
func (c *connection) times(ctx context.Context, dated []providers.PartMove) (map[logPosition]time.Time, error) {
	places := offsets(dated)
	if len(places) == 0 {
		return nil, nil
	}
	out := map[logPosition]time.Time{}
	first := c.firsts(ctx, places)
	for p, n := range places {
		if f := first.answer(p); f.err == nil && f.offset >= n {
			out[logPosition{p, n}] = f.at()
		}
	}
	maps.DeleteFunc(places, func(p providers.Part, n int64) bool { return !out[logPosition{p, n}].IsZero() })
	found, err := c.oldest(ctx, places)
	for p, at := range found {
		out[logPosition{p, places[p]}] = at
	}
	return out, err
}

func offsets(moves []providers.PartMove) map[providers.Part]int64 {
	out := map[providers.Part]int64{}
	for _, m := range moves {
		if n, ok := m.Position.Offset(); ok {
			out[m.Part] = n
		}
	}
	return out
}

// oldest reads the first record at or after each place, without a group, and returns
// when it was written. If only transaction markers follow, there is none.
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
	reader, err := kgo.NewClient(append(slices.Clone(c.options), kgo.ConsumePartitions(from), kgo.KeepControlRecords(),
		kgo.FetchMaxPartitionBytes(1<<10), kgo.FetchMaxBytes(1<<20))...)
	if err != nil {
		return nil, failed("read records", err)
	}
	defer reader.Close()
	times := map[providers.Part]time.Time{}
	for len(left) > 0 {
		fetches := reader.PollFetches(ctx)
		if ctx.Err() != nil {
			break // what did not arrive in time remains unknown
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
