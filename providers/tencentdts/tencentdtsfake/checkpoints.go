package tencentdtsfake

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// checkpointKey marks the records that are checkpoints. The service writes
// its own kind of message for them, which no Kafka client can distinguish.
var checkpointKey = []byte("checkpoint")

// checkpoints holds the offsets of the topic's checkpoints. It reads, without a
// group, what was written since it was last used.
type checkpoints struct {
	mu    sync.Mutex
	parts map[int32]*known
}

// known is what was read of one partition.
type known struct {
	next int64 // the offset after the last record read
	at   []checkpoint
}

type checkpoint struct {
	offset int64
	time   time.Time
}

// last returns the last checkpoint of each partition that fits. Partitions
// without one are left out.
func (c *checkpoints) last(ctx context.Context, bootstrap string, l logs, fits func(int32, checkpoint) bool) (map[int32]checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.read(ctx, bootstrap, l); err != nil {
		return nil, err
	}
	out := map[int32]checkpoint{}
	for p, ends := range l {
		for _, one := range c.parts[p].at {
			if one.offset >= ends.low && fits(p, one) {
				out[p] = one
			}
		}
	}
	return out, nil
}

// read continues to the present ends of the partitions. A log that ends before the
// offset that was read was re-created.
func (c *checkpoints) read(ctx context.Context, bootstrap string, l logs) error {
	if c.parts == nil {
		c.parts = map[int32]*known{}
	}
	from := map[int32]kgo.Offset{}
	for p, ends := range l {
		if c.parts[p] == nil || c.parts[p].next > ends.high {
			c.parts[p] = &known{next: ends.low}
		}
		if c.parts[p].next < ends.high {
			from[p] = kgo.NewOffset().At(max(c.parts[p].next, ends.low))
		}
	}
	if len(from) == 0 {
		return nil
	}
	reader, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{SeedTopic: from}),
		kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return err
	}
	defer reader.Close()
	for c.behind(l) {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		var errs []error
		fetches.EachError(func(_ string, _ int32, err error) { errs = append(errs, err) })
		if err := errors.Join(errs...); err != nil {
			return err
		}
		fetches.EachRecord(c.note)
	}
	return nil
}

func (c *checkpoints) behind(l logs) bool {
	for p, ends := range l {
		if c.parts[p].next < ends.high {
			return true
		}
	}
	return false
}

func (c *checkpoints) note(r *kgo.Record) {
	part := c.parts[r.Partition]
	part.next = r.Offset + 1
	if string(r.Key) == string(checkpointKey) {
		part.at = append(part.at, checkpoint{r.Offset, r.Timestamp})
	}
}
