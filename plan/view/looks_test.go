package view

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// hostile is a name that would colour, retitle and mirror a terminal.
const hostile = "evil\x1b[31m\x1b]0;title\x07\u202eredro\u200b\u009b2J\nnext"

// look is one golden file.
type look struct {
	name string // the file's, and a sentence
	opts Options
	show func(io.Writer, Options) error
}

func TestLooks(t *testing.T) {
	for _, l := range append(planLooks(), otherLooks()...) {
		t.Run(l.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := l.show(&out, l.opts); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.ReplaceAll(l.name, " ", "-")+".golden", out.String())
			fits(t, l.opts, out.String())
		})
	}
}

// fits fails where a line is too long, except the summary, whose form is
// fixed, and where something reached the output that steers a terminal.
func fits(t *testing.T, o Options, text string) {
	t.Helper()
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if columns(l) > width && !o.Wide && !strings.HasPrefix(l, "Plan: ") {
			t.Errorf("this line takes %d columns:\n%s", columns(l), l)
		}
		if i := strings.IndexFunc(l, harmful); i >= 0 && !o.Colour {
			t.Errorf("%q reached the output in %q", l[i], l)
		}
	}
}

func showPlan(p *plan.Plan) func(io.Writer, Options) error {
	return func(w io.Writer, o Options) error { return Plan(w, p, o) }
}

func at(n int64) providers.Position { return providers.AtOffset(n) }

func num(n int64) *int64 { return &n }

// moved is a part that goes from one offset to another in a log.
func moved(topic string, number int, low, before, after, high int64) plan.Part {
	p := plan.Part{
		Part: providers.Part{Topic: topic, Number: number}, Low: at(low), High: at(high), Before: at(before), After: at(after),
		Effect: plan.EffectKeep, Count: num(max(before-after, after-before)), Bound: plan.BoundUpper, LagBefore: num(high - before), LagAfter: num(high - after),
	}
	if after < before {
		p.Effect = plan.EffectReplay
	}
	if after > before {
		p.Effect = plan.EffectSkip
	}
	return p
}

// planOf makes a plan of steps, with a summary as given.
func planOf(s plan.Summary, steps ...plan.Step) *plan.Plan {
	return &plan.Plan{
		FormatVersion: 1, Name: "orders-replay", Run: "once", Digest: "sha256:" + strings.Repeat("ab", 32), Document: "sha256:" + strings.Repeat("cd", 32),
		CreatedAt: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), Summary: s, Steps: steps,
	}
}

func stepOf(id string, action plan.Action, parts ...plan.Part) plan.Step {
	return plan.Step{
		ID: id, Provider: "k", Type: "kafka", Address: "kafka:broker:9092/orders-billing/orders", Digest: "sha256:" + strings.Repeat("ef", 32),
		To: "timestamp 2026-11-18T00:00:00Z", Action: action, Warnings: []string{}, Activity: "idle", Parts: parts,
	}
}

// many are 24 partitions: most go back, some forward, two have nothing, one
// is asked for where its log begins.
func many() []plan.Part {
	var parts []plan.Part
	for i := range 24 {
		n := int64(i)
		switch {
		case i == 7 || i == 8:
			parts = append(parts, plan.Part{Part: providers.Part{Topic: "orders", Number: i}, Low: at(0), High: at(500), Before: providers.At(providers.Unset), After: at(100 + n), Effect: plan.EffectSet, LagAfter: num(400 - n)})
		case i == 12:
			p := moved("orders", i, 100, 300, 100, 500)
			p.Note = "part of the range is gone"
			parts = append(parts, p)
		case i%10 == 9:
			parts = append(parts, moved("orders", i, 0, 300, 310+n, 500+n))
		default:
			parts = append(parts, moved("orders", i, 0, 300+n, 100+2*n, 1500+n))
		}
	}
	return parts
}

// vast are partitions with offsets of so many digits.
func vast(topic string, base int64) []plan.Part {
	var parts []plan.Part
	for i := range 12 {
		n := int64(i) * 977
		parts = append(parts, moved(topic, i, base+n, base+5_000_000+n, base+1_000_000+n, base+9_000_000+n))
	}
	return parts
}

func planLooks() []look {
	upper := plan.Summary{Reset: 1, Partitions: 3, Replay: 610, Bound: plan.BoundUpper}
	blocked := stepOf("rewind-orders", plan.Blocked, moved("orders", 0, 0, 300, 400, 500))
	blocked.Why = "it skips up to 100 records, which would never be delivered; guards.maxSkip allows 0. Write the number that may be lost, or unlimited."
	blocked.Warnings = []string{"orders/0 was asked for 2026-11-18T00:00:00Z, but retention has removed everything before 2026-11-19T11:00:00Z.", "A second thing to know."}
	unknown := stepOf("seek", plan.Reset, plan.Part{Part: providers.Part{Topic: "shard", Number: 2}, After: providers.At(providers.Latest), Effect: plan.EffectUnknown}, plan.Part{Part: providers.Part{Topic: "topic_01", Broker: "broker-0", Number: 3}, Before: providers.AtCursor("MTUy"), After: providers.AtTime(time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)), Effect: plan.EffectUnknown})
	unknown.Activity, unknown.Why = "unknown", "relies on the promise idle: {assume: true}; the service says: unknown"
	whole := stepOf("rerun", plan.Reset, plan.Part{After: providers.At(providers.Default), Effect: plan.EffectUnknown})
	evil := stepOf("all["+hostile+"]", plan.Blocked, moved(hostile, 0, 0, 3, 2, 5))
	evil.Address, evil.Why, evil.To, evil.Warnings = hostile, hostile, hostile, []string{hostile}
	evil.Parts[0].Note = hostile
	long := stepOf("rewind-"+strings.Repeat("very-", 20)+"long", plan.Reset, moved(strings.Repeat("a-long-topic-name-", 12)+"end", 0, 0, 300, 100, 500))
	long.Address = "kafka:" + strings.Repeat("broker-with-a-name.example:9092,", 6) + "/group/*"
	keep, done := stepOf("keep-orders", plan.Keep, moved("orders", 0, 0, 100, 100, 500)), stepOf("done-orders", plan.Done)
	keep.Why, done.Why = "it stands there already", "this run has done it: verified at 2026-11-20T03:00:05.000Z"
	undo := planOf(plan.Summary{Reset: 1, Partitions: 1, Skip: 200, Bound: plan.BoundExact}, stepOf("rewind-orders", plan.Reset, moved("orders", 0, 0, 100, 300, 500)))
	undo.Undo = true
	spec := planOf(plan.Summary{Reset: 2, Keep: 1, Partitions: 12, Replay: 1204133, Bound: plan.BoundExact})
	return []look{
		{"equal parts are one line", Options{}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, moved("orders", 0, 0, 300, 100, 500), moved("orders", 1, 0, 300, 100, 500), moved("orders", 2, 0, 300, 100, 500))))},
		{"few parts that differ are shown one by one", Options{}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, moved("orders", 0, 0, 300, 100, 500), moved("orders", 1, 0, 310, 100, 500), moved("orders", 2, 0, 300, 100, 500))))},
		{"many parts are folded by what they do", Options{}, showPlan(planOf(plan.Summary{Reset: 1, Partitions: 24, Replay: 3431, Skip: 48, Bound: plan.BoundUpper}, stepOf("rewind-orders", plan.Reset, many()...)))},
		{"wide shows every part", Options{Wide: true}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, many()...)))},
		{"large numbers take two rows", Options{}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, vast("orders", 8_100_000_000)...)))},
		{"larger numbers take room from the name", Options{}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, vast("orders-of-the-whole-company", 81_000_000_000)...)))},
		{"numbers beyond all columns become sentences", Options{}, showPlan(planOf(upper, stepOf("rewind-orders", plan.Reset, vast("orders", 9_000_000_000_000_000_000)...)))},
		{"a blocked step says why and what to write", Options{}, showPlan(planOf(plan.Summary{Blocked: 1, Bound: plan.BoundExact}, blocked))},
		{"what is not known is not made up", Options{}, showPlan(planOf(plan.Summary{Reset: 2, Partitions: 3, Unknown: 3, Bound: plan.BoundExact}, unknown, whole))},
		{"foreign text cannot steer a terminal", Options{}, showPlan(planOf(plan.Summary{Blocked: 1, Bound: plan.BoundExact}, evil))},
		{"long names are cut in the middle", Options{}, showPlan(planOf(upper, long))},
		{"steps that are kept and done", Options{}, showPlan(planOf(plan.Summary{Keep: 1, Done: 1, Bound: plan.BoundExact}, keep, done))},
		{"an undo", Options{}, showPlan(undo)},
		{"colours", Options{Colour: true}, showPlan(planOf(plan.Summary{Blocked: 1, Keep: 1, Bound: plan.BoundExact}, blocked, keep))},
		{"a plan without steps has the summary of the manual", Options{}, showPlan(spec)},
	}
}

func otherLooks() []look {
	t0 := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	steps := []lock.Step{
		{ID: "rewind-orders", Outcome: lock.Verified, At: lock.AtTime(t0)},
		{ID: "rewind-audit", Outcome: lock.Failed, Why: "1 of 3 parts were refused, the others were moved", At: lock.AtTime(t0), Parts: []lock.Part{{Part: providers.Part{Topic: "audit", Number: 1}, Error: "kafka: commit audit: KAFKA_STORAGE_ERROR: " + hostile}}},
		{ID: "last", Outcome: lock.NotRun, At: lock.AtTime(t0)},
	}
	status := &reconcile.Status{Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7", Started: &t0, Drifted: true, Steps: []reconcile.StatusStep{
		{ID: "rewind-orders", Address: "kafka:broker:9092/orders-billing/orders", Outcome: lock.Verified, At: t0, Activity: "active", Parts: drifted(3)},
		{ID: "rewind-many", Address: "kafka:broker:9092/orders-billing/many", Outcome: lock.Verified, At: t0, Activity: "idle", Parts: drifted(40)},
		{ID: "rewind-gone", Address: "kafka:broker:9092/gone/" + hostile, Outcome: lock.Verified, At: t0, Activity: "unknown", Error: "kafka: read groups: " + hostile},
	}}
	file := &lock.File{Version: 1, Plan: "orders-replay", Runs: map[string]*lock.Run{
		"once":       {By: "alice@build-7", Started: lock.AtTime(t0), Outcome: lock.RunApplied, Sequence: 1, Steps: []*lock.Step{&steps[0]}},
		"2026-11-20": {By: "cron@build-7", Started: lock.AtTime(t0.Add(time.Hour)), Outcome: lock.RunInDoubt, Sequence: 2, Steps: []*lock.Step{{ID: "all[billing a]", Address: "kafka:broker:9092/billing a/orders", Outcome: lock.InDoubt, Why: "its answer was lost"}}},
	}}
	matrix := []check.Row{
		{Type: "kafka", Reads: "exact", Bounds: "exact", Activity: "exact", Consumers: "must be idle", Undo: "exact", To: []string{"earliest", "latest", "timestamp", "offset", "offsets", "current", "unset", "shift", "group", "lock"}},
		{Type: "huawei-rocketmq", Reads: "inferred", Bounds: "exact", Activity: "exact", Consumers: "must be active", Undo: "inferred", To: []string{"timestamp"}},
	}
	return []look{
		{"the result of an apply", Options{}, func(w io.Writer, o Options) error {
			return Result(w, &reconcile.Result{Name: "orders-replay", Run: "once", Outcome: lock.RunFailed, Steps: steps}, o)
		}},
		{"the result of a rollback", Options{}, func(w io.Writer, o Options) error {
			return Result(w, &reconcile.Result{Name: "orders-replay", Run: "once", Undo: true, Steps: []lock.Step{{ID: "a", Outcome: lock.Undone}, {ID: "b", Outcome: lock.Verified, Undo: &lock.Undo{Outcome: lock.Failed, Why: "denied"}}}}, o)
		}},
		{"the result of nothing", Options{}, func(w io.Writer, o Options) error {
			return Result(w, &reconcile.Result{Name: "orders-replay", Run: "once"}, o)
		}},
		{"the status of a run", Options{}, func(w io.Writer, o Options) error { return Status(w, status, o) }},
		{"the status of a run that is not there", Options{}, func(w io.Writer, o Options) error {
			return Status(w, &reconcile.Status{Name: "orders-replay", Run: hostile}, o)
		}},
		{"a lock", Options{}, func(w io.Writer, o Options) error { return Lock(w, file, o) }},
		{"the matrix of providers", Options{}, func(w io.Writer, _ Options) error { return Providers(w, matrix) }},
		{"a plan as JSON", Options{}, func(w io.Writer, _ Options) error {
			p := planOf(plan.Summary{Reset: 1, Partitions: 1, Replay: 400, Bound: plan.BoundUpper}, stepOf("rewind<&>orders", plan.Reset, moved("orders", 0, 0, 1200, 800, 1500)), stepOf("none", plan.Done))
			p.Steps[1].Parts = []plan.Part{}
			return JSON(w, p)
		}},
	}
}

// drifted are parts of a run: one gone, the others read on by their number.
func drifted(n int) []reconcile.StatusPart {
	var parts []reconcile.StatusPart
	for i := range n {
		p := reconcile.StatusPart{Part: providers.Part{Topic: "orders", Number: i}, Before: at(300), After: at(100), Seen: at(100), Now: at(100 + int64(i)), High: at(500), Moved: num(int64(i)), Lag: num(400 - int64(i))}
		switch {
		case i == 1:
			p.Now, p.High, p.Moved, p.Lag, p.Drift = providers.Position{}, providers.Position{}, nil, nil, "it no longer exists"
		case i > 1:
			p.Drift = "moved on by " + text.Grouped(int64(i))
		}
		parts = append(parts, p)
	}
	return parts
}

func TestJSONReadsBackAsItWas(t *testing.T) {
	want := map[string]any{"name": hostile, "beyond": "\U000E0041 & <b>", "plain": "日本語 ü"}
	var out bytes.Buffer
	if err := JSON(&out, want); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(strings.ReplaceAll(out.String(), "\n", ""), func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
		t.Errorf("something that steers a terminal is left in %q", out.String())
	}
	if strings.Contains(out.String(), `\u003c`) {
		t.Errorf("HTML is escaped in %s", out.String())
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back as %q", got)
	}
}
