package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/urfave/cli/v2"
)

// progress returns what tells of work under way: on a terminal a line that
// changes, once a second has passed; elsewhere a line for each wait, which a
// log should hold. Nil where nothing is to be told.
func (w world) progress(c *cli.Context) func(plan.Event) {
	if c.Bool("quiet") {
		return nil
	}
	p := &progressLine{w: w, begun: w.now()}
	return p.tell
}

type progressLine struct {
	w     world
	begun time.Time
	last  string
	mu    sync.Mutex
}

func (p *progressLine) tell(e plan.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := e.Text
	if e.Step != "" {
		text = e.Step + ": " + text
	}
	switch {
	case p.w.stderrTTY && p.w.now().Sub(p.begun) > time.Second:
		count := ""
		if e.Total > 0 {
			count = fmt.Sprintf("[%d/%d] ", e.Done, e.Total)
		}
		fmt.Fprintf(p.w.stderr, "\r\x1b[K%s%.90s", count, text)
		if e.Kind == plan.Finished && e.Done == e.Total {
			fmt.Fprint(p.w.stderr, "\r\x1b[K")
		}
	case !p.w.stderrTTY && (e.Kind == plan.Waiting || e.Kind == plan.Settling) && p.last != e.Step+string(e.Kind):
		p.last = e.Step + string(e.Kind)
		fmt.Fprintln(p.w.stderr, text)
	}
}

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
// to leave it.
func (w world) stoppable(ctx context.Context) (context.Context, <-chan struct{}, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	go func() {
		var s os.Signal
		select {
		case s = <-w.signals:
		case <-ctx.Done():
			return
		}
		fmt.Fprintf(w.stderr, "%v: finishing the step under way; once more to stop at once\n", s)
		close(stop)
		select {
		case <-w.signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, stop, cancel
}
