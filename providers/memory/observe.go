package memory

import (
	"context"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

var _ providers.Observer = (*connection)(nil)

// Observe returns the sums over a target's parts, as a service does that reports
// nothing else of running consumers. Each observation is a second later than the one
// before.
func (c *connection) Observe(ctx context.Context, goal providers.Target) ([]providers.Sum, error) {
	if err := c.s.arrive(ctx, &c.s.failRead); err != nil {
		return nil, err
	}
	t := goal.(*target)
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	g := c.s.group(t.group)
	if len(g.members) == 0 {
		return nil, &providers.Error{Provider: Type, Op: "observe " + t.group, Kind: providers.ErrPrecondition, Message: "its consumers do not run"}
	}
	if c.s.unobserved {
		return nil, nil
	}
	c.s.observed++
	c.s.unobserved = c.s.observed == c.s.lastObserved
	sum := providers.Sum{At: time.Unix(c.s.observed, 0).UTC(), Topic: t.topic, Lag: new(int64)}
	for p, at := range g.commits {
		if l := c.s.logs[p]; l != nil && (t.topic == "" || t.topic == p.Topic) && (t.partitions == nil || slices.Contains(t.partitions, p.Number)) {
			sum.Offset += at.offset
			*sum.Lag += l.high() - at.offset
		}
	}
	return []providers.Sum{sum}, nil
}

// UnobservedAfter makes every observation after the next n empty.
func (s *Service) UnobservedAfter(n int64) { s.locked(func() { s.lastObserved = s.observed + n }) }

// Unobserved makes every observation empty, until false is given.
func (s *Service) Unobserved(is bool) { s.locked(func() { s.unobserved = is }) }
