package term

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/watch"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A Live is a watch on a terminal: a bar for each step with its figures and
// problems below it, drawn again at each reading. The last drawing stays when
// it is closed.
type Live struct {
	opts    view.Options
	bars    *mpb.Progress
	refresh chan any      // requests a drawing
	drawing chan struct{} // a drawing has started
	done    chan any      // no drawing will follow
	lines   []*mpb.Bar    // of the steps, in the order of shown

	mu    sync.Mutex
	now   *watch.Progress
	shown []watch.StepProgress
}

// mostBars is the number of steps with a bar; the others are only counted.
const mostBars = 6

// NewLive starts drawing on a terminal. If out is not a terminal, it draws for
// 80 columns.
func NewLive(out io.Writer, o view.Options) *Live {
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
		l.shown = view.MostUrgent(p.Steps)[:mostBars]
	}
	shown := l.shown
	l.mu.Unlock()
	if first {
		l.bars.New(0, mpb.NopStyle(), mpb.BarPriority(0),
			mpb.PrependDecorators(decor.Any(l.title)), mpb.BarExtender(mpb.BarFillerFunc(l.head), false))
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

// draw returns once the bars are drawn, or once drawing has ended.
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

// add adds the bar of the i-th step shown.
func (l *Live) add(i int) *mpb.Bar {
	of := func(describe func(*watch.StepProgress) string) decor.DecorFunc {
		return func(decor.Statistics) string {
			l.mu.Lock()
			defer l.mu.Unlock()
			if i >= len(l.shown) {
				return ""
			}
			return describe(&l.shown[i])
		}
	}
	return l.bars.New(0, mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"), mpb.BarPriority(i+1),
		mpb.PrependDecorators(decor.Any(of(func(s *watch.StepProgress) string { return view.Options{}.Short(s.ID, 24) }), decor.WCSyncWidthR)),
		mpb.AppendDecorators(decor.Any(of(brief), decor.WCSyncWidthR)),
		mpb.BarExtender(mpb.BarFillerFunc(func(w io.Writer, st decor.Statistics) error { return l.below(w, i, st.AvailableWidth) }), false),
	)
}

// brief is the text to the right of a bar.
func brief(s *watch.StepProgress) string {
	switch {
	case s.Lag == nil:
		return "?"
	case s.Rate == nil || *s.Lag == 0 || s.CaughtUp:
		return view.Percent(s)
	case s.ETA == nil:
		return fmt.Sprintf("%s  %s/s", view.Percent(s), text.Rate(*s.Rate))
	}
	return fmt.Sprintf("%s  %s/s  ETA %s", view.Percent(s), text.Rate(*s.Rate), text.About(time.Duration(*s.ETA)*time.Second))
}

// title names the run.
func (l *Live) title(decor.Statistics) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%s, run %s  %s", view.Plain(l.now.Name), view.Plain(l.now.Run), l.now.At.UTC().Format("15:04:05Z"))
}

// head writes what applies to all steps, below the title.
func (l *Live) head(w io.Writer, st decor.Statistics) error {
	select {
	case l.drawing <- struct{}{}:
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	if l.now.UnderWay {
		out.WriteString("  An apply is in progress.\n")
	}
	if l.now.Away != "" {
		out.WriteString(l.coloured(red, view.Wrap("Read failed, retrying: "+l.now.Away, "  ", st.AvailableWidth-1)))
	}
	if more := len(l.now.Steps) - len(l.shown); more > 0 {
		fmt.Fprintf(&out, "  %d more %s; steps that lag behind are shown first.\n", more, text.Noun(int64(more), "step"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// below writes the figures and the problems of the i-th step shown.
func (l *Live) below(w io.Writer, i, columns int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i >= len(l.shown) {
		return nil
	}
	s := &l.shown[i]
	var out strings.Builder
	out.WriteString(l.coloured(faint, view.Wrap(figures(s)+"; "+view.ProgressConsumers(s), "  ", columns-1)))
	colour := red
	if s.Failure == watch.NoFailure && s.Error == "" {
		colour = yellow
	}
	if all := view.ProgressAlarms(s); len(all) > 0 {
		out.WriteString(l.coloured(colour, view.Wrap(strings.Join(all, "; "), "  ", columns-1)))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// figures are the figures of a step that are not next to its bar.
func figures(s *watch.StepProgress) string {
	if s.Lag == nil {
		return progressOf(s)
	}
	out := fmt.Sprintf("%s, %s of %s read, %s left", view.ProgressWord(s), text.Grouped(*s.Done), text.Grouped(*s.Total), text.Grouped(*s.Lag))
	if s.ETA == nil || s.CaughtUp {
		if p := view.Pace(s); p != "" {
			out += ", " + p
		}
	}
	return out
}

// coloured paints each line separately, because the lines are drawn one by one.
func (l *Live) coloured(style, lines string) string {
	var out strings.Builder
	for line := range strings.Lines(lines) {
		out.WriteString(paint(l.opts, style, strings.TrimSuffix(line, "\n")) + "\n")
	}
	return out.String()
}
