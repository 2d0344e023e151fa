package term

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/plan/watch"
)

func rate(n float64) *float64 { return &n }

// readings are a watch from start to end, with every state that it can show.
func readings() []*watch.Progress {
	at := func(second int, away string, steps ...watch.StepProgress) *watch.Progress {
		return &watch.Progress{
			At: time.Date(2026, 11, 20, 3, 0, second, 0, time.UTC), Name: "orders-replay", Run: "once",
			Outcome: lock.RunApplied, Away: away, Steps: steps,
		}
	}
	one := watch.StepProgress{
		ID: "rewind-orders", Outcome: lock.Verified, Settled: true, Activity: "idle",
		Done: viewtest.Number(0), Total: viewtest.Number(1500), Lag: viewtest.Number(1500),
	}
	two := one
	two.Done, two.Lag, two.Rate, two.Arrival = viewtest.Number(500), viewtest.Number(1000), rate(250), rate(0)
	two.ETA, two.Activity = viewtest.Number(4), "active"
	two.Members = []string{"worker at 10.0.0.7", "worker at 10.0.0.8", "worker at 10.0.0.9", "worker at " + viewtest.Hostile}
	two.Race = "retention of 168h reaches the oldest record in 3d and does not overtake the consumers"
	slow := two
	slow.Rate, slow.Arrival, slow.ETA = rate(1), rate(200), nil
	full := two
	full.Done, full.Lag, full.ETA, full.CaughtUp = viewtest.Number(1500), viewtest.Number(0), viewtest.Number(0), true
	full.Race, full.Members = "", nil
	blind := watch.StepProgress{
		ID: "rewind-a-pipeline-with-a-long-name[" + viewtest.Hostile + "]", Outcome: lock.Applied, Activity: "unknown",
		Failure: watch.Stuck, Stuck: "the service does not report committed positions",
	}
	over := two
	over.Failure, over.Overwritten = watch.Overwritten, "another client committed over it: orders/0 went back from offset:140 to offset:120; "+
		"the group is active: Stable, worker at 10.0.0.7"
	over.Race = ""
	const failure = "kafka: read groups: " + viewtest.Hostile
	return []*watch.Progress{
		at(0, "", one, blind), at(2, "", two, blind), at(4, failure, two, blind), at(5, failure, two, blind),
		at(6, "", slow, blind), at(8, "", slow, blind), at(10, "", over, blind), at(12, "", full, blind),
	}
}

func TestWatchLines(t *testing.T) {
	var out bytes.Buffer
	w := NewLines(&out)
	for _, p := range readings() {
		if err := w.Show(p); err != nil {
			t.Fatal(err)
		}
	}
	viewtest.Golden(t, "a-watch-in-lines.golden", out.String())
	if i := strings.IndexFunc(strings.ReplaceAll(out.String(), "\n", ""), text.Hidden); i >= 0 {
		t.Error("text that controls a terminal reached the output")
	}
}

// TestLive draws for 80 columns, since the buffer is no terminal.
func TestLive(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, view.Options{})
	for _, p := range readings() {
		if err := l.Show(p); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	frames := strings.Split(out.String(), "\x1b[J") // the cursor goes up and erases what was drawn before
	for i := range frames {
		frames[i] = frames[i][:strings.LastIndexByte(frames[i], '\n')+1]
		for line := range strings.Lines(frames[i]) {
			if n := view.Columns(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
	if len(frames) != len(readings()) {
		t.Errorf("%d readings were drawn %d times", len(readings()), len(frames))
	}
	viewtest.Golden(t, "a-watch-with-bars.golden", strings.Join(frames, "---\n"))
}

// TestLiveShowsTheMostUrgentSteps draws more steps than there are bars.
func TestLiveShowsTheMostUrgentSteps(t *testing.T) {
	p := readings()[0]
	full := readings()[7].Steps[0]
	p.Steps = nil
	for range 20 {
		p.Steps = append(p.Steps, full)
	}
	p.Steps = append(p.Steps, readings()[6].Steps[0])
	p.Steps[20].ID = "the-last"
	var out bytes.Buffer
	l := NewLive(&out, view.Options{Colour: true})
	if err := l.Show(p); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if !strings.Contains(out.String(), "the-last") || !strings.Contains(out.String(), "15 more steps") || !strings.Contains(out.String(), "\x1b[31m") {
		t.Errorf("got\n%s", out.String())
	}
}
