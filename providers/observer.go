package providers

import (
	"context"
	"time"
)

// An Observer is a Pauser whose service reports no committed positions, but sums over
// a whole target while its consumers run. Sums from before a pause and from after the
// start show whether a reset between the two took effect.
type Observer interface {
	Pauser
	// Observe returns the sums that the service reports for a target whose consumers
	// run, sorted by time. A sum without a time or an offset is left out. Errors are those
	// of a Snapshot.
	Observe(ctx context.Context, t Target) ([]Sum, error)
}

// A Sum is what a service reports of all parts of a target together, at one moment.
type Sum struct {
	At     time.Time // by the service's clock
	Offset int64     // the sum of the committed offsets
	Lag    *int64    // the number of records behind the ends of the logs; nil = not reported
	Topic  string    // what the sum is about; "" = not reported
}
