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

func (c *connection) oldest(ctx context.Context, m providers.Move) ([]providers.PartSize, error) {
	from := map[string]map[int32]kgo.Offset{}
	for _, p := range m.To {
		n, ok := p.Position.Offset()
		if !ok {
			continue
		}
		if from[p.Part.Topic] == nil {
			from[p.Part.Topic] = map[int32]kgo.Offset{}
		}
		from[p.Part.Topic][int32(p.Part.Number)] = kgo.NewOffset().At(n)
	}
	left := 0
	for _, parts := range from {
		left += len(parts)
	}
	if left == 0 {
		return nil, nil
	}
	reader, err := kgo.NewClient(append(slices.Clone(c.options), kgo.ConsumePartitions(from), kgo.FetchMaxPartitionBytes(1<<10), kgo.FetchMaxBytes(1<<20))...)
	if err != nil {
		return nil, failed("read records", err)
	}
	defer reader.Close()
	var sizes []providers.PartSize
	seen := map[providers.Part]bool{}
	for len(sizes) < left {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			break // a part without a record at its target is not told of
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			part := providers.Part{Topic: f.Topic, Number: int(f.Partition)}
			if len(f.Records) > 0 && !seen[part] {
				seen[part] = true
				sizes = append(sizes, providers.PartSize{Part: part, Oldest: f.Records[0].Timestamp})
			}
		})
	}
	slices.SortFunc(sizes, func(a, b providers.PartSize) int { return a.Part.Compare(b.Part) })
	return sizes, nil
}
