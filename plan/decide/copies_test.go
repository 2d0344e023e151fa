package decide_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// TestAQuestionDoesNotCopyTheRecordedParts counts what it costs to find out what must be
// read for a step that is done: one list of names, and no copy of the record.
func TestAQuestionDoesNotCopyTheRecordedParts(t *testing.T) {
	q := question(schema.To{Form: schema.ToEarliest})
	q.Capabilities.Resolves = map[providers.Kind]bool{providers.Time: true}
	q.Record = recorded(lock.Verified, 0, 10, 5)
	for n := range 99 {
		q.Record.Parts = append(q.Record.Parts, lock.Part{Part: plantest.Orders(n + 1), Before: providers.AtOffset(10), After: providers.AtOffset(5)})
	}
	if also := q.Also(); len(also) != 100 || also[99] != plantest.Orders(99) {
		t.Fatalf("the recorded parts are read as %v", also)
	}
	if n := testing.AllocsPerRun(10, func() { q.Also() }); n > 2 { // 1, and 2 with the race detector
		t.Errorf("the names of 100 recorded parts need %v allocations, want at most 2", n)
	}
	if n := testing.AllocsPerRun(10, func() { q.Resolve() }); n > 0 {
		t.Errorf("100 recorded parts without a time need %v allocations, want none", n)
	}
}
