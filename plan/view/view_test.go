package view

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

var update = flag.Bool("update", false, "rewrite golden files")

func part(topic string, n int, low, before, after, high int64, effect plan.Effect, count int64) plan.Part {
	lagBefore, lagAfter := high-before, high-after
	return plan.Part{Part: providers.Part{Topic: topic, Number: n}, Low: providers.AtOffset(low), Before: providers.AtOffset(before), After: providers.AtOffset(after), High: providers.AtOffset(high),
		Effect: effect, Count: &count, Bound: plan.BoundUpper, LagBefore: &lagBefore, LagAfter: &lagAfter}
}

// sample is a plan with a step of each action, wide names and hostile text.
func sample() *plan.Plan {
	var many []plan.Part
	for n := range 40 {
		many = append(many, part("orders", n, 0, 1200+int64(n), 800, 1500, plan.EffectReplay, 400+int64(n)))
	}
	many[20].Note = "clamped from offset:-5"
	blocked := part("a-topic-with-a-name-that-is-much-longer-than-any-column-of-a-table", 0, 0, 3, 9, 9, plan.EffectSkip, 6)
	unset := plan.Part{Part: providers.Part{Topic: "audit", Number: 3}, Low: providers.AtOffset(0), High: providers.AtOffset(9), Before: providers.AtOffset(9), After: providers.At(providers.Unset), Effect: plan.EffectUnknown}
	return &plan.Plan{FormatVersion: 1, Name: "orders-replay", Run: "once", Digest: "sha256:0123", Document: "sha256:4567", CreatedAt: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC),
		Summary: plan.Summary{Reset: 2, Keep: 1, Done: 1, Blocked: 1, Partitions: 1204, Replay: 1204133, Skip: 6, Unknown: 1, Bound: plan.BoundUpper},
		Steps: []plan.Step{
			{ID: "rewind-orders", Address: "kafka:b:9092/orders-billing/orders", To: "timestamp 2026-11-18T00:00:00Z", Action: plan.Reset, Activity: "idle", Warnings: []string{"orders/20 was asked for more than there is."}, Parts: many},
			{ID: "forward", Address: "kafka:b:9092/g/t", To: "offset 9", Action: plan.Blocked, Activity: "active", Why: "it skips up to 6 records. Write `resetplan lock settle FILE forward applied`, or else.", Parts: []plan.Part{blocked}},
			{ID: "evil", Address: "kafka:b/\x1b[31m\u202egroup\n/t", To: "unset", Action: plan.Reset, Activity: "unknown", Parts: []plan.Part{unset}},
			{ID: "there", Address: "kafka:b/g/x", To: "current", Action: plan.Keep, Activity: "idle", Why: "it stands there already", Parts: []plan.Part{part("x", 0, 0, 5, 5, 9, plan.EffectKeep, 0)}},
		}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s", name, got)
	}
}

func TestPlan(t *testing.T) {
	var out bytes.Buffer
	if err := Plan(&out, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.txt", out.String())
	for _, line := range strings.Split(out.String(), "\n") {
		if len([]rune(line)) > width && !strings.HasPrefix(line, "Plan:") {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Error("it shows what a terminal acts on")
	}
	if !strings.Contains(out.String(), "Plan: 2 steps to reset, 1 unchanged, 1 done, 1 blocked. Up to 1,204,133 records delivered again, up to 6 skipped, 0 partitions set, on 1,204 partitions.") {
		t.Error("the summary is another")
	}
}

func TestWideShowsEveryPart(t *testing.T) {
	var out bytes.Buffer
	if err := Plan(&out, sample(), Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"orders/0 ", "orders/39 ", "a-topic-with-a-name-that-is-much-longer-than-any-column-of-a-table/0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not shown", want)
		}
	}
}

func TestJSONIsOneDocument(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, sample()); err != nil {
		t.Fatal(err)
	}
	var back plan.Plan
	d := json.NewDecoder(&out)
	if err := d.Decode(&back); err != nil || d.More() {
		t.Fatal(err)
	}
	if p := back.Steps[2].Parts[0]; p.Count != nil || p.After != providers.At(providers.Unset) || back.Steps[0].Parts[39].Before != providers.AtOffset(1239) {
		t.Errorf("got %+v", p)
	}
}
