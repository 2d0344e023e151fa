package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// notifySignals returns the signals that request a command to stop. On Windows, Ctrl-C
// and Ctrl-Break are os.Interrupt; closing the console, logging off and shutting down
// are SIGTERM, after which the system ends the process within seconds. A closed
// reader of the output is an error of the write: it must not kill an apply in
// the middle of a step.
func notifySignals() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	return signals
}

// relaySignals returns a channel that repeats the signals, and one that the
// first of them closes: whatever waits for input then returns.
func relaySignals(ctx context.Context, signals <-chan os.Signal) (<-chan os.Signal, <-chan struct{}) {
	repeated, first := make(chan os.Signal, 8), make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case s := <-signals:
				if n == 0 {
					close(first)
				}
				repeated <- s
			case <-ctx.Done():
				return
			}
		}
	}()
	return repeated, first
}

// interruptible returns a context that the first signal cancels.
func (proc process) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-proc.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// stoppable returns a channel that the first signal closes and a context that
// the second one cancels: the first requests to finish the current step, the
// second to abandon it. Until sending is set there is no current step, and the
// first signal ends the command without a message.
func (proc process) stoppable(ctx context.Context, sending *atomic.Bool) (context.Context, <-chan struct{}, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	go func() {
		var s os.Signal
		select {
		case s = <-proc.signals:
		case <-ctx.Done():
			return
		}
		if sending.Load() {
			fmt.Fprintf(proc.stderr, "%v: finishing the current step; press Ctrl-C again to stop immediately\n", s)
		}
		close(stop)
		select {
		case <-proc.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, stop, cancel
}
