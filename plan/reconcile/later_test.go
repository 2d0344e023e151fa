package reconcile_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/schema"
)

// TestPartsThatAreLoadedLater compares plans with the same plans of which the parts are
// not in memory: their digests, what is saved, and what is shown.
func TestPartsThatAreLoadedLater(t *testing.T) {
	many := ""
	for i := range 30 {
		many += fmt.Sprintf("orders[g-%d] g-%d 2\n", i, i)
	}
	for name, c := range map[string]struct {
		steps string
		to    schema.To
		want  string // in what is shown
	}{
		"one partition by two steps": {steps: "back a 2\nagain b 3\nother c 3", want: "orders/0 is also moved by step back"},
		"different actions":          {steps: "back a 2\nkeep b 4\nbeyond c 99\nnew d 1", want: "1 step to reset, 1 unchanged, 0 done, 2 blocked"},
		"many groups":                {steps: many, want: "and 10 more groups"},
		"a time":                     {steps: "one a 0\ntwo b 0", to: schema.To{Form: schema.ToLatest}, want: "skip"},
		"a commit is removed": {steps: "one a 0", to: schema.To{Form: schema.ToUnset},
			want: "2 commits removed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			for i := range 30 {
				for n := range 2 {
					r.Service.Commit(fmt.Sprintf("g-%d", i), plantest.Orders(n), int64(3+i%3), nil)
				}
			}
			r.To = c.to
			var saved, shown [2]bytes.Buffer
			var digests [2]string
			for i, later := range []bool{false, true} {
				sel := r.Sel()
				sel.Impact, sel.ShownOnly = true, true
				if later {
					sel.PartsLater = func(*plan.Step) bool { return true }
				}
				reader := r.Open(c.steps)
				if name == "one partition by two steps" { // which a glob would hide from the check of the document
					reader.Doc.Steps[1].Target["group"] = "a"
				}
				p, err := reconcile.Plan(t.Context(), reader, sel)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range p.Steps {
					if later != (s.Parts == nil) {
						t.Errorf("step %s has %d parts in memory", s.ID, len(s.Parts))
					}
				}
				digests[i] = p.Digest
				for range 2 { // each view loads the parts again
					shown[i].Reset()
					if err := term.Plan(&shown[i], p.Plan, view.Options{}); err != nil {
						t.Fatal(err)
					}
				}
				if err := view.PlanJSON(&saved[i], p.Plan); err != nil {
					t.Fatal(err)
				}
			}
			if digests[0] != digests[1] {
				t.Errorf("the digests are %s and %s", digests[0], digests[1])
			}
			if saved[0].String() != saved[1].String() {
				t.Errorf("saved is\n%s\nand\n%s", &saved[0], &saved[1])
			}
			if shown[0].String() != shown[1].String() {
				t.Errorf("shown is\n%s\nand\n%s", &shown[0], &shown[1])
			}
			if !strings.Contains(shown[1].String(), c.want) {
				t.Errorf("%q is not in\n%s", c.want, &shown[1])
			}
			if parts := strings.Count(saved[1].String(), `"part": `); parts < 2 {
				t.Errorf("%d parts are saved", parts)
			}
		})
	}
}

// TestPartsOfDoneStepsAreLoadedLater plans again after an apply of some steps.
func TestPartsOfDoneStepsAreLoadedLater(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("one a 2"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	const steps = "one a 2\ntwo b 1"
	var saved [2]bytes.Buffer
	for i, later := range []func(*plan.Step) bool{nil, reconcile.OfDone} {
		sel := r.Sel()
		sel.PartsLater = later
		p, err := reconcile.Plan(t.Context(), r.Open(steps), sel)
		if err != nil {
			t.Fatal(err)
		}
		if one, two := &p.Steps[0], &p.Steps[1]; one.Action != plan.Done || (one.Parts == nil) != (later != nil) || len(two.Parts) != 2 {
			t.Errorf("%s with %d parts in memory, %s with %d", one.Action, len(one.Parts), two.Action, len(two.Parts))
		}
		if err := view.PlanJSON(&saved[i], p.Plan); err != nil {
			t.Fatal(err)
		}
	}
	if saved[0].String() != saved[1].String() {
		t.Errorf("saved is\n%s\nand\n%s", &saved[0], &saved[1])
	}
	if _, err := r.Apply(r.Open(steps), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 2)
	r.ExpectCommitted("b", 1)
}
