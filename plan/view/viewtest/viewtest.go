// Package viewtest holds the plans, statuses and names that the tests of all
// views render, and compares what they render with golden files. Only tests
// import it.
//
// The invariant: no result depends on the time or the machine, so that golden
// files stay equal.
package viewtest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Golden compares a text with a file in testdata, which -update rewrites.
func Golden(t *testing.T, name, got string) {
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

// At is an offset as a position.
func At(n int64) providers.Position { return providers.AtOffset(n) }

// Number is a number that may be unknown.
func Number(n int64) *int64 { return &n }

// Moved is a part that moves from one offset to another.
func Moved(topic string, number int, low, before, after, high int64) plan.Part {
	p := plan.Part{
		Part: providers.Part{Topic: topic, Number: number}, Low: At(low), High: At(high), Before: At(before), After: At(after),
		Effect: plan.EffectKeep, Count: Number(max(before-after, after-before)), Bound: plan.BoundUpper,
		LagBefore: Number(high - before), LagAfter: Number(high - after),
	}
	if after < before {
		p.Effect = plan.EffectReplay
	}
	if after > before {
		p.Effect = plan.EffectSkip
	}
	return p
}

// Plan is a plan of some steps with a given summary.
func Plan(s plan.Summary, steps ...plan.Step) *plan.Plan {
	return &plan.Plan{
		FormatVersion: 1, Name: "orders-replay", Run: "once",
		Digest: "sha256:" + strings.Repeat("ab", 32), Document: "sha256:" + strings.Repeat("cd", 32),
		CreatedAt: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), Summary: s, Steps: steps,
	}
}

// Step is a step of a plan.
func Step(id string, action plan.Action, parts ...plan.Part) plan.Step {
	return plan.Step{
		ID: id, Provider: "k", Type: "kafka", Address: "kafka:broker:9092/orders-billing/orders", Digest: "sha256:" + strings.Repeat("ef", 32),
		To: "timestamp 2026-11-18T00:00:00Z", Action: action, Warnings: []string{}, Activity: "idle", Parts: parts,
	}
}

// Many are 24 partitions: most move back, some forward, two have no commit, and
// the target of one was before the start of its log.
func Many() []plan.Part {
	var parts []plan.Part
	for i := range 24 {
		n := int64(i)
		switch {
		case i == 7 || i == 8:
			parts = append(parts, plan.Part{
				Part: providers.Part{Topic: "orders", Number: i}, Low: At(0), High: At(500), Before: providers.At(providers.Unset),
				After: At(100 + n), Effect: plan.EffectSet, LagAfter: Number(400 - n),
			})
		case i == 12:
			p := Moved("orders", i, 100, 300, 100, 500)
			p.Note = "200 records in the range have been deleted"
			parts = append(parts, p)
		case i%10 == 9:
			parts = append(parts, Moved("orders", i, 0, 300, 310+n, 500+n))
		default:
			parts = append(parts, Moved("orders", i, 0, 300+n, 100+2*n, 1500+n))
		}
	}
	return parts
}

// Groups is a plan of a step with many groups: some are blocked, some skip, the others
// replay, each another number of records.
func Groups(n int) *plan.Plan {
	var steps []plan.Step
	for i := range n {
		group := fmt.Sprintf("billing-of-country-%03d", i)
		var parts []plan.Part
		for number := range 3 {
			after := int64(1000 - 10*i)
			if i%25 == 7 {
				after = int64(1100 + i)
			}
			parts = append(parts, Moved("orders", number, 0, 1000, after, 5000))
		}
		s := Step("rewind-orders["+group+"]", plan.Reset, parts...)
		s.Address = "kafka:broker:9092/" + group + "/orders"
		if i%25 == 3 {
			s.Action, s.Why, s.Activity = plan.Blocked, "the group is active: Stable, worker at 10.0.0.7. Stop its consumers.", "active"
		}
		if i%10 == 0 {
			s.Warnings = []string{"the metadata of the commits is replaced by empty metadata."}
		}
		steps = append(steps, s)
	}
	return Plan(plan.Summarise(steps), steps...)
}

// Explained is a plan that says why it is made, with a relative time and a loss.
func Explained() *plan.Plan {
	s := Step("rewind-orders", plan.Reset, Moved("orders", 0, 0, 1200, 800, 1500), Moved("orders", 1, 0, 1200, 1400, 1500))
	s.To, s.Relative, s.Group = "timestamp 2026-11-18 15:00 UTC (now-36h)", "now-36h", "orders-billing"
	p := Plan(plan.Summarise([]plan.Step{s}), s)
	p.Description = "Replay orders after the bad deploy of 18 November, which wrote wrong invoices for two hours."
	p.Labels, p.Params = map[string]string{"incident": "INC-4711", "team": "billing"}, map[string]any{"since": "now-36h", "limit": int64(2000000)}
	return p
}

// Vast are partitions with large offsets.
func Vast(topic string, base int64) []plan.Part {
	var parts []plan.Part
	for i := range 12 {
		n := int64(i) * 977
		parts = append(parts, Moved(topic, i, base+n, base+5_000_000+n, base+1_000_000+n, base+9_000_000+n))
	}
	return parts
}

// Sample is a plan with several actions, a long name and hostile text.
func Sample() *plan.Plan {
	var many []plan.Part
	for n := range 40 {
		many = append(many, sampled("orders", n, 1200+int64(n), 800, 1500, plan.EffectReplay, 400+int64(n)))
	}
	many[20].Note = "clamped from offset:-5"
	blocked := sampled("a-topic-with-a-name-that-is-much-longer-than-any-column-of-a-table", 0, 3, 9, 9, plan.EffectSkip, 6)
	unset := plan.Part{
		Part: providers.Part{Topic: "audit", Number: 3}, Low: At(0), High: At(9), Before: At(9),
		After: providers.At(providers.Unset), Effect: plan.EffectUnknown,
	}
	return &plan.Plan{
		FormatVersion: 1, Name: "orders-replay", Run: "once", Digest: "sha256:0123", Document: "sha256:4567",
		CreatedAt: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC),
		Summary:   plan.Summary{Reset: 2, Keep: 1, Done: 1, Blocked: 1, Partitions: 1204, Replay: 1204133, Skip: 6, Unknown: 1, Bound: plan.BoundUpper},
		Steps: []plan.Step{
			{
				ID: "rewind-orders", Address: "kafka:b:9092/orders-billing/orders", To: "timestamp 2026-11-18T00:00:00Z", Action: plan.Reset,
				Activity: "idle", Warnings: []string{"requested offset -5 of orders/20 is before the start of the log: using offset 0."}, Parts: many,
			},
			{
				ID: "forward", Address: "kafka:b:9092/g/t", To: "offset 9", Action: plan.Blocked, Activity: "active",
				Why:   "this would skip up to 6 records. If it already has, run `resetplan lock settle FILE forward applied`.",
				Parts: []plan.Part{blocked},
			},
			{ID: "evil", Address: "kafka:b/\x1b[31m\u202egroup\n/t", To: "unset", Action: plan.Reset, Activity: "unknown", Parts: []plan.Part{unset}},
			{
				ID: "there", Address: "kafka:b/g/x", To: "current", Action: plan.Keep, Activity: "idle", Why: "already at the target",
				Parts: []plan.Part{sampled("x", 0, 5, 5, 9, plan.EffectKeep, 0)},
			},
		},
	}
}

func sampled(topic string, n int, before, after, high int64, effect plan.Effect, count int64) plan.Part {
	p := Moved(topic, n, 0, before, after, high)
	p.Effect, p.Count = effect, &count
	return p
}

// Drifted are parts of a status: one no longer exists, the others have moved on
// by their number.
func Drifted(n int) []reconcile.StatusPart {
	var parts []reconcile.StatusPart
	for i := range n {
		p := reconcile.StatusPart{
			Part: providers.Part{Topic: "orders", Number: i}, Before: At(300), After: At(100), Seen: At(100),
			Now: At(100 + int64(i)), High: At(500), Moved: Number(int64(i)), Lag: Number(400 - int64(i)),
		}
		switch {
		case i == 1:
			p.Now, p.High, p.Moved, p.Lag, p.Drifted, p.Drift = providers.Position{}, providers.Position{}, nil, nil, true, "it no longer exists"
		case i > 1:
			p.Drifted, p.Drift = true, "moved on by "+text.Grouped(int64(i))
		}
		parts = append(parts, p)
	}
	return parts
}
