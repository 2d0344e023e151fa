package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
)

// interruptible returns a context that the first signal ends.
func (w world) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-w.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// stoppable returns a channel that the first signal closes and a context that
// the second one ends: the first asks to finish what is under way, the second
// to leave it. Until sending is set nothing is under way, and the first signal
// is answered by the command's end alone.
func (w world) stoppable(ctx context.Context, sending *atomic.Bool) (context.Context, <-chan struct{}, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	go func() {
		var s os.Signal
		select {
		case s = <-w.signals:
		case <-ctx.Done():
			return
		}
		if sending.Load() {
			fmt.Fprintf(w.stderr, "%v: finishing the current step; press Ctrl-C again to stop immediately\n", s)
		}
		close(stop)
		select {
		case <-w.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, stop, cancel
}
