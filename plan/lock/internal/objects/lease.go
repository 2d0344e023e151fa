package objects

import (
	"context"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A lapse is the time, by the clock of this machine, until which no other holder can
// have taken the lock over. It counts from before the newest record was sent, so it
// is earlier than the store's own. It decides nothing but whether something is
// still sent to a service.
type lapse struct {
	mu    sync.Mutex
	until time.Time
}

func (l *lapse) set(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = t
}

// left returns how long the lease holds, by both clocks of the machine: the monotonic
// one can stop while the machine is suspended.
func (l *lapse) left(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return min(l.until.Sub(now), l.until.Round(0).Sub(now.Round(0)))
}

// renew writes a record each time that a third of the lease has passed without one.
func (h *hold) renew(ctx context.Context) {
	defer close(h.stopped)
	for h.wait(ctx, max(h.until.left(h.now())-2*h.lease/3, h.lease/30)) == nil {
		h.writing.Lock()
		if h.broken == nil && h.until.left(h.now()) <= 2*h.lease/3 {
			_ = h.write(context.WithoutCancel(ctx), renewed, nil, nil) // an error stays in h.broken
		}
		failed := h.broken
		h.writing.Unlock()
		if failed != nil {
			return
		}
	}
}

// Sending returns a context for a request to a service, which ends when the lease
// expires without a renewal: from then on another holder may decide what became of
// the request.
func (h *hold) Sending(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := h.confirm(ctx); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for left := h.until.left(h.now()); h.wait(ctx, left) == nil; {
			if left = h.until.left(h.now()); left <= 0 {
				cancel(&store.LostError{Name: h.url})
				return
			}
		}
	}()
	return ctx, func() { cancel(nil) }, nil
}

// confirm returns nil if no other holder can have the lock now. If the lease may have
// expired, because this process was suspended, it writes a record, which fails if
// another one has.
func (h *hold) confirm(ctx context.Context) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	if h.broken != nil || h.until.left(h.now()) > h.lease/4 {
		return h.broken
	}
	return h.write(ctx, renewed, nil, nil)
}
