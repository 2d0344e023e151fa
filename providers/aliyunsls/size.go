package aliyunsls

import (
	"context"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/fanout"
)

// Size returns when the log group at each target was received, with two requests per
// shard. At the end of a shard there is no log group, and the service's answer would
// be meaningless.
func (c *connection) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := make([]providers.Size, len(reqs))
	for i, q := range reqs {
		m := q.Move
		if !q.Oldest {
			continue
		}
		sizes, errs := make([]providers.PartSize, len(m.To)), make([]error, len(m.To))
		fanout.Each(len(m.To), func(k int) { sizes[k], errs[k] = c.oldest(ctx, m.Target.(*target).logstore, m.To[k]) })
		for k := range m.To {
			if errs[k] != nil {
				out[i] = providers.Size{Err: errs[k]}
				break
			}
			out[i].Parts = append(out[i].Parts, sizes[k])
		}
	}
	return out
}

func (c *connection) oldest(ctx context.Context, logstore string, p providers.PartMove) (size providers.PartSize, err error) {
	size.Part = p.Part
	end, err := c.api.GetCursor(ctx, logstore, p.Part.Number, "end")
	if err != nil {
		return size, err
	}
	if left, ok := cursorOrder.Distance(providers.AtCursor(end), p.Position); !ok || left <= 0 {
		return size, nil
	}
	cursor, _ := p.Position.Cursor()
	size.Oldest, err = c.api.GetCursorTime(ctx, logstore, p.Part.Number, cursor)
	return size, err
}
