package html

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

// reviewed are the options of a review.
var reviewed = view.Options{File: "resets/orders-replay.yaml", Flags: []string{"--run", "2026-11-20"}, Version: "v1.2.0"}

func TestOnlyAPlanThatCanBeAppliedShowsTheCommand(t *testing.T) {
	s := viewtest.Step("rewind-orders", plan.Reset, viewtest.Moved("orders", 0, 0, 1044, 522, 2000))
	for _, c := range []struct {
		summary plan.Summary
		options view.Options
		shown   bool
	}{
		{plan.Summarise([]plan.Step{s}), reviewed, true},
		{plan.Summary{Reset: 1, Blocked: 1}, reviewed, false},
		{plan.Summary{Keep: 1}, reviewed, false},
		{plan.Summarise([]plan.Step{s}), view.Options{}, false},
	} {
		page := render(t, viewtest.Plan(c.summary, s), c.options)
		if shown := strings.Contains(page, "resetplan apply resets/orders-replay.yaml --run 2026-11-20 --expect-digest sha256:ab"); shown != c.shown {
			t.Errorf("%+v: the command is shown: %v", c, shown)
		}
	}
}

func TestTheTimeAxisShowsOnlyKnownTimes(t *testing.T) {
	at := time.Date(2026, 11, 18, 3, 0, 0, 0, time.UTC)
	moved := viewtest.Step("a", plan.Reset, viewtest.Moved("t", 0, 0, 5, 3, 9))
	for name, c := range map[string]struct {
		at     *time.Time
		impact *plan.Impact
		want   string
	}{
		"nothing is known":   {nil, nil, "<nil>"},
		"only the retention": {nil, &plan.Impact{Retention: viewtest.Number(3600)}, "<nil>"},
		"a requested time":   {&at, nil, "0 requested time, 2026-11-18 03:00 UTC (now-48h); 1000 time of this plan, 2026-11-20 03:00 UTC"},
		"all": {&at, &plan.Impact{Oldest: new(at.Add(12 * time.Hour)), LogStart: new(at.Add(-time.Hour)), Retention: viewtest.Number(4 * 24 * 3600)},
			"0 retention edge: older records are deleted, 2026-11-16 03:00 UTC (now-4d); 490 oldest record in the log, 2026-11-18 02:00 UTC (now-49h); " +
				"500 requested time, 2026-11-18 03:00 UTC (now-48h); 625 first record to be delivered, 2026-11-18 15:00 UTC (now-36h); " +
				"1000 time of this plan, 2026-11-20 03:00 UTC; again 625 to 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			s := moved
			s.At, s.Impact = c.at, c.impact
			got := "<nil>"
			if a := dataOf(t, render(t, viewtest.Plan(plan.Summary{}, s), view.Options{})).Steps[0].Axis; a != nil {
				var all []string
				for _, m := range a.Marks {
					all = append(all, fmt.Sprint(m.At, " ", m.Text))
				}
				if a.Zone != nil {
					all = append(all, fmt.Sprintf("again %d to %d", a.Zone[0], a.Zone[1]))
				}
				got = strings.Join(all, "; ")
			}
			if got != c.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestTheWorstPartitionsAreShownSmall(t *testing.T) {
	var parts []plan.Part
	for i := range 30 {
		parts = append(parts, viewtest.Moved("t", i, 0, 500+int64(i), 400, 900))
	}
	row := dataOf(t, render(t, viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, parts...)), view.Options{})).Steps[0].Rows[0]
	if got := fmt.Sprint(row.Worst); got != "[29 28 27 26 25 24 23 22 21 20 19 18]" {
		t.Errorf("got %s", got)
	}
	for i := range parts {
		parts[i] = viewtest.Moved("t", i, 0, 500, 400, 900)
	}
	row = dataOf(t, render(t, viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, parts...)), view.Options{})).Steps[0].Rows[0]
	if row.Worst != nil {
		t.Errorf("equal partitions are shown one by one: %v", row.Worst)
	}
}

func TestALossNeverLooksLikeAPlainReset(t *testing.T) {
	s := viewtest.Step("jump", plan.Reset, viewtest.Moved("orders", 0, 0, 155, 15000, 15000))
	page := render(t, viewtest.Plan(plan.Summarise([]plan.Step{s}), s), view.Options{})
	if got := dataOf(t, page).Steps[0].Loss; got != "loses up to 14,845 records" {
		t.Errorf("the step says %q", got)
	}
	for _, want := range []string{`<p class="alarm"><bdi>Step jump would lose up to 14,845 records`, `<li class="skip"><b><i>up to</i> 14,845</b>`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestTheTextWithoutScriptsIsUnabridged(t *testing.T) {
	name := strings.Repeat("long-topic-", 12)
	var steps []plan.Step
	for i := range 30 {
		steps = append(steps, viewtest.Step(fmt.Sprintf("rewind[billing-%03d]", i), plan.Reset, viewtest.Moved(name, 7, 0, 300, 100, 500)))
	}
	page := render(t, viewtest.Plan(plan.Summarise(steps), steps...), view.Options{})
	text := page[strings.Index(page, "<noscript>"):strings.Index(page, "</noscript>")]
	for _, want := range []string{name + "/7", "billing-029"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "--wide") {
		t.Errorf("a page has no --wide:\n%s", text)
	}
}
