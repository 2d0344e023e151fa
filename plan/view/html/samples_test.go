package html

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
)

// injection is a name that would break out of a page, a script, an attribute
// and a table, in several languages.
const injection = "</script><script>alert(1)</script><img src=x onerror=alert(2)>|" +
	"`\"'&amp;{{.}}\u2028\u2029\u202e\n<!-- 日本 עברית 🦊 -->"

// everything is a plan with one of everything that the page can show.
func everything() *plan.Plan {
	blocked := viewtest.Step("forward-payments", plan.Blocked,
		viewtest.Moved("payments", 0, 0, 300, 400, 500), viewtest.Moved("payments", 1, 1000, 20, 1000, 5000))
	blocked.Why = "this would skip up to 1,080 records, which would never be delivered; guards.maxSkip allows 0. " +
		"Set guards.maxSkip to the number of records you accept losing, or to unlimited."
	blocked.Warnings = []string{"payments/1 is committed at 20, before the start of the log (1000)."}
	oldest := time.Date(2026, 11, 18, 0, 0, 3, 0, time.UTC)
	rate := 1200.0
	rewind := viewtest.Step("rewind-orders", plan.Reset, viewtest.Many()...)
	rewind.Impact = &plan.Impact{
		Bytes: viewtest.Number(1_288_490_188), Oldest: &oldest, Rate: &rate, CatchUp: viewtest.Number(912),
		Race:     "retention deletes the last of it 41 hours after it has been read",
		LogStart: new(oldest.Add(-100 * time.Hour)), Retention: viewtest.Number(7 * 24 * 3600),
	}
	shards := viewtest.Step("reindex-access-log", plan.Reset,
		shard(0, 1447299010000000000, 900, 400, 1000), shard(1, 1447299020000000000, 700, 700, 700))
	shards.Address, shards.Type = "aliyun-sls:cn-hangzhou/sandbox/access-log/access-log-etl", "aliyun-sls"
	whole := viewtest.Step("rerun-pipeline", plan.Reset, plan.Part{After: providers.At(providers.Default), Effect: plan.EffectUnknown})
	whole.Address, whole.To, whole.Activity = "enos-pipeline:127.0.0.1/o15sandbox/sandbox-pipeline", "default", "unknown"
	evil := viewtest.Step("all["+injection+"]", plan.Reset, viewtest.Moved(injection, 0, 0, 3, 2, 5))
	evil.Address, evil.To, evil.Why, evil.Warnings = injection, injection, injection, []string{injection}
	evil.Parts[0].Note = injection
	keep := viewtest.Step("keep-audit", plan.Keep, viewtest.Moved("audit", 0, 0, 100, 100, 500), viewtest.Moved("audit", 1, 7, 7, 7, 7))
	done := viewtest.Step("done-audit", plan.Done)
	keep.Why, done.Why = "already at the target", "already applied in this run (verified at 2026-11-20T03:00:05.000Z)"
	ledger := viewtest.Step("rewind-ledger", plan.Reset, viewtest.Vast("ledger", math.MaxInt64-10_000_000)...)
	summary := plan.Summary{Reset: 5, Keep: 1, Done: 1, Blocked: 1, Partitions: 40, Replay: 48003932, Skip: 14, Unknown: 1, Bound: plan.BoundUpper}
	p := viewtest.Plan(summary, rewind, ledger, blocked, shards, whole, evil, keep, done)
	viewtest.Reviewed(p)
	p.Params["evil"], p.Labels["evil"] = injection, injection
	p.Steps[0].To, p.Steps[0].Relative, p.Steps[0].At = "timestamp 2026-11-18 00:00 UTC (now-51h)", "now-51h", new(p.CreatedAt.Add(-51*time.Hour))
	return p
}

func shard(n int, low, before, after, high int64) plan.Part {
	p := viewtest.Moved("shard", n, low, low+before, low+after, low+high)
	for _, position := range []*providers.Position{&p.Low, &p.High, &p.Before, &p.After} {
		*position = cursor(*position)
	}
	p.FromLow = map[providers.Position]int64{p.Low: 0, p.High: high, p.Before: before, p.After: after}
	return p
}

// cursor is the cursor of Log Service for an offset.
func cursor(p providers.Position) providers.Position {
	n, _ := p.Offset()
	text, _ := json.Marshal([]byte(fmt.Sprint(n)))
	return providers.AtCursor(strings.Trim(string(text), `"`))
}

// everyOutcome is a status with one of everything that the page can show.
func everyOutcome() *reconcile.Status {
	t0 := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	parts := func(n int) []reconcile.StatusPart {
		parts := viewtest.Drifted(n)
		for i := range parts {
			if i != 1 { // which no longer exists
				parts[i].Low = viewtest.At(10)
			}
		}
		return parts
	}
	back := parts(1)
	back[0].Now, back[0].Moved, back[0].Lag = viewtest.At(40), viewtest.Number(-60), viewtest.Number(460)
	back[0].Drifted, back[0].Drift = true, "moved back by 60"
	unread := parts(1)
	unread[0].Seen = providers.Position{}
	step := func(id, address string, outcome lock.Outcome, activity string, parts []reconcile.StatusPart) reconcile.StatusStep {
		return reconcile.StatusStep{ID: id, Address: address, Outcome: outcome, At: t0, Activity: activity, Parts: parts}
	}
	const group = "kafka:broker:9092/orders-billing/"
	overwritten := step("rewind-back", group+"back", lock.Overwritten, "idle", back)
	overwritten.Why = "another client committed"
	gone := step("rewind-gone", "kafka:broker:9092/gone/"+injection, lock.Verified, "unknown", []reconcile.StatusPart{})
	gone.Error = "kafka: read groups: " + injection
	return &reconcile.Status{
		Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7" + injection, Started: &t0, Finished: &t0, Drifted: true,
		Steps: []reconcile.StatusStep{
			step("rewind-orders", group+"orders", lock.Verified, "active", parts(3)),
			step("rewind-many", group+"many", lock.Verified, "idle", parts(40)), overwritten,
			step("rewind-late", "huawei-rocketmq:cn-north-4/i/g/t", lock.Applied, "active", unread), gone,
		},
	}
}
