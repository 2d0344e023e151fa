package view_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

// TestJSONStepByStepIsTheWholeDocument compares both, for names that look like a list of
// steps too.
func TestJSONStepByStepIsTheWholeDocument(t *testing.T) {
	same := func(stepwise func(*bytes.Buffer) error, whole any) {
		t.Helper()
		var got, want bytes.Buffer
		if err := stepwise(&got); err != nil {
			t.Fatal(err)
		}
		if err := view.JSON(&want, whole); err != nil {
			t.Fatal(err)
		}
		if got.String() != want.String() {
			t.Errorf("got\n%s\nexpected\n%s", got.String(), want.String())
		}
	}
	for steps := range 4 {
		p := &plan.Plan{Name: "p", Description: "\n  \"steps\": []", Labels: map[string]string{"steps": "[]\u202e<&>"}, Steps: []plan.Step{},
			Source: "\n  \"steps\": []\n"}
		r := &reconcile.Result{Name: "p", Steps: []lock.Step{}, Lock: "x.lock.yaml"}
		s := &reconcile.Status{Name: "p", Steps: []reconcile.StatusStep{}}
		for n := range steps {
			part := viewtest.Moved("größe\x1b", n, 0, 300, 126, 500)
			p.Steps = append(p.Steps, plan.Step{ID: "a\u2028" + strings.Repeat("b", n), Warnings: []string{}, Parts: []plan.Part{part, part}})
			r.Steps = append(r.Steps, lock.Step{ID: "a", Parts: []lock.Part{{Part: part.Part, Before: part.Before}}})
			s.Steps = append(s.Steps, reconcile.StatusStep{ID: "a", Parts: []reconcile.StatusPart{}})
		}
		same(func(out *bytes.Buffer) error { return view.PlanJSON(out, p) }, p)
		same(func(out *bytes.Buffer) error { return view.ResultJSON(out, r) }, r)
		same(func(out *bytes.Buffer) error { return view.StatusJSON(out, s) }, s)
	}
}

// largestWrite is the size of the largest write.
type largestWrite int

func (n *largestWrite) Write(b []byte) (int, error) {
	*n = max(*n, largestWrite(len(b)))
	return len(b), nil
}

// TestJSONOfALargePlanIsNeverInMemoryAsAWhole writes a thousand steps.
func TestJSONOfALargePlanIsNeverInMemoryAsAWhole(t *testing.T) {
	p := &plan.Plan{Name: "p"}
	for n := range 1000 {
		p.Steps = append(p.Steps, plan.Step{ID: "a", Parts: []plan.Part{viewtest.Moved("orders", n, 0, 300, 126, 500)}})
	}
	var most largestWrite
	if err := view.PlanJSON(&most, p); err != nil {
		t.Fatal(err)
	}
	if most > 2000 {
		t.Errorf("a plan of 1,000 steps is written %d bytes at once", most)
	}
}
