package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

// A progressLine tells of work under way. On a terminal it is one line that
// changes, once the work has taken a while, and that is gone before anything
// else is written. Elsewhere it is a line for each wait, which a log should
// hold.
type progressLine struct {
	out   io.Writer
	tty   bool
	after time.Duration // how long work takes before the line appears

	mu    sync.Mutex
	timer *time.Timer // set from the first event on, until something else is written
	shown bool        // the line stands on the terminal
	ripe  bool        // the work has taken that long
	text  string
	last  string // what was told last, elsewhere
}

// progress returns what is told of events, nil where nothing is.
func (w world) progress(c *cli.Context) func(survey.Event) {
	if c.Bool("quiet") {
		return nil
	}
	return w.line.tell
}

func (l *progressLine) tell(e survey.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := e.Text
	if e.Step != "" {
		text = e.Step + ": " + text
	}
	if e.Kind == survey.Recalculated {
		l.clear()
		fmt.Fprintln(l.out, view.Plain(text))
		return
	}
	if !l.tty {
		if key := e.Step + string(e.Kind); (e.Kind == survey.Waiting || e.Kind == survey.Settling) && l.last != key {
			l.last = key
			fmt.Fprintln(l.out, view.Plain(text))
		}
		return
	}
	if e.Total > 0 {
		text = fmt.Sprintf("[%d/%d] %s", e.Done, e.Total, text)
	}
	l.text = text
	if l.timer == nil {
		l.timer = time.AfterFunc(l.after, l.ripen)
	}
	l.draw()
}

// ripen shows the line: the work has taken a while.
func (l *progressLine) ripen() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ripe = l.timer != nil
	l.draw()
}

func (l *progressLine) draw() {
	if l.ripe {
		fmt.Fprintf(l.out, "\r\x1b[K%.79s", view.Plain(l.text))
		l.shown = true
	}
}

// aside returns a writer that takes the line away before it writes.
func (l *progressLine) aside(out io.Writer) io.Writer { return &aside{l, out} }

type aside struct {
	line *progressLine
	out  io.Writer
}

func (a *aside) Write(b []byte) (int, error) {
	a.line.mu.Lock()
	defer a.line.mu.Unlock()
	a.line.clear()
	return a.out.Write(b)
}

// clear removes the line from the terminal.
func (l *progressLine) clear() {
	if l.shown {
		fmt.Fprint(l.out, "\r\x1b[K")
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer, l.shown, l.ripe = nil, false, false
}
