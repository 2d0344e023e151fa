package providers

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// A Patience says how a call is repeated: with a pause that doubles from
// First up to Most and varies at random by half, until the context ends. A
// service that cannot be reached is tried Tries times; one that throttles says
// itself that it is there.
type Patience struct {
	First, Most time.Duration
	Tries       int
	// Sleep waits or returns the context's error. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Patient is the patience of real services.
func Patient() Patience {
	return Patience{First: 200 * time.Millisecond, Most: 5 * time.Second, Tries: 5, Sleep: Sleep}
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

// passes reports whether an error may be gone after so many tries.
func (p Patience) passes(err error, tries int) bool {
	if errors.Is(err, ErrInDoubt) {
		return false
	}
	return errors.Is(err, ErrThrottled) || errors.Is(err, ErrUnavailable) && tries < p.Tries
}

// Read reads from c and asks again for the targets whose error may pass,
// until the context ends. The last answer stands.
func (p Patience) Read(ctx context.Context, c Connection, reqs []ReadRequest) []Snapshot {
	out := c.Read(ctx, reqs)
	for tries, pause := 1, p.First; ; tries, pause = tries+1, min(2*pause, p.Most) {
		var again []ReadRequest
		var at []int
		for i, s := range out {
			if p.passes(s.Err, tries) {
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

// Reset resets through c as Do does.
func (p Patience) Reset(ctx context.Context, c Connection, m Move) (receipt Receipt, err error) {
	err = p.Do(ctx, func() error {
		receipt, err = c.Reset(ctx, m)
		return err
	})
	return receipt, err
}

// Do makes a call that changes something, and makes it again only while the
// error proves that nothing was done and may pass, until the context ends.
func (p Patience) Do(ctx context.Context, call func() error) error {
	for tries, pause := 1, p.First; ; tries, pause = tries+1, min(2*pause, p.Most) {
		err := call()
		if !p.passes(err, tries) || p.Sleep(ctx, jitter(pause)) != nil {
			return err
		}
	}
}

func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1)
}
