package providers

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// A Patience says how a call is repeated: with a pause that doubles from
// First up to Most and varies at random by half, until the context ends.
type Patience struct {
	First, Most time.Duration
	// Sleep waits or returns the context's error. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Patient is the patience of real services.
func Patient() Patience {
	return Patience{First: 200 * time.Millisecond, Most: 5 * time.Second, Sleep: Sleep}
}

// Sleep waits for d or until the context ends.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// passes reports whether an error may be gone at the next try.
func passes(err error) bool {
	return (errors.Is(err, ErrThrottled) || errors.Is(err, ErrUnavailable)) && !errors.Is(err, ErrInDoubt)
}

// Read reads from c and asks again for the targets whose error may pass,
// until the context ends. The last answer stands.
func (p Patience) Read(ctx context.Context, c Connection, reqs []ReadRequest) []Snapshot {
	out := c.Read(ctx, reqs)
	for pause := p.First; ; pause = min(2*pause, p.Most) {
		var again []ReadRequest
		var at []int
		for i, s := range out {
			if passes(s.Err) {
				again, at = append(again, reqs[i]), append(at, i)
			}
		}
		if len(again) == 0 || p.Sleep(ctx, jitter(pause)) != nil {
			return out
		}
		for i, s := range c.Read(ctx, again) {
			if s.Err != nil && ctx.Err() != nil {
				continue // the error from before says more than "deadline exceeded"
			}
			out[at[i]] = s
		}
	}
}

// Reset resets through c and sends again only while the error proves that
// nothing was done and may pass, until the context ends.
func (p Patience) Reset(ctx context.Context, c Connection, m Move) (Receipt, error) {
	for pause := p.First; ; pause = min(2*pause, p.Most) {
		receipt, err := c.Reset(ctx, m)
		if !passes(err) || p.Sleep(ctx, jitter(pause)) != nil {
			return receipt, err
		}
	}
}

func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1)
}
