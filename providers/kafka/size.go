package kafka

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Size asks for all moves together: one DescribeLogDirs and one ListOffsets a
// leading broker, and one DescribeConfigs. Only for a target behind a log's
// first record, and only where the request is not brief, it reads that one
// record.
func (c *connection) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	var sized, limited, dated, read []providers.PartMove
	for _, q := range reqs {
		if q.Bytes {
			sized = append(sized, q.Move.To...)
		}
		if q.Retention {
			limited = append(limited, q.Move.To...)
		}
		if q.Oldest {
			dated = append(dated, q.Move.To...)
		}
		if q.Oldest && !q.Brief {
			read = append(read, q.Move.To...)
		}
	}
	bytes := c.bytes(ctx, sized)
	limits := c.retention(ctx, limited)
	times, err := c.times(ctx, dated, read)
	out := make([]providers.Size, len(reqs))
	for i, q := range reqs {
		if q.Oldest && err != nil {
			out[i].Err = err
			continue
		}
		for _, m := range q.Move.To {
			size := providers.PartSize{Part: m.Part}
			if n, ok := bytes[m.Part]; ok && q.Bytes {
				size.Bytes = &n
			}
			if q.Retention {
				size.Retention = limits[m.Part.Topic]
			}
			if at, ok := m.Position.Offset(); ok && q.Oldest {
				size.Oldest = times[place{m.Part, at}]
			}
			if size != (providers.PartSize{Part: m.Part}) {
				out[i].Parts = append(out[i].Parts, size)
			}
		}
		slices.SortFunc(out[i].Parts, func(a, b providers.PartSize) int { return a.Part.Compare(b.Part) })
	}
	return out
}

// place is an offset of a log.
type place struct {
	part   providers.Part
	offset int64
}

// times tells when the first record at or after each target was written: the
// log's first record where the target is not behind it, and another one only
// for the targets in read.
func (c *connection) times(ctx context.Context, dated, read []providers.PartMove) (map[place]time.Time, error) {
	places := offsets(dated)
	if len(places) == 0 {
		return nil, nil
	}
	out := map[place]time.Time{}
	first := c.firsts(ctx, places)
	for p, n := range places {
		if f := first.answer(p); f.err == nil && f.offset >= n {
			out[place{p, n}] = f.at
		}
	}
	behind := offsets(read)
	maps.DeleteFunc(behind, func(p providers.Part, n int64) bool { return !out[place{p, n}].IsZero() })
	found, err := c.oldest(ctx, behind)
	for p, at := range found {
		out[place{p, behind[p]}] = at
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
