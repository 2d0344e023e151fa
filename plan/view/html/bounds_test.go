package html

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

// mostPage is the number of bytes that a page has at most, its script and style included.
const mostPage = 5 << 20

// vast is a plan of groups on the partitions of a topic, each of which replays another
// number of records. The last group skips 7 records of one partition.
func vast(groups, partitions int) *plan.Plan {
	steps := make([]plan.Step, groups)
	for g := range steps {
		parts := make([]plan.Part, partitions)
		for n := range parts {
			parts[n] = viewtest.Moved("orders", n, 0, 1000, int64(1+(g+n)%900), 5000)
		}
		steps[g] = viewtest.Step(fmt.Sprintf("rewind[group-%06d]", g), plan.Reset, parts...)
		steps[g].Address = fmt.Sprintf("kafka:broker:9092/group-%06d/orders", g)
	}
	last := steps[groups-1].Parts
	last[partitions/2] = viewtest.Moved("orders", partitions/2, 0, 1000, 1007, 5000)
	return viewtest.Plan(plan.Summarise(steps), steps...)
}

// allocated returns what a function writes and what it allocates.
func allocated(t *testing.T, write func(io.Writer) error) (string, int64) {
	t.Helper()
	var out bytes.Buffer
	out.Grow(2 * mostPage)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return out.String(), int64(after.TotalAlloc - before.TotalAlloc)
}

// TestAPageIsBounded shows plans of 10,000 and of 200,000 partitions, of few and of many
// groups. The large page has a fixed size at most, costs no more memory than its size explains, and
// hides neither a loss nor a total.
func TestAPageIsBounded(t *testing.T) {
	for _, c := range []struct{ groups, partitions, times int }{{1, 10_000, 20}, {100, 100, 20}, {5000, 2, 20}} {
		t.Run(fmt.Sprintf("%d groups", c.groups), func(t *testing.T) {
			small, large := vast(c.groups, c.partitions), vast(c.groups*c.times, c.partitions)
			if c.groups == 1 {
				large = vast(1, c.partitions*c.times)
			}
			page, cost := allocated(t, func(w io.Writer) error { return Plan(w, small, view.Options{}) })
			if strings.Contains(page, "not complete") {
				t.Error("a small page is not complete")
			}
			page, most := allocated(t, func(w io.Writer) error { return Plan(w, large, view.Options{}) })
			t.Logf("%d bytes allocated for 10,000 partitions, %d for 200,000; the page has %d bytes", cost, most, len(page))
			if len(page) > mostPage {
				t.Errorf("the page has %d bytes", len(page))
			}
			if most > 4*cost {
				t.Errorf("200,000 partitions allocate %d bytes, 10,000 %d", most, cost)
			}
			holdsAll(t, page, large)
		})
	}
}

// holdsAll checks that a page has all steps and totals of a plan, each or in sums.
func holdsAll(t *testing.T, page string, p *plan.Plan) {
	t.Helper()
	d := dataOf(t, page)
	if d.Steps[0].Loss != "loses up to 7 records" || !strings.Contains(d.Steps[0].Total, "skip up to 7 on 1 partition") {
		t.Errorf("first is %s: %q, %q", d.Steps[0].ID, d.Steps[0].Loss, d.Steps[0].Total)
	}
	lost := d.RowKinds[d.Steps[0].Rows[0].Kind]
	if lost.Zone != "skip" || len(d.Steps[0].Rows[0].Parts) > 1 {
		t.Errorf("the first row is %+v", d.Steps[0].Rows[0])
	}
	if !strings.Contains(page, "This page is not complete") || !strings.Contains(page, "--format json") || !strings.Contains(page, "--step") {
		t.Error("the page does not say how to see everything")
	}
	steps, parts := 0, 0
	for _, s := range d.Steps {
		if s.Sum {
			var n, on int
			if _, err := fmt.Sscanf(strings.ReplaceAll(d.StepKinds[s.Kind].Details, ",", ""), "%d further steps on %d", &n, &on); err != nil {
				t.Errorf("%q: %v", d.StepKinds[s.Kind].Details, err)
			}
			steps, parts = steps+n, parts+on
			continue
		}
		steps++
		for _, r := range s.Rows {
			n := 0
			if r.Rest != "" {
				if _, err := fmt.Sscanf(strings.ReplaceAll(r.Rest, ",", ""), "%d partition", &n); err != nil {
					t.Errorf("%q: %v", r.Rest, err)
				}
			}
			parts += len(r.Parts) + n
		}
		if s.Total == "" && len(s.Rows) != 1 {
			t.Errorf("step %s has no total", s.ID)
		}
	}
	if steps != len(p.Steps) || parts != p.Summary.Partitions {
		t.Errorf("the page has %d of %d steps and %d of %d partitions", steps, len(p.Steps), parts, p.Summary.Partitions)
	}
}

// TestAPageOfLongTextsIsBounded shows few parts and steps with long texts.
func TestAPageOfLongTextsIsBounded(t *testing.T) {
	p := vast(100, 100)
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Action, s.Why = plan.Blocked, strings.Repeat("the group is active. ", 5000)
		for n := range s.Parts {
			s.Parts[n].Note = fmt.Sprintf("%d %s", i*1000+n, strings.Repeat("<note>", 100))
			s.Warnings = append(s.Warnings, s.Parts[n].Note)
		}
	}
	p.Summary = plan.Summarise(p.Steps)
	page, _ := allocated(t, func(w io.Writer) error { return Plan(w, p, view.Options{}) })
	if len(page) > mostPage {
		t.Errorf("the page has %d bytes", len(page))
	}
	d := dataOf(t, page)
	if len(d.Steps) != 100 || d.Steps[0].Loss != "loses up to 7 records" || !strings.Contains(page, "This page is not complete") {
		t.Errorf("%d steps, the first is %s: %q", len(d.Steps), d.Steps[0].ID, d.Steps[0].Loss)
	}
}

// TestAStatusPageIsBounded shows a run of 10,000 and of 200,000 partitions, the last step
// of which another client has committed over.
func TestAStatusPageIsBounded(t *testing.T) {
	status := func(groups int) *reconcile.Status {
		s := &reconcile.Status{Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, Started: &everyOutcome().Steps[0].At, Drifted: true}
		parts := viewtest.Drifted(100)
		for g := range groups {
			s.Steps = append(s.Steps, reconcile.StatusStep{ID: fmt.Sprintf("rewind[group-%05d]", g), Outcome: lock.Verified, Activity: "idle", Parts: parts})
		}
		s.Steps[groups-1].Outcome = lock.Overwritten
		return s
	}
	small, large := status(100), status(2000)
	_, cost := allocated(t, func(w io.Writer) error { return Status(w, small, view.Options{}) })
	page, most := allocated(t, func(w io.Writer) error { return Status(w, large, view.Options{}) })
	t.Logf("%d bytes allocated for 10,000 partitions, %d for 200,000; the page has %d bytes", cost, most, len(page))
	if len(page) > mostPage || most > 4*cost {
		t.Errorf("the page has %d bytes and allocates %d; a small one allocates %d", len(page), most, cost)
	}
	d := dataOf(t, page)
	if len(d.Steps) != 2000 || d.StepKinds[d.Steps[0].Kind].Word != string(lock.Overwritten) {
		t.Errorf("%d steps, the first is %+v", len(d.Steps), d.StepKinds[d.Steps[0].Kind])
	}
}
