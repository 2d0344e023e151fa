package reconcile

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

// TestRollbackToAnUnknownTimeIsRefused has a partition for which the service did not
// report the time up to which it had been read.
func TestRollbackToAnUnknownTimeIsRefused(t *testing.T) {
	caps := memory.Full()
	caps.Moves, caps.Undo = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}, providers.Inferred
	parts := []lock.Part{{Part: providers.Part{Topic: "orders"}, ReadUpTo: lock.AtTime(time.Unix(9, 0))},
		{Part: providers.Part{Topic: "orders", Number: 1}}}
	conn := &survey.Connection{Kind: memory.New(memory.NewService(), caps), Caps: caps}
	if _, why := backByTime(parts, &schema.Step{Approximate: true}, conn); !strings.Contains(why, "cannot restore positions exactly") {
		t.Errorf("got %q", why)
	}
}

// TestAPartitionReadToItsEndHasNoTimeToGoBackTo has one that was empty, and one of which
// records are waiting.
func TestAPartitionReadToItsEndHasNoTimeToGoBackTo(t *testing.T) {
	caps := memory.Full()
	caps.Moves, caps.Undo = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}, providers.Inferred
	conn := &survey.Connection{Kind: memory.New(memory.NewService(), caps), Caps: caps}
	read := lock.Part{Part: providers.Part{Topic: "orders"}, Before: providers.AtOffset(7), High: providers.AtOffset(9), ReadUpTo: lock.AtTime(time.Unix(9, 0))}
	for high, possible := range map[int64]bool{5: true, 6: false} {
		other := lock.Part{Part: providers.Part{Topic: "orders", Number: 1}, Before: providers.AtOffset(5), High: providers.AtOffset(high)}
		back, why := backByTime([]lock.Part{read, other}, &schema.Step{Approximate: true}, conn)
		if (why == "") != possible || possible && back[1].After != providers.AtTime(time.Unix(9, 0)) {
			t.Errorf("the end is %d: got %+v, %q", high, back, why)
		}
		if _, why := backByTime([]lock.Part{other}, &schema.Step{Approximate: true}, conn); why == "" {
			t.Errorf("the end is %d: it goes back to no time", high)
		}
	}
}
