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
