package kafka

import (
	"context"
	"slices"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Size tells when the first record at each target was written, by reading
// that one record, as a plain reader that is member of no group.
func (c *connection) Size(ctx context.Context, moves []providers.Move) []providers.Size {
	out := make([]providers.Size, len(moves))
	for i, m := range moves {
		out[i].Parts, out[i].Err = c.oldest(ctx, m)
	}
	return out
}

// oldest reads on from each target to the first record. Where only the marks
// of transactions follow, up to the log's end, there is none to tell of.
func (c *connection) oldest(ctx context.Context, m providers.Move) ([]providers.PartSize, error) {
	from := map[string]map[int32]kgo.Offset{}
	left := map[providers.Part]bool{}
	for _, p := range m.To {
		n, ok := p.Position.Offset()
		if !ok {
			continue
		}
		if from[p.Part.Topic] == nil {
			from[p.Part.Topic] = map[int32]kgo.Offset{}
		}
		from[p.Part.Topic][int32(p.Part.Number)] = kgo.NewOffset().At(n)
		left[p.Part] = true
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
	var sizes []providers.PartSize
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
				sizes = append(sizes, providers.PartSize{Part: part, Oldest: f.Records[at].Timestamp})
			case f.Records[n-1].Offset+1 < f.HighWatermark:
				return
			}
			delete(left, part)
		})
	}
	slices.SortFunc(sizes, func(a, b providers.PartSize) int { return a.Part.Compare(b.Part) })
	return sizes, nil
}
