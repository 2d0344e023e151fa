package reconcile_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan/reconcile"
)

// TestAnApplyWithNothingToDoDecidesNothingAgain counts the bytes that an apply allocates
// after its plan, with 20,000 partitions that are done: what the plan has read and decided
// of them holds.
func TestAnApplyWithNothingToDoDecidesNothingAgain(t *testing.T) {
	const groups, partitions = 200, 100
	r, reader := crowd(t, groups, partitions)
	if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: 8}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	applied := measure(func() any {
		result, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()})
		if err != nil || !result.Idle {
			t.Fatalf("the second apply is not idle: %v", err)
		}
		return result
	})
	const most = 60 // bytes; a decision about a partition has more than 250
	if each := applied.allocated / (groups * partitions); each > most {
		t.Errorf("an apply with nothing to do allocates %d bytes for each partition, at most %d are expected", each, most)
	}
}
