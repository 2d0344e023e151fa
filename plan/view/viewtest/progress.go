package viewtest

import (
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/watch"
)

// Watched is a reading of a watch with steps in every state.
func Watched() *watch.Progress {
	rate := func(n float64) *float64 { return &n }
	return &watch.Progress{
		At: time.Date(2026, 11, 20, 3, 5, 0, 0, time.UTC), Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, UnderWay: true,
		Steps: []watch.StepProgress{
			{
				ID: "done", Address: "kafka:b:9092/done/orders", Outcome: lock.Verified, Settled: true, CaughtUp: true, Done: Number(1200),
				Total: Number(1200), Lag: Number(0), Rate: rate(400), Arrival: rate(0), ETA: Number(0), Activity: "active",
			},
			{
				ID: "rewind-orders", Address: "kafka:b:9092/orders-billing/orders", Outcome: lock.Verified, Settled: true, Done: Number(4200),
				Total: Number(10_000), Lag: Number(5800), Rate: rate(500), Arrival: rate(20), ETA: Number(12), Activity: "active",
				Members: []string{"billing-1 at /10.0.0.1"}, Race: "retention of 168h reaches the oldest record in 41h and does not overtake the consumers",
			},
			{
				ID: "lost", Address: "kafka:b:9092/lost/orders", Outcome: lock.Verified, Done: Number(10), Total: Number(900), Lag: Number(890),
				Failure: watch.Overwritten, Overwritten: "another client committed over it: orders/0 went from offset:100 to offset:250", Activity: "idle",
			},
			{ID: "rerun", Address: "enos-pipeline:127.0.0.1/o/p", Outcome: lock.Applied, Activity: "unknown", Error: "the service does not answer"},
		},
	}
}

// WatchedNamed is a reading that has a name in every place that shows one.
func WatchedNamed(name string) *watch.Progress {
	return &watch.Progress{Name: name, Run: name, Away: "no answer from " + name + " end", Outcome: lock.RunApplied, Steps: []watch.StepProgress{{
		ID: name, Address: name, Outcome: lock.Applied, Failure: watch.Stuck, Stuck: "stuck " + name + " end", Error: "error " + name + " end",
		Race: "race " + name + " end", Activity: "active", Members: []string{name},
	}}}
}
