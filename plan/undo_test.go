package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

// byTimeOnly is a service that takes a time for the whole and no offset.
func byTimeOnly(r *rig) {
	r.caps = memory.Full()
	r.caps.Moves = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}
	r.caps.Resolves, r.caps.Undo = nil, providers.Inferred
	r.to = schema.To{Form: schema.ToTimestamp, Time: schema.Instant{Time: now.Add(-5*time.Hour - time.Minute)}, WhenPastEnd: "end"}
}

func TestARollbackByTimeIsAskedForInWritingAndSkipsNothing(t *testing.T) {
	r := newRig(t)
	byTimeOnly(r)
	r.service.Commit("a", orders(1), 3, nil)
	rec := r.open("x a 0")
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil || p.Steps[0].Action != Blocked || !strings.Contains(p.Steps[0].Why, "Set approximate: true in the step to go back to 2026-11-19T23:00:00Z") {
		t.Fatalf("got %+v, %v", p, err)
	}
	rec.doc.Steps[0].Approximate = true
	p, err = rec.PlanUndo(t.Context(), r.sel())
	if err != nil || p.Steps[0].Action != Reset || len(p.Steps[0].Warnings) == 0 {
		t.Fatalf("got %+v, %v", p.Steps[0], err)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	if got := r.service.Committed("a"); got[orders(0)] != providers.AtOffset(2) || got[orders(1)] != providers.AtOffset(2) {
		t.Errorf("it stood at 4 and 3, and is taken back to %v", got)
	}
	if got := r.outcomes(); !strings.Contains(got, "x=undone") {
		t.Errorf("the lock holds %q", got)
	}
}

// TestARollbackByTimeThatCannotBeToldIsRefused has a part that may have been
// read up to any time.
func TestARollbackByTimeThatCannotBeToldIsRefused(t *testing.T) {
	caps := memory.Full()
	caps.Moves, caps.Undo = map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}, providers.Inferred
	parts := []lock.Part{{Part: providers.Part{Topic: "orders"}, ReadUpTo: time.Unix(9, 0)}, {Part: providers.Part{Topic: "orders", Number: 1}}}
	through := &connection{kind: memory.New(memory.NewService(), caps), caps: caps}
	if _, why := byTime(parts, &schema.Step{Approximate: true}, through); !strings.Contains(why, "cannot restore positions exactly") {
		t.Errorf("got %q", why)
	}
}

// TestAnEditedStepIsTakenBackAllTheWay applies a step, edits it and applies it
// again, in one run.
func TestAnEditedStepIsTakenBackAllTheWay(t *testing.T) {
	r := newRig(t)
	for _, offset := range []string{"2", "0"} {
		if _, err := r.apply(r.open("x a "+offset+"\ny b 1"), ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		r.now = r.now.Add(time.Minute)
	}
	rec := r.open("x a 0\ny b 1")
	st, err := rec.Status(t.Context(), r.sel())
	if err != nil || st.Drifted || len(st.Steps) != 3 || len(st.Steps[0].Parts) != 0 || st.Steps[0].Why == "" {
		t.Errorf("the status is %+v, %v", st, err)
	}
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil || p.Summary.Blocked != 0 || p.Steps[0].Parts[0].After != providers.AtOffset(4) || p.Steps[2].Action != Keep {
		t.Fatalf("the undo is %+v, %v", p, err)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 4)
	r.stands("b", 4)
	if got := r.outcomes(); got != "undone x=undone y=undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if st, err = rec.Status(t.Context(), r.sel()); err != nil || st.Drifted {
		t.Errorf("taken back, the status is %+v, %v", st, err)
	}
}

// TestWhatARollbackMayDoAsksForNoOtherReset holds the digest.
func TestWhatARollbackMayDoAsksForNoOtherReset(t *testing.T) {
	r := newRig(t)
	if _, err := r.apply(r.open("x a 0"), ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	rec := r.open("x a 0")
	rec.doc.Steps[0].Approximate = true
	p, err := rec.Plan(t.Context(), r.sel())
	if err != nil || p.Steps[0].Action != Done {
		t.Errorf("got %+v, %v", p.Steps[0], err)
	}
}

// keepFirst leaves out all steps but the first n.
func (p *Prepared) keepFirst(n int) { p.Steps, p.work = p.Steps[:n], p.work[:n] }

// TestARollbackThatWasCutOffTakesNothingBackTwice stops one after its first
// step, lets the consumers go on, and rolls back again.
func TestARollbackThatWasCutOffTakesNothingBackTwice(t *testing.T) {
	r := newRig(t)
	for _, offset := range []string{"2", "0"} {
		if _, err := r.apply(r.open("x a "+offset), ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		r.now = r.now.Add(time.Minute)
	}
	rec := r.open("x a 0")
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil || len(p.Steps) != 2 {
		t.Fatalf("got %+v, %v", p, err)
	}
	p.keepFirst(1)
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 4)
	for n := range 2 {
		r.service.Commit("a", orders(n), 5, nil)
	}
	r.now = r.now.Add(time.Minute)
	if p, err = rec.PlanUndo(t.Context(), r.sel()); err != nil || len(p.Steps) != 1 || p.Steps[0].Action != Keep {
		t.Fatalf("the second one is %+v, %v", p, err)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 5)
	if got := r.outcomes(); got != "undone x=undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

// TestAStepThatKeptWhatIsTakenBackIsNotDone says in other words what the run
// had done, and takes the run back.
func TestAStepThatKeptWhatIsTakenBackIsNotDone(t *testing.T) {
	r := newRig(t)
	if _, err := r.apply(r.open("x a 2"), ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(time.Minute)
	rec := r.open("x a 2")
	rec.doc.Steps[0].To = schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"orders": {0: 2, 1: 2}}}
	if _, err := r.apply(rec, ApplyOptions{}); err != nil || r.outcomes() != "applied x=verified x=keep" {
		t.Fatalf("%s, %v", r.outcomes(), err)
	}
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 4)
	if p, err = rec.Plan(t.Context(), r.sel()); err != nil || p.Steps[0].Action != Reset {
		t.Errorf("taken back, the step is %+v, %v", p.Steps[0], err)
	}
}

func TestAStepWithAnotherNameIsTakenBackByItsAddress(t *testing.T) {
	r := newRig(t)
	if _, err := r.apply(r.open("x a 2"), ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	rec := r.open("z a 2\ny b 1")
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil || p.Steps[0].ID != "x" || p.Steps[0].Action != Reset {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := r.open("y b 1").PlanUndo(t.Context(), r.sel()); err == nil {
		t.Error("a step that nothing reaches any more is taken back")
	}
}
