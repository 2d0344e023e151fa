// Package terminal shares a terminal between a command's output and the progress
// of its work. The invariant: the line of progress is removed before anything else
// is written, and no text of an event can steer the terminal.
package terminal

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// A ProgressLine shows the progress of work. On a terminal it is one line that
// changes, appears once the work has taken a while, and is removed before anything
// else is written. Without a terminal it is one line for each wait, for a log.
type ProgressLine struct {
	Out   io.Writer
	TTY   bool          // Out is a terminal
	After time.Duration // how long work takes before the line appears
	// Columns is the width of the terminal; nil = 80 columns.
	Columns func() int

	mu    sync.Mutex
	timer *time.Timer // set from the first event on, until something else is written
	shown bool        // the line is on the terminal
	due   bool        // the work has taken that long
	text  string
	last  string // the last event that was written without a terminal
}

// Show handles one event.
func (l *ProgressLine) Show(e survey.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := e.Text
	if e.Step != "" {
		line = e.Step + ": " + line
	}
	if e.Kind == survey.Recalculated {
		l.clear()
		fmt.Fprintln(l.Out, text.Safe(line))
		return
	}
	if !l.TTY {
		if key := e.Step + string(e.Kind); (e.Kind == survey.Waiting || e.Kind == survey.Settling) && l.last != key {
			l.last = key
			fmt.Fprintln(l.Out, text.Safe(line))
		}
		return
	}
	if e.Total > 0 {
		line = fmt.Sprintf("[%d/%d] %s", e.Done, e.Total, line)
	}
	l.text = line
	if l.timer == nil {
		l.timer = time.AfterFunc(l.After, l.appear)
	}
	l.draw()
}

// appear shows the line: the work has taken a while.
func (l *ProgressLine) appear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = l.timer != nil
	l.draw()
}

func (l *ProgressLine) draw() {
	if l.due {
		fmt.Fprintf(l.Out, "\r\x1b[K%s", l.fitted())
		l.shown = true
	}
}

// fitted is the text as far as it fits on one line, the last column of which stays free.
func (l *ProgressLine) fitted() string {
	columns := 80
	if l.Columns != nil {
		columns = max(l.Columns(), view.LeastWidth)
	}
	return view.Head(l.text, columns-1)
}

// Aside returns a writer that removes the line before it writes.
func (l *ProgressLine) Aside(out io.Writer) io.Writer { return &aside{l, out} }

type aside struct {
	line *ProgressLine
	out  io.Writer
}

func (a *aside) Write(b []byte) (int, error) {
	a.line.mu.Lock()
	defer a.line.mu.Unlock()
	a.line.clear()
	return a.out.Write(b)
}

// clear removes the line from the terminal.
func (l *ProgressLine) clear() {
	if l.shown {
		fmt.Fprint(l.Out, "\r\x1b[K")
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer, l.shown, l.due = nil, false, false
}

// Unwrap returns the writer behind it.
func (a *aside) Unwrap() io.Writer { return a.out }

// Behind returns the writer behind all that wrap it, which can be a terminal and
// then has a size.
func Behind(out io.Writer) io.Writer {
	for {
		w, ok := out.(interface{ Unwrap() io.Writer })
		if !ok {
			return out
		}
		out = w.Unwrap()
	}
}
