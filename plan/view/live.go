package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/watch"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A Live is a watch on a terminal: a bar for each step with what is to be said
// of it below, drawn anew at each reading. What it has drawn last stays when
// it is closed.
type Live struct {
	opts    Options
	bars    *mpb.Progress
	refresh chan any      // asks for a drawing
	drawing chan struct{} // one is being made
	done    chan any      // there will be no more of them
	lines   []*mpb.Bar    // of the steps, in the order of shown

	mu    sync.Mutex
	now   *watch.Progress
	shown []watch.StepProgress
}

// mostBars is how many steps have a bar of their own; the others are counted.
const mostBars = 6

// NewLive begins to draw on a terminal. Elsewhere than on a terminal it draws
// as for one of 80 columns.
func NewLive(out io.Writer, o Options) *Live {
	l := &Live{opts: o, refresh: make(chan any), drawing: make(chan struct{}, 1), done: make(chan any, 1)}
	l.bars = mpb.New(mpb.WithOutput(out), mpb.WithManualRefresh(l.refresh), mpb.WithShutdownNotifier(l.done))
	return l
}

// Show draws one reading.
func (l *Live) Show(p *watch.Progress) error {
	l.mu.Lock()
	first := l.now == nil
	l.now = p
	if l.shown = p.Steps; len(p.Steps) > mostBars {
		l.shown = shownFirst(p.Steps)[:mostBars]
	}
	shown := l.shown
	l.mu.Unlock()
	if first {
		l.bars.New(0, mpb.NopStyle(), mpb.BarPriority(0), mpb.PrependDecorators(decor.Any(l.title)), mpb.BarExtender(mpb.BarFillerFunc(l.head), false))
	}
	for i := range shown {
		if i == len(l.lines) {
			l.lines = append(l.lines, l.add(i))
		}
		done, total := int64(0), int64(1)
		if s := &shown[i]; s.Lag != nil {
			done, total = *s.Done, max(*s.Total, 1)
			if *s.Lag == 0 {
				done = total
			}
		}
		l.lines[i].SetTotal(total, false)
		l.lines[i].SetCurrent(done)
	}
	return l.draw(p.At)
}

// draw returns once the bars are drawn, or cannot be any more.
func (l *Live) draw(at time.Time) error {
	select {
	case l.refresh <- at:
	case <-l.done:
		return mpb.ErrDone
	}
	select {
	case <-l.drawing:
	case <-l.done:
		return mpb.ErrDone
	}
	_, err := l.bars.Write(nil) // nothing is written before a drawing is complete
	return err
}

// Close ends the drawing.
func (l *Live) Close() { l.bars.Shutdown() }

// add makes the bar of the i-th step shown.
func (l *Live) add(i int) *mpb.Bar {
	of := func(text func(*watch.StepProgress) string) decor.DecorFunc {
		return func(decor.Statistics) string {
			l.mu.Lock()
			defer l.mu.Unlock()
			if i >= len(l.shown) {
				return ""
			}
			return text(&l.shown[i])
		}
	}
	return l.bars.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"), mpb.BarPriority(i+1),
		mpb.PrependDecorators(decor.Any(of(func(s *watch.StepProgress) string { return short(s.ID, 24, Options{}) }), decor.WCSyncWidthR)),
		mpb.AppendDecorators(decor.Any(of(brief), decor.WCSyncWidthR)),
		mpb.BarExtender(mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error { return l.below(w, i, st.AvailableWidth) }), false),
	)
}

// brief is what stands behind a bar.
func brief(s *watch.StepProgress) string {
	switch {
	case s.Lag == nil:
		return "?"
	case s.Rate == nil || *s.Lag == 0 || s.CaughtUp:
		return percent(s)
	case s.ETA == nil:
		return fmt.Sprintf("%s  %s/s", percent(s), text.Rate(*s.Rate))
	}
	return fmt.Sprintf("%s  %s/s  ETA %s", percent(s), text.Rate(*s.Rate), text.About(time.Duration(*s.ETA)*time.Second))
}

// title names the run.
func (l *Live) title(decor.Statistics) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%s, run %s  %s", Plain(l.now.Name), Plain(l.now.Run), l.now.At.UTC().Format("15:04:05Z"))
}

// head writes below the title what holds for all steps.
func (l *Live) head(w io.Writer, st decor.Statistics) error {
	select {
	case l.drawing <- struct{}{}:
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	if l.now.UnderWay {
		out.WriteString("  An apply is under way.\n")
	}
	if l.now.Away != "" {
		out.WriteString(l.coloured(red, wrappedAt(st.AvailableWidth-1, "Could not be read, going on: "+l.now.Away, "  ")))
	}
	if more := len(l.now.Steps) - len(l.shown); more > 0 {
		fmt.Fprintf(&out, "  %s more; those that are behind come first.\n", count(more, "step"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// below writes what is to be said of the i-th step shown.
func (l *Live) below(w io.Writer, i, columns int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= len(l.shown) {
		return nil
	}
	s := &l.shown[i]
	var out strings.Builder
	out.WriteString(l.coloured(faint, wrappedAt(columns-1, figures(s)+"; "+consumersOf(s), "  ")))
	colour := red
	if s.Overwritten+s.Stuck+s.Error == "" {
		colour = yellow
	}
	if all := alarms(s); len(all) > 0 {
		out.WriteString(l.coloured(colour, wrappedAt(columns-1, strings.Join(all, "; "), "  ")))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// figures tell below a bar what does not stand behind it.
func figures(s *watch.StepProgress) string {
	if s.Lag == nil {
		return progressOf(s)
	}
	text := fmt.Sprintf("%s, %s of %s passed, %s left", word(s), grouped(*s.Done), grouped(*s.Total), grouped(*s.Lag))
	if s.ETA == nil || s.CaughtUp {
		if p := pace(s); p != "" {
			text += ", " + p
		}
	}
	return text
}

// coloured paints each line by itself: the lines are drawn one by one.
func (l *Live) coloured(code, text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(l.opts.paint(code, strings.TrimSuffix(line, "\n")) + "\n")
	}
	return out.String()
}
