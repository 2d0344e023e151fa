package reconcile_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan/reconcile"
)

// TestAnApprovalUsesTheDigestsOfThePlan counts what the approval of a plan of 200 steps
// allocates: a mapping of their ids, and no digest.
func TestAnApprovalUsesTheDigestsOfThePlan(t *testing.T) {
	const groups = 200
	r, reader := crowd(t, groups, 2)
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if given := p.Approval(); len(given.Steps) != groups || given.Steps["g-00199"] == "" {
		t.Fatalf("the approval has %d steps", len(given.Steps))
	}
	if n := testing.AllocsPerRun(10, func() { p.Approval() }); n > groups/2 {
		t.Errorf("the approval of %d steps needs %v allocations", groups, n)
	}
}
