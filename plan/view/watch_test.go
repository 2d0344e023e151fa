package view

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/watch"
)

func rate(n float64) *float64 { return &n }

// readings are a watch from its begin to its end, with all that can be seen.
func readings() []*watch.Progress {
	at := func(second int, away string, steps ...watch.StepProgress) *watch.Progress {
		return &watch.Progress{At: time.Date(2026, 11, 20, 3, 0, second, 0, time.UTC), Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, Away: away, Steps: steps}
	}
	one := watch.StepProgress{ID: "rewind-orders", Outcome: lock.Verified, Settled: true, Done: num(0), Total: num(1500), Lag: num(1500), Activity: "idle"}
	two := one
	two.Done, two.Lag, two.Rate, two.Arrival, two.ETA, two.Activity = num(500), num(1000), rate(250), rate(0), num(4), "active"
	two.Members = []string{"worker at 10.0.0.7", "worker at 10.0.0.8", "worker at 10.0.0.9", "worker at " + hostile}
	two.Race = "retention of 168h reaches the oldest record in 3d and does not overtake them"
	slow := two
	slow.Rate, slow.Arrival, slow.ETA = rate(1), rate(200), nil
	full := two
	full.Done, full.Lag, full.ETA, full.CaughtUp, full.Race, full.Members = num(1500), num(0), num(0), true, "", nil
	blind := watch.StepProgress{ID: "rewind-a-pipeline-with-a-long-name[" + hostile + "]", Outcome: lock.Applied, Activity: "unknown", Stuck: "the service does not tell where its consumers stand"}
	over := two
	over.Overwritten, over.Race = "another client committed over it: orders/0 went back from offset:140 to offset:120; the group is active: Stable, worker at 10.0.0.7", ""
	return []*watch.Progress{at(0, "", one, blind), at(2, "", two, blind), at(4, "kafka: read groups: "+hostile, two, blind), at(5, "kafka: read groups: "+hostile, two, blind), at(6, "", slow, blind), at(8, "", slow, blind), at(10, "", over, blind), at(12, "", full, blind)}
}

func TestWatchLines(t *testing.T) {
	var out bytes.Buffer
	w := NewWatchLines(&out)
	for _, p := range readings() {
		if err := w.Show(p); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "a-watch-in-lines.golden", out.String())
	if i := strings.IndexFunc(strings.ReplaceAll(out.String(), "\n", ""), harmful); i >= 0 {
		t.Error("what steers a terminal reached the output")
	}
}

// TestLive draws for 80 columns, since the buffer is no terminal.
func TestLive(t *testing.T) {
	var out bytes.Buffer
	l := NewLive(&out, Options{})
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
			if n := columns(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
	if len(frames) != len(readings()) {
		t.Errorf("%d readings were drawn %d times", len(readings()), len(frames))
	}
	golden(t, "a-watch-live.golden", strings.Join(frames, "---\n"))
}

// TestLiveShowsWhoIsBehind draws more steps than there are bars.
func TestLiveShowsWhoIsBehind(t *testing.T) {
	p := readings()[0]
	full := readings()[7].Steps[0]
	p.Steps = nil
	for range 20 {
		p.Steps = append(p.Steps, full)
	}
	p.Steps = append(p.Steps, readings()[6].Steps[0])
	p.Steps[20].ID = "the-last"
	var out bytes.Buffer
	l := NewLive(&out, Options{Colour: true})
	if err := l.Show(p); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if !strings.Contains(out.String(), "the-last") || !strings.Contains(out.String(), "15 steps more") || !strings.Contains(out.String(), "\x1b[31m") {
		t.Errorf("got\n%s", out.String())
	}
}

func TestImpactInALine(t *testing.T) {
	oldest := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	for want, i := range map[string]*plan.Impact{
		"":                                       nil,
		"About 1.2 GiB.":                         {Bytes: num(1288490189)},
		"Oldest record of 2026-11-18T00:00:00Z.": {Oldest: &oldest},
		"About 1.2 GiB, oldest record of 2026-11-18T00:00:00Z; caught up in about 14m at 2,000/s; retention deletes nothing; within 5s no records were written.": {
			Bytes: num(1288490189), Oldest: &oldest, Rate: rate(2000), CatchUp: num(840), Race: "retention deletes nothing", Sample: "within 5s no records were written"},
		"Nothing to catch up with.": {Rate: rate(5), CatchUp: num(0)},
	} {
		if got := impact(i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
