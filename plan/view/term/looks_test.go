package term

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
)

// look is one golden file.
type look struct {
	name string // the file's name, and a sentence
	opts view.Options
	show func(io.Writer, view.Options) error
}

func TestLooks(t *testing.T) {
	for _, l := range append(planLooks(), otherLooks()...) {
		t.Run(l.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := l.show(&out, l.opts); err != nil {
				t.Fatal(err)
			}
			viewtest.Golden(t, strings.ReplaceAll(l.name, " ", "-")+".golden", out.String())
			fits(t, l.opts, out.String())
			for _, columns := range []int{60, 80, 120} {
				o := l.opts
				o.Columns = columns
				out.Reset()
				if err := l.show(&out, o); err != nil {
					t.Fatal(err)
				}
				fits(t, o, out.String())
			}
		})
	}
}

func showPlan(s plan.Summary, steps ...plan.Step) func(io.Writer, view.Options) error {
	return func(w io.Writer, o view.Options) error { return Plan(w, viewtest.Plan(s, steps...), o) }
}

// rewind is a step that moves parts of a topic.
func rewind(parts ...plan.Part) plan.Step {
	return viewtest.Step("rewind-orders", plan.Reset, parts...)
}

// three are three parts, of which one is committed at another offset.
func three(second int64) plan.Step {
	part := func(n int, before int64) plan.Part { return viewtest.Moved("orders", n, 0, before, 100, 500) }
	return rewind(part(0, 300), part(1, second), part(2, 300))
}

func planLooks() []look {
	upper := plan.Summary{Reset: 1, Partitions: 3, Replay: 610, Bound: plan.BoundUpper}
	folded := plan.Summary{Reset: 1, Partitions: 24, Replay: 3431, Skip: 48, Bound: plan.BoundUpper}
	blocked := viewtest.Step("rewind-orders", plan.Blocked, viewtest.Moved("orders", 0, 0, 300, 400, 500))
	blocked.Why = "this would skip up to 100 records, which would never be delivered; guards.maxSkip allows 0. " +
		"Set guards.maxSkip to the number of records you accept losing, or to unlimited."
	blocked.Warnings = []string{
		"2026-11-18T00:00:00Z of orders/0 is before the start of the log: the oldest record is of 2026-11-19T11:00:00Z.", "A second warning.",
	}
	latest := plan.Part{Part: providers.Part{Topic: "shard", Number: 2}, After: providers.At(providers.Latest), Effect: plan.EffectUnknown}
	timed := plan.Part{
		Part: providers.Part{Topic: "topic_01", Broker: "broker-0", Number: 3}, Before: providers.AtCursor("MTUy"),
		After: providers.AtTime(time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)), Effect: plan.EffectUnknown,
	}
	unknown := viewtest.Step("seek", plan.Reset, latest, timed)
	unknown.Activity, unknown.Why = "unknown", "relies on the promise idle: {assume: true}; the service reports: unknown"
	whole := viewtest.Step("rerun", plan.Reset, plan.Part{After: providers.At(providers.Default), Effect: plan.EffectUnknown})
	evil := viewtest.Step("all["+viewtest.Hostile+"]", plan.Blocked, viewtest.Moved(viewtest.Hostile, 0, 0, 3, 2, 5))
	evil.Address, evil.Why, evil.To, evil.Warnings = viewtest.Hostile, viewtest.Hostile, viewtest.Hostile, []string{viewtest.Hostile}
	evil.Parts[0].Note = viewtest.Hostile
	long := rewind(viewtest.Moved(strings.Repeat("a-long-topic-name-", 12)+"end", 0, 0, 300, 100, 500))
	long.ID = "rewind-" + strings.Repeat("very-", 20) + "long"
	long.Address = "kafka:" + strings.Repeat("broker-with-a-name.example:9092,", 6) + "/group/*"
	keep, done := viewtest.Step("keep-orders", plan.Keep, viewtest.Moved("orders", 0, 0, 100, 100, 500)), viewtest.Step("done-orders", plan.Done)
	keep.Why, done.Why = "already at the target", "already applied in this run (verified at 2026-11-20T03:00:05.000Z)"
	back := plan.Summary{Reset: 1, Partitions: 1, Skip: 200, Bound: plan.BoundExact}
	undo := viewtest.Plan(back, rewind(viewtest.Moved("orders", 0, 0, 100, 300, 500)))
	undo.Undo = true
	counted := rewind(viewtest.Moved("orders", 0, 0, 300, 100, 500), viewtest.Moved("orders", 1, 0, 300, 301, 500))
	for i := range counted.Parts {
		counted.Parts[i].Unit = "log group"
	}
	units := plan.Summarise([]plan.Step{counted, three(300)})
	count := func(n int64) *int64 { return &n }
	n := providers.AtOffset
	ranged := rewind(
		plan.Part{Part: providers.Part{Topic: "orders"}, Low: n(0), High: n(500), Before: n(300), After: timed.After, Lands: n(290), UpTo: n(305),
			Effect: plan.EffectSkip, Count: count(5), OrReplay: count(10), Bound: plan.BoundUpper, LagBefore: count(200)},
		plan.Part{Part: providers.Part{Topic: "orders", Number: 1}, Low: n(0), High: n(500), Before: n(300), After: timed.After, Lands: n(0), UpTo: n(300),
			Effect: plan.EffectReplay, Count: count(300), Bound: plan.BoundUpper, LagBefore: count(200)})
	ranged.Approximate = true
	none, wide, narrow := view.Options{}, view.Options{Wide: true}, view.Options{Columns: 80}
	return []look{
		{"a target that is a range", none, showPlan(plan.Summarise([]plan.Step{ranged}), ranged)},
		{"units other than records are named", none, showPlan(units, counted)},
		{"equal parts are one line", none, showPlan(upper, three(300))},
		{"few parts that differ are shown one by one", none, showPlan(upper, three(310))},
		{"many parts are folded by effect", none, showPlan(folded, rewind(viewtest.Many()...))},
		{"wide shows every part", wide, showPlan(upper, rewind(viewtest.Many()...))},
		{"low and high become one range", view.Options{Columns: 66}, showPlan(upper, rewind(viewtest.Moved("orders", 0, 0, 300, 100, 500)))},
		{"larger numbers leave out the log and the lag", view.Options{Columns: 60},
			showPlan(upper, rewind(viewtest.Vast("orders-of-the-company", 81_000_000)[:1]...))},
		{"numbers too wide for columns become sentences", narrow, showPlan(upper, rewind(viewtest.Vast("orders", 9_000_000_000_000_000_000)...))},
		{"a blocked step shows the reason and the remedy", none, showPlan(plan.Summary{Blocked: 1, Bound: plan.BoundExact}, blocked)},
		{"unknown positions are not invented", none, showPlan(plan.Summary{Reset: 2, Partitions: 3, Unknown: 3, Bound: plan.BoundExact}, unknown, whole)},
		{"foreign text cannot control a terminal", none, showPlan(plan.Summary{Blocked: 1, Bound: plan.BoundExact}, evil)},
		{"long names are shortened in the middle of a terminal", narrow, showPlan(upper, long)},
		{"without a terminal nothing is shortened", none, showPlan(upper, long)},
		{"kept and done steps", none, showPlan(plan.Summary{Keep: 1, Done: 1, Bound: plan.BoundExact}, keep, done)},
		{"a rollback", none, func(w io.Writer, o view.Options) error { return Plan(w, undo, o) }},
		{"many groups are one line each", narrow, func(w io.Writer, o view.Options) error { return Plan(w, viewtest.Groups(100), o) }},
		{"many groups on a narrow terminal", view.Options{Columns: 60}, func(w io.Writer, o view.Options) error {
			return Plan(w, viewtest.Groups(100), o)
		}},
		{"what the plan is for", narrow, func(w io.Writer, o view.Options) error { return Plan(w, viewtest.Explained(), o) }},
		{"colours", view.Options{Colour: true}, showPlan(plan.Summary{Blocked: 1, Keep: 1, Bound: plan.BoundExact}, blocked, keep)},
		{"a plan without steps has a summary", none, showPlan(plan.Summary{Reset: 2, Keep: 1, Partitions: 12, Replay: 1204133, Bound: plan.BoundExact})},
	}
}

func otherLooks() []look {
	t0 := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	failed := lock.Part{Part: providers.Part{Topic: "audit", Number: 1}, Error: "kafka: commit audit: KAFKA_STORAGE_ERROR: " + viewtest.Hostile}
	steps := []lock.Step{
		{ID: "rewind-orders", Outcome: lock.Verified, At: lock.AtTime(t0)},
		{ID: "rewind-audit", Outcome: lock.Failed, Why: "1 of 3 partitions refused; the others were moved", At: lock.AtTime(t0),
			Parts: []lock.Part{failed}},
		{ID: "last", Outcome: lock.NotRun, At: lock.AtTime(t0)},
	}
	doubt := lock.Step{ID: "all[billing a]", Address: "kafka:broker:9092/billing a/orders", Outcome: lock.InDoubt, Why: "no response was received"}
	undone := []lock.Step{{ID: "a", Outcome: lock.Undone}, {ID: "b", Outcome: lock.Verified, Undo: &lock.Undo{Outcome: lock.Failed, Why: "denied"}}}
	result := func(steps []lock.Step, undo bool) func(io.Writer, view.Options) error {
		r := &reconcile.Result{Name: "orders-replay", Run: "once", Undo: undo, Outcome: lock.RunFailed, Steps: steps, Lock: "orders-replay.lock.yaml",
			Moved: map[string]plan.Summary{"rewind-orders": {Partitions: 3, Replay: 610, Bound: plan.BoundUpper}}}
		next := []Next{{"Watch", "resetplan watch orders-replay.yaml"}, {"Roll back", "resetplan rollback orders-replay.yaml"}}
		return func(w io.Writer, o view.Options) error { return Result(w, r, next, o) }
	}
	const cluster = "kafka:broker:9092/"
	verified := func(id, address, activity string, parts []reconcile.StatusPart) reconcile.StatusStep {
		return reconcile.StatusStep{ID: id, Address: cluster + address, Outcome: lock.Verified, At: t0, Activity: activity, Parts: parts}
	}
	gone := verified("rewind-gone", "gone/"+viewtest.Hostile, "unknown", nil)
	gone.Error = "kafka: read groups: " + viewtest.Hostile
	status := &reconcile.Status{
		Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7", Started: &t0, Drifted: true,
		Steps: []reconcile.StatusStep{
			verified("rewind-orders", "orders-billing/orders", "active", viewtest.Drifted(3)),
			verified("rewind-many", "orders-billing/many", "idle", viewtest.Drifted(40)), gone,
		},
	}
	file := &lock.File{Version: 1, Plan: "orders-replay", Runs: map[string]*lock.Run{
		"once":       {By: "alice@build-7", Started: lock.AtTime(t0), Outcome: lock.RunApplied, Sequence: 1, Steps: []*lock.Step{&steps[0]}},
		"2026-11-20": {By: "cron@build-7", Started: lock.AtTime(t0.Add(time.Hour)), Outcome: lock.RunInDoubt, Sequence: 2, Steps: []*lock.Step{&doubt}},
	}}
	forms := strings.Fields("earliest latest timestamp offset offsets current unset shift group lock")
	matrix := []check.Row{
		{Type: "kafka", Reads: "exact", Bounds: "exact", Activity: "exact", Consumers: "must be idle", Undo: "exact", To: forms},
		{Type: "huawei-rocketmq", Reads: "inferred", Bounds: "exact", Activity: "exact", Consumers: "must be active", Undo: "inferred", To: forms[2:3]},
	}
	none := view.Options{}
	return []look{
		{"the result of an apply", none, result(steps, false)},
		{"the result of a rollback", none, result(undone, true)},
		{"the result of an empty run", none, result(nil, false)},
		{"the status of a run", none, func(w io.Writer, o view.Options) error { return Status(w, status, o) }},
		{"the status of many groups", view.Options{Columns: 80}, func(w io.Writer, o view.Options) error {
			many := *status
			many.Steps = nil
			for i := range 30 {
				one := verified(fmt.Sprintf("rewind[billing-%02d]", i), fmt.Sprintf("billing-%02d/orders", i), "idle", viewtest.Drifted(3+i))
				if i == 7 {
					one.Error, one.Parts = "kafka: read groups: denied", nil
				}
				many.Steps = append(many.Steps, one)
			}
			return Status(w, &many, o)
		}},
		{"the status of an unknown run", none, func(w io.Writer, o view.Options) error {
			return Status(w, &reconcile.Status{Name: "orders-replay", Run: viewtest.Hostile}, o)
		}},
		{"a lock", none, func(w io.Writer, o view.Options) error { return Lock(w, file, o) }},
		{"a diagnosis", none, func(w io.Writer, o view.Options) error { return Diagnosis(w, diagnosis(), o) }},
		{"a diagnosis without problems", none, func(w io.Writer, o view.Options) error {
			return Diagnosis(w, &doctor.Diagnosis{Healthy: true, Targets: 3, Partitions: 9}, o)
		}},
		{"the provider matrix", none, func(w io.Writer, o view.Options) error { return Providers(w, matrix, o) }},
	}
}

// diagnosis is a diagnosis with every kind of patient.
func diagnosis() *doctor.Diagnosis {
	finding := func(n int, kind doctor.Ailment, low, now, high, heal int64) doctor.Finding {
		f := doctor.Finding{
			Kind: kind, Part: providers.Part{Topic: "orders", Number: n},
			Low: viewtest.At(low), Committed: viewtest.At(now), High: viewtest.At(high),
		}
		if heal >= 0 {
			f.Heal = viewtest.At(heal)
		}
		if kind == doctor.BelowLow {
			f.Gone = viewtest.Number(95)
		}
		return f
	}
	patient := func(name, activity string, findings ...doctor.Finding) doctor.Patient {
		return doctor.Patient{ID: "all-kafka[" + name + "]", Address: "kafka:b:9092/" + name + "/*", Activity: activity, Findings: findings}
	}
	var many []doctor.Finding
	for n := range 20 {
		many = append(many, finding(n, doctor.BelowLow, 100, 5, 500, 100))
	}
	soon := finding(3, doctor.NearLow, 100, 120, 500, -1)
	soon.Why = "its next record is of 2026-11-20T03:00:00Z, and its log keeps 72h: it may be deleted in 2h"
	denied := patient("denied", "unknown")
	denied.Error = "kafka: read offsets of group denied: GROUP_AUTHORIZATION_FAILED"
	return &doctor.Diagnosis{Name: "p", Targets: 5000, Partitions: 15000, Unread: 1, Skipped: 2, NotChecked: []string{"enos-pipeline"}, Healable: 21,
		Found: map[doctor.Ailment]int{doctor.BelowLow: 20, doctor.BeyondHigh: 1, doctor.NearLow: 1, doctor.NoCommit: 1},
		Patients: []doctor.Patient{
			patient("many", "idle", many...), patient("few", "active", finding(0, doctor.BeyondHigh, 0, 501, 500, 500), soon),
			patient("\x1b[31m\u202e", "idle", doctor.Finding{Kind: doctor.NoCommit}), denied,
		}}
}

func TestPlan(t *testing.T) {
	var out bytes.Buffer
	if err := Plan(&out, viewtest.Sample(), view.Options{}); err != nil {
		t.Fatal(err)
	}
	viewtest.Golden(t, "plan.txt", out.String())
	fits(t, view.Options{}, out.String())
	const summary = "Plan: 2 steps to reset, 1 unchanged, 1 done, 1 blocked. Up to 1,204,133 records delivered again, " +
		"up to 6 skipped, 0 partitions set, on 1,204 partitions."
	if !strings.Contains(out.String(), summary) {
		t.Error("the summary differs from the manual")
	}
}

func TestWideShowsEveryPart(t *testing.T) {
	var out bytes.Buffer
	if err := Plan(&out, viewtest.Sample(), view.Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"orders/0 ", "orders/39 ", "a-topic-with-a-name-that-is-much-longer-than-any-column-of-a-table/0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not shown", want)
		}
	}
}

func FuzzNamesInText(f *testing.F) {
	wide := view.Options{Wide: true}
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		for what, write := range map[string]func(io.Writer, string) error{
			"plan":   func(w io.Writer, name string) error { return Plan(w, viewtest.PlanNamed(name), wide) },
			"status": func(w io.Writer, name string) error { return Status(w, viewtest.StatusNamed(name), wide) },
		} {
			got := viewtest.Render(t, func(w io.Writer) error { return write(w, name) })
			want := viewtest.Render(t, func(w io.Writer) error { return write(w, viewtest.Harmless) })
			if viewtest.Spaced(got) != viewtest.Renamed(want, name) {
				t.Errorf("%s: got\n%s\nwant\n%s", what, viewtest.Spaced(got), viewtest.Renamed(want, name))
			}
		}
	})
}
