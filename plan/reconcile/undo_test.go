package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// byTimeOnly makes the service accept only one time for the whole target.
func byTimeOnly(r *plantest.Rig) {
	r.Caps = memory.Full()
	r.Caps.Moves = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}
	r.Caps.Resolves, r.Caps.Undo = nil, providers.Inferred
	r.To = schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: plantest.Now.Add(-5*time.Hour - time.Minute)}, WhenPastEnd: "end"}
}

func TestRollbackByTimeNeedsApproximateAndSkipsNothing(t *testing.T) {
	r := plantest.New(t)
	byTimeOnly(r)
	r.Service.Commit("a", plantest.Orders(1), 3, nil)
	reader := r.Open("x a 0")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Blocked || !strings.Contains(p.Steps[0].Why,
		"Set approximate: true in the step to go back to 2026-11-19T23:00:00Z") {
		t.Fatalf("got %+v, %v", p, err)
	}
	reader.Doc.Steps[0].Approximate = true
	p, err = reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Reset || len(p.Steps[0].Warnings) == 0 {
		t.Fatalf("got %+v, %v", p.Steps[0], err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	if got := r.Service.Committed("a"); got[plantest.Orders(0)] != providers.AtOffset(2) || got[plantest.Orders(1)] != providers.AtOffset(2) {
		t.Errorf("it was at 4 and 3, and is rolled back to %v", got)
	}
	if got := r.Outcomes(); !strings.Contains(got, "x=undone") {
		t.Errorf("the lock holds %q", got)
	}
}

// TestEditedStepIsRolledBackToItsFirstPosition applies a step, edits it and applies it
// again, in one run.
func TestEditedStepIsRolledBackToItsFirstPosition(t *testing.T) {
	r := plantest.New(t)
	for _, offset := range []string{"2", "0"} {
		if _, err := r.Apply(r.Open("x a "+offset+"\ny b 1"), reconcile.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		r.Now = r.Now.Add(time.Minute)
	}
	reader := r.Open("x a 0\ny b 1")
	st, err := reconcile.ReadStatus(t.Context(), reader, r.Sel())
	if err != nil || st.Drifted || len(st.Steps) != 3 || len(st.Steps[0].Parts) != 0 || st.Steps[0].Why == "" {
		t.Errorf("the status is %+v, %v", st, err)
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || p.Summary.Blocked != 0 || p.Steps[0].Parts[0].After != providers.AtOffset(4) || p.Steps[2].Action != plan.Keep {
		t.Fatalf("the undo is %+v, %v", p, err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "undone x=undone y=undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if st, err = reconcile.ReadStatus(t.Context(), reader, r.Sel()); err != nil || st.Drifted {
		t.Errorf("after the rollback the status is %+v, %v", st, err)
	}
}

func TestApproximateDoesNotChangeTheStepDigest(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("x a 0"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	reader := r.Open("x a 0")
	reader.Doc.Steps[0].Approximate = true
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Done {
		t.Errorf("got %+v, %v", p.Steps[0], err)
	}
}

// TestInterruptedRollbackRestoresNothingTwice stops a rollback after its first
// step, lets the consumers read on, and rolls back again.
func TestInterruptedRollbackRestoresNothingTwice(t *testing.T) {
	r := plantest.New(t)
	for _, offset := range []string{"2", "0"} {
		if _, err := r.Apply(r.Open("x a "+offset), reconcile.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		r.Now = r.Now.Add(time.Minute)
	}
	reader := r.Open("x a 0")
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || len(p.Steps) != 2 {
		t.Fatalf("got %+v, %v", p, err)
	}
	p.KeepFirst(1)
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	for n := range 2 {
		r.Service.Commit("a", plantest.Orders(n), 5, nil)
	}
	r.Now = r.Now.Add(time.Minute)
	if p, err = reconcile.PlanUndo(t.Context(), reader, r.Sel()); err != nil || len(p.Steps) != 1 || p.Steps[0].Action != plan.Keep {
		t.Fatalf("the second rollback is %+v, %v", p, err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 5)
	if got := r.Outcomes(); got != "undone x=undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

// TestKeptStepIsNotDoneAfterARollback writes the same targets in another form, so
// that the step is kept, and rolls the run back.
func TestKeptStepIsNotDoneAfterARollback(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("x a 2"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.Now = r.Now.Add(time.Minute)
	reader := r.Open("x a 2")
	reader.Doc.Steps[0].To = schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"orders": {0: 2, 1: 2}}}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil || r.Outcomes() != "applied x=verified x=keep" {
		t.Fatalf("%s, %v", r.Outcomes(), err)
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	if p, err = reconcile.Plan(t.Context(), reader, r.Sel()); err != nil || p.Steps[0].Action != plan.Reset {
		t.Errorf("after the rollback the step is %+v, %v", p.Steps[0], err)
	}
}

func TestRenamedStepIsRolledBackByItsAddress(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("x a 2"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	reader := r.Open("z a 2\ny b 1")
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].ID != "x" || p.Steps[0].Action != plan.Reset {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := reconcile.PlanUndo(t.Context(), r.Open("y b 1"), r.Sel()); err == nil {
		t.Error("a step whose target is not in the document is rolled back")
	}
}

// TestARollbackIdentifiesEachServiceOnce opens three steps of one connection.
func TestARollbackIdentifiesEachServiceOnce(t *testing.T) {
	jobs := reconcile.OneOfEachConnection(plantest.New(t).Open("x a 0\ny b 1\nz c 2"))
	if len(jobs) != 1 || jobs[0].ID != "x" {
		t.Errorf("got %d jobs", len(jobs))
	}
}
