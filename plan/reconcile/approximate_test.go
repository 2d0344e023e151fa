package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// nearOnly is a service that accepts only times and finds those near other positions.
func nearOnly(t *testing.T, grain providers.Grain, to schema.To) *plantest.Rig {
	r := plantest.New(t)
	r.Caps.Moves = map[providers.Kind]providers.Grain{providers.Time: grain}
	r.Caps.Resolves = map[providers.Kind]bool{providers.Time: grain == providers.PerPart}
	r.Caps.Approximates = map[providers.Kind]bool{providers.Offset: true, providers.Group: true}
	r.Caps.Undo = providers.No
	r.Service.Terse()
	r.Service.Commit("c", plantest.Orders(0), 1, nil)
	r.Service.Commit("c", plantest.Orders(1), 2, nil)
	r.To, r.Near = to, true
	return r
}

// approximately plans and applies a step that allows an approximation.
func approximately(r *plantest.Rig) reconcile.Prepared {
	r.T.Helper()
	reader := r.Open("x a 0")
	reader.Doc.Steps[0].Guards.MaxSkip = &schema.Limit{N: 100}
	p, err := reconcile.Plan(r.T.Context(), reader, r.Sel())
	if err != nil {
		r.T.Fatal(err)
	}
	if _, err := reconcile.Apply(r.T.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		r.T.Fatal(err)
	}
	return *p
}

func TestExactPositionsAreReachedByTimesNearThem(t *testing.T) {
	offsets := map[string]map[int]int64{"": {1: 2}}
	for name, c := range map[string]struct {
		grain providers.Grain
		to    schema.To
		at    [2]int64 // of partitions 0 and 1
		lands string
	}{
		"an offset":                          {providers.PerPart, schema.To{Form: schema.ToOffset, Offset: 2}, [2]int64{2, 2}, "offset:2 offset:2"},
		"an offset at the end":               {providers.PerPart, schema.To{Form: schema.ToOffset, Offset: 6}, [2]int64{6, 6}, "offset:6 offset:6"},
		"an offset of one partition":         {providers.PerPart, schema.To{Form: schema.ToOffsets, Offsets: offsets}, [2]int64{4, 2}, "offset:2"},
		"a shift":                            {providers.PerPart, schema.To{Form: schema.ToShift, Shift: -3}, [2]int64{1, 1}, "offset:1 offset:1"},
		"a shift beyond the start":           {providers.PerPart, schema.To{Form: schema.ToShift, Shift: -30}, [2]int64{0, 0}, "offset:0 offset:0"},
		"another group":                      {providers.PerPart, schema.To{Form: schema.ToGroup, Group: "c"}, [2]int64{1, 2}, "offset:1 offset:2"},
		"an offset of the whole target":      {providers.WholeTarget, schema.To{Form: schema.ToOffset, Offset: 2}, [2]int64{2, 2}, "offset:2 offset:2"},
		"another group, for both partitions": {providers.WholeTarget, schema.To{Form: schema.ToGroup, Group: "c"}, [2]int64{1, 1}, "offset:1 offset:0..offset:2"},
	} {
		t.Run(name, func(t *testing.T) {
			r := nearOnly(t, c.grain, c.to)
			p := approximately(r)
			var lands []string
			for _, part := range p.Steps[0].Parts {
				text := part.Lands.String()
				if !part.UpTo.IsZero() {
					text += ".." + part.UpTo.String()
				}
				lands = append(lands, text)
				if _, isTime := part.After.Time(); !isTime || !strings.Contains(part.Note, "by time") && !strings.Contains(part.Note, "by the time") {
					t.Errorf("got %+v", part)
				}
			}
			if got := strings.Join(lands, " "); got != c.lands || !p.Steps[0].Approximate || len(p.Steps[0].Warnings) == 0 {
				t.Errorf("got %q, approximate %t, %q", got, p.Steps[0].Approximate, p.Steps[0].Warnings)
			}
			for n, want := range c.at {
				if at := r.Service.Committed("a")[plantest.Orders(n)]; at != providers.AtOffset(want) {
					t.Errorf("partition %d is committed at %s, want %d", n, at, want)
				}
			}
			if got := r.Outcomes(); got != "applied x=verified" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestARollbackGoesToTimesNearThePreviousOffsets(t *testing.T) {
	for _, grain := range []providers.Grain{providers.PerPart, providers.WholeTarget} {
		r := nearOnly(t, grain, schema.To{Form: schema.ToShift, Shift: -3})
		approximately(r)
		for _, approximate := range []bool{false, true} {
			reader := r.Open("x a 0")
			reader.Doc.Steps[0].Approximate = approximate // the document may have lost it since
			p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
			if err != nil {
				t.Fatal(err)
			}
			if !approximate {
				if s := p.Steps[0]; s.Action != plan.Blocked || !strings.Contains(s.Why, "Set approximate: true") {
					t.Errorf("got %s: %s", s.Action, s.Why)
				}
				continue
			}
			if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
				t.Fatal(err)
			}
			r.ExpectCommitted("a", 4)
		}
		f, err := lock.Read(t.Context(), r.Lock)
		if err != nil {
			t.Fatal(err)
		}
		if s := f.Runs["once"].Steps[0]; s.Outcome != lock.Undone || s.Undo.Outcome != lock.Verified {
			t.Errorf("got %s, %+v", s.Outcome, s.Undo)
		}
	}
}

// TestOneTimeMovesNoPartitionThatAStepLeavesOut refuses it, because the service would.
func TestOneTimeMovesNoPartitionThatAStepLeavesOut(t *testing.T) {
	r := nearOnly(t, providers.WholeTarget, schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"": {1: 2}}})
	reader := r.Open("x a 0")
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Blocked || !strings.Contains(p.Steps[0].Why, "would also move 1 partition") {
		t.Errorf("got %+v, %v", p.Steps[0], err)
	}
}

// TestAShiftThatWaitsStartsWhereTheConsumersStop lets them read on to 5 before they stop.
func TestAShiftThatWaitsStartsWhereTheConsumersStop(t *testing.T) {
	r := nearOnly(t, providers.PerPart, schema.To{Form: schema.ToShift, Shift: -3})
	r.Service.Activate("a")
	r.Asleep = func() {
		for n := range 2 {
			r.Service.Commit("a", plantest.Orders(n), 5, nil)
		}
		r.Service.Rest("a")
	}
	reader := r.Open("x a 0")
	reader.Doc.Steps[0].Idle.Wait = time.Minute
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Parts[0].Wanted != providers.AtOffset(1) {
		t.Fatalf("got %+v, %v", p.Steps[0], err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 2)
}
