// Package retry decides when a call to a service is repeated. A read is
// repeated if its error may be temporary; a reset only if the error proves that
// nothing was changed. A call whose outcome is unknown is never repeated.
//
// Policy and Default are stable; all other names may change in any release
// (docs/ARCHITECTURE.md, Go API).
package retry

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// A Policy describes how calls are retried: after a pause that doubles from
// First up to Most and varies at random by half, until the context ends. An
// unavailable service is tried Tries times. Throttling does not count against
// Tries, because it proves that the service is up.
type Policy struct {
	First, Most time.Duration
	Tries       int
	// Sleep waits or returns the context's error. Tests replace it.
	Sleep func(context.Context, time.Duration) error
}

// Default is the policy for real services.
func Default() Policy {
	return Policy{First: 200 * time.Millisecond, Most: 5 * time.Second, Tries: 5, Sleep: Sleep}
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

// temporary reports whether a call that failed with err may succeed if it is
// repeated after that many tries.
func (p Policy) temporary(err error, tries int) bool {
	if errors.Is(err, providers.ErrInDoubt) {
		return false
	}
	return errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrUnavailable) && tries < p.Tries
}

// Read reads from c, and reads the targets with a temporary error again until
// the context ends. The last answer counts.
func (p Policy) Read(ctx context.Context, c providers.Connection, reqs []providers.ReadRequest) []providers.Snapshot {
	out := c.Read(ctx, reqs)
	for tries, pause := 1, p.First; ; tries, pause = tries+1, min(2*pause, p.Most) {
		var again []providers.ReadRequest
		var at []int
		for i, s := range out {
			if p.temporary(s.Err, tries) {
				again, at = append(again, reqs[i]), append(at, i)
			}
		}
		if len(again) == 0 || p.Sleep(ctx, jitter(pause)) != nil {
			return out
		}
		for i, s := range c.Read(ctx, again) {
			if s.Err != nil && ctx.Err() != nil {
				continue // the earlier error is more helpful than "deadline exceeded"
			}
			out[at[i]] = s
		}
	}
}

// Reset resets through c as Do does.
func (p Policy) Reset(ctx context.Context, c providers.Connection, m providers.Move) (receipt providers.Receipt, err error) {
	err = p.Do(ctx, func() error {
		receipt, err = c.Reset(ctx, m)
		return err
	})
	return receipt, err
}

// Do makes a call that changes something. It repeats the call only if the error
// is temporary and proves that nothing was changed, until the context ends.
func (p Policy) Do(ctx context.Context, call func() error) error {
	for tries, pause := 1, p.First; ; tries, pause = tries+1, min(2*pause, p.Most) {
		err := call()
		if !p.temporary(err, tries) || p.Sleep(ctx, jitter(pause)) != nil {
			return err
		}
	}
}

func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1)
}
