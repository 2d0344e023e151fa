package enospipeline

import (
	"context"
	"slices"

	"github.com/resetplan/resetplan/providers"
)

// Observe returns the offsets and lags that EnOS reports for a running pipeline, each
// one sum over all partitions of a topic. Those without a time cannot be ordered and
// are left out.
func (c *connection) Observe(ctx context.Context, t providers.Target) ([]providers.Sum, error) {
	id, err := c.idOf(ctx, t.(*target), "observe")
	if err != nil {
		return nil, err
	}
	sums, err := c.sums(ctx, id)
	return slices.DeleteFunc(sums, func(s providers.Sum) bool { return s.At.IsZero() }), err
}

// sums returns the readings of a running pipeline that have an offset, sorted by
// time. A negative figure is not a count: it is left out.
func (c *connection) sums(ctx context.Context, id string) ([]providers.Sum, error) {
	readings, err := c.api.GetPipelineOffsetAndLag(ctx, id)
	var out []providers.Sum
	for _, r := range readings {
		if r.Offset == nil || *r.Offset < 0 {
			continue
		}
		s := providers.Sum{At: r.At, Offset: *r.Offset, Lag: r.Lag, Topic: r.Topic}
		if s.Lag != nil && *s.Lag < 0 {
			s.Lag = nil
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b providers.Sum) int { return a.At.Compare(b.At) })
	return out, err
}
