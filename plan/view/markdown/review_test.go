package markdown

import (
	"fmt"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

// reviewed are the options of a review.
var reviewed = view.Options{File: "resets/orders-replay.yaml", Flags: []string{"--run", "2026-11-20"}, Version: "v1.2.0"}

func TestPlanWithoutARefusalSaysWhatFollows(t *testing.T) {
	s := viewtest.Step("rewind-orders", plan.Reset, viewtest.Moved("orders", 0, 0, 1044, 522, 2000))
	p := viewtest.Reviewed(viewtest.Plan(plan.Summarise([]plan.Step{s}), s))
	viewtest.Golden(t, "plan-to-merge.md", markdown(t, p, reviewed))
}

func TestPlanOfAHundredGroups(t *testing.T) {
	var steps []plan.Step
	for i := range 100 {
		s := viewtest.Step(fmt.Sprintf("rewind[billing-%03d]", i), plan.Reset, viewtest.Moved("orders", 0, 0, 1044, 522, 2000),
			viewtest.Moved("orders", 1, 0, 1044, 522+int64(i), 2000))
		s.Group, s.Warnings = fmt.Sprintf("billing-%03d", i), []string{"the group is new"}
		steps = append(steps, s)
	}
	p := viewtest.Plan(plan.Summarise(steps), steps...)
	got := markdown(t, p, reviewed)
	page := rendered(t, got)
	if rows := cells(viewtest.Elements(page, "table")[0]); len(rows) != 100 || rows[99][1] != "billing-099 on orders" || rows[99][3] != "up to 945" {
		t.Errorf("the table of the steps is %q", rows)
	}
	if n := strings.Count(got, "the group is new"); n != 1 {
		t.Errorf("the same warning is written %d times", n)
	}
	if strings.Contains(got, "Truncated") {
		t.Errorf("it is truncated at %d bytes", len(got))
	}
	if shown := len(strings.Split(strings.Split(got, "<details>")[0], "\n")); shown > 125 {
		t.Errorf("%d lines are not collapsed", shown)
	}
}

func TestALossNeverLooksLikeAPlainReset(t *testing.T) {
	s := viewtest.Step("jump", plan.Reset, viewtest.Moved("orders", 0, 0, 155, 15000, 15000))
	s.To = "latest"
	p := viewtest.Plan(plan.Summarise([]plan.Step{s}), s)
	got := markdown(t, p, reviewed)
	for _, want := range []string{"0 records delivered again, **up to 14,845 lost**, 1 step", "> [!CAUTION]\n> **Records would be lost", "| **forward** to latest | 0 | **up to 14,845** |"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestEachUnitOfTheResultIsNamed(t *testing.T) {
	logs := viewtest.Moved("shard", 0, 0, 300, 185, 500)
	logs.Unit = "log group"
	a, b := viewtest.Step("a", plan.Reset, viewtest.Moved("orders", 0, 0, 300, 100, 500)), viewtest.Step("b", plan.Reset, logs)
	b.Address, b.Group = "aliyun-sls:cn-hangzhou/p/etl/access-log", "etl"
	got := markdown(t, viewtest.Plan(plan.Summarise([]plan.Step{a, b}), a, b), reviewed)
	for _, want := range []string{"Up to 200 records and up to 115 log groups delivered again, **0 lost**, 2 steps", "on `access-log` |"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestPartsInOneRowHaveOneFigureEach(t *testing.T) {
	s := viewtest.Step("a", plan.Reset, viewtest.Moved("orders", 0, 0, 300, 126, 500), viewtest.Moved("orders", 1, 0, 300, 126, 500))
	got := markdown(t, viewtest.Plan(plan.Summarise([]plan.Step{s}), s), reviewed)
	if want := "+ replay up to 174 each, 348 together |"; !strings.Contains(got, want) {
		t.Errorf("%q is missing in\n%s", want, got)
	}
}

func TestARollbackLosesNothing(t *testing.T) {
	s := viewtest.Step("a", plan.Reset, viewtest.Moved("orders", 0, 0, 100, 300, 500))
	p := viewtest.Plan(plan.Summarise([]plan.Step{s}), s)
	p.Undo = true
	got := markdown(t, p, reviewed)
	if want := "0 records delivered again, up to 200 skipped, 1 step"; !strings.Contains(got, want) || strings.Contains(strings.ToLower(got), "lost") {
		t.Errorf("%q is missing, or something is lost, in\n%s", want, got)
	}
}

// TestWhatABlockedStepWouldMoveIsUnknownIfItCouldNotBeRead expects no 0, which would be a
// figure.
func TestWhatABlockedStepWouldMoveIsUnknownIfItCouldNotBeRead(t *testing.T) {
	s := viewtest.Step("a", plan.Blocked)
	s.Group, s.Why, s.Activity = "billing", "connection refused", "unknown"
	got := markdown(t, viewtest.Plan(plan.Summarise([]plan.Step{s}), s), reviewed)
	if want := "| `a` **blocked** | `billing` | 2026-11-18T00:00:00Z | unknown | unknown | unknown | unknown |"; !strings.Contains(got, want) {
		t.Errorf("%q is missing in\n%s", want, got)
	}
}

// TestWhatTheSharesLeaveCompletesTables has so many steps that no share holds a table.
func TestWhatTheSharesLeaveCompletesTables(t *testing.T) {
	var steps []plan.Step
	for i := range 110 {
		n := int64(i)
		s := viewtest.Step(fmt.Sprintf("rewind[billing-%03d]", i), plan.Reset, viewtest.Moved("orders", 0, 0, 300+n, 100, 1500),
			viewtest.Moved("orders", 1, 0, 50, 100, 1500), viewtest.Moved("orders", 2, 0, 1400, 1200+n, 1500))
		s.Group, s.Warnings = fmt.Sprintf("billing-%03d", i), []string{fmt.Sprintf("warning %d: %s", i, strings.Repeat("long ", 15))}
		steps = append(steps, s)
	}
	got := markdown(t, viewtest.Plan(plan.Summarise(steps), steps...), reviewed)
	if len(got) < 63_000 || len(got) > 65_000 || strings.Count(got, "| `orders/1` |") < 20 {
		t.Errorf("%d bytes, %d tables", len(got), strings.Count(got, "| `orders/1` |"))
	}
}
