package term

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/watch"
)

// Lines writes each reading of a watch as lines for a log: one for each step
// that has changed, or one that reports no change.
type Lines struct {
	out  io.Writer
	last map[string]string // the last text of each step
	away string            // the error of the last reading
}

// NewLines returns a writer of lines.
func NewLines(out io.Writer) *Lines { return &Lines{out: out, last: map[string]string{}} }

// Show writes one reading.
func (w *Lines) Show(p *watch.Progress) error {
	at := p.At.UTC().Format(time.RFC3339)
	var out strings.Builder
	switch {
	case p.Away != "" && p.Away == w.away:
		fmt.Fprintf(&out, "%s  reads still fail\n", at)
	case p.Away != "":
		fmt.Fprintf(&out, "%s  read failed, retrying: %s\n", at, view.Plain(p.Away))
		w.away = p.Away
	case w.away != "":
		fmt.Fprintf(&out, "%s  reading again\n", at)
		w.away = ""
	}
	if p.Away == "" {
		changed := 0
		for i := range p.Steps {
			s := &p.Steps[i]
			now := strings.Join(append([]string{progressOf(s)}, remarksOf(s)...), "; ")
			if w.last[s.ID] != now {
				fmt.Fprintf(&out, "%s  %s: %s\n", at, view.Plain(s.ID), now)
				changed++
			}
			w.last[s.ID] = now
		}
		if changed == 0 {
			fmt.Fprintf(&out, "%s  no change\n", at)
		}
	}
	_, err := io.WriteString(w.out, out.String())
	return err
}

// progressOf describes a step's progress in figures.
func progressOf(s *watch.StepProgress) string {
	if s.Lag == nil {
		return view.ProgressWord(s) + ", progress unknown"
	}
	all := []string{fmt.Sprintf("%s of %s read (%s), %s left", text.Grouped(*s.Done), text.Grouped(*s.Total), view.Percent(s), text.Grouped(*s.Lag))}
	if p := view.Pace(s); p != "" {
		all = append(all, p)
	}
	return view.ProgressWord(s) + ", " + strings.Join(all, ", ")
}

// remarksOf are the sentences about a step, the most serious first, and then
// its consumers.
func remarksOf(s *watch.StepProgress) []string {
	return append(view.ProgressAlarms(s), view.ProgressConsumers(s))
}
