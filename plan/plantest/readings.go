package plantest

import (
	"time"

	"github.com/resetplan/resetplan/providers"
)

// Now is the time at which every test starts.
var Now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

// ExactCapabilities describes a service that reports everything exactly.
func ExactCapabilities() providers.Capabilities {
	return providers.Capabilities{
		Moves:    map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Unset: providers.PerPart},
		Resolves: map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Time: true, providers.Group: true},
		Reads:    providers.Exact, Bounds: providers.Exact, Activity: providers.Exact, Needs: providers.Idle, Undo: providers.Exact,
	}
}

// Orders returns a partition of topic orders.
func Orders(n int) providers.Part { return providers.Part{Topic: "orders", Number: n} }

// At returns the reading of partition n of topic orders. A negative committed means
// that there is no commit.
func At(n int, low, committed, high int64) providers.PartReading {
	r := providers.PartReading{Part: Orders(n), Low: providers.AtOffset(low), High: providers.AtOffset(high),
		Committed: providers.AtOffset(committed), LogID: "log"}
	if committed < 0 {
		r.Committed = providers.At(providers.Unset)
	}
	return r
}

// Idle returns the snapshot of a group without members.
func Idle(parts ...providers.PartReading) providers.Snapshot {
	return providers.Snapshot{GroupState: providers.Committed, Activity: providers.Activity{State: providers.Idle, Why: "Empty"}, Parts: parts}
}
