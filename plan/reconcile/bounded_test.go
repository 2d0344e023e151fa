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
	"github.com/resetplan/resetplan/schema/literal"
)

// byItself is a service that finds the position of a time itself, and reports it only
// afterwards. Its groups have read up to the record of three hours ago.
func byItself(t *testing.T, ago time.Duration) *plantest.Rig {
	r := plantest.New(t)
	r.Caps.Moves, r.Caps.Resolves = map[providers.Kind]providers.Grain{providers.Time: providers.PerPart}, nil
	r.Service.Terse()
	r.Caps.Undo, r.Caps.Approximates = providers.Inferred, nil
	r.To = schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: plantest.Now.Add(-ago)}, WhenPastEnd: "end"}
	return r
}

func TestAResetToATimeIsComparedWithItsDirection(t *testing.T) {
	for name, c := range map[string]struct {
		ago    time.Duration
		effect plan.Effect
		count  int64
		at     int64
		why    string
	}{
		"back":                          {5 * time.Hour, plan.EffectReplay, 4, 1, "in the planned direction"},
		"to the last consumed record":   {3 * time.Hour, plan.EffectReplay, 4, 3, "in the planned direction"},
		"forward":                       {90 * time.Minute, plan.EffectSkip, 2, 5, "in the planned direction"},
		"forward to the first unread":   {150 * time.Minute, plan.EffectSkip, 2, 4, "to which the reset may have led"},
		"forward to the end of the log": {30 * time.Minute, plan.EffectSkip, 2, 6, "in the planned direction"},
	} {
		t.Run(name, func(t *testing.T) {
			r := byItself(t, c.ago)
			reader := r.Open("x a 0")
			reader.Doc.Steps[0].Guards.MaxSkip = &schema.Limit{N: 4}
			p, err := reconcile.Plan(t.Context(), reader, r.Sel())
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range p.Steps[0].Parts {
				if part.Effect != c.effect || part.Count == nil || *part.Count != c.count || part.Bound != plan.BoundUpper ||
					part.After != providers.AtTime(plantest.Now.Add(-c.ago)) {
					t.Errorf("got %+v", part)
				}
			}
			if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
				t.Fatal(err)
			}
			r.ExpectCommitted("a", c.at)
			f, err := lock.Read(t.Context(), r.Lock)
			if err != nil {
				t.Fatal(err)
			}
			if s := f.Runs["once"].Steps[0]; s.Outcome != lock.Applied || !strings.Contains(s.Why, c.why) {
				t.Errorf("got %s: %s", s.Outcome, s.Why)
			}
		})
	}
}

func TestALaterTimeThanTheLastConsumedRecordNeedsAnAllowance(t *testing.T) {
	r := byItself(t, 90*time.Minute)
	p, err := reconcile.Plan(t.Context(), r.Open("x a 0"), r.Sel())
	if err != nil || p.Steps[0].Action != plan.Blocked || !strings.Contains(p.Steps[0].Why, "skip up to 4 records") {
		t.Errorf("got %+v, %v", p.Steps[0], err)
	}
}

// TestAPartAtItsTargetBeforeHasNotMoved: if the others still show their previous
// positions, the reset is accepted, and not in doubt.
func TestAPartAtItsTargetBeforeHasNotMoved(t *testing.T) {
	r := plantest.New(t)
	r.Caps.Moves, r.Caps.Resolves = map[providers.Kind]providers.Grain{providers.Earliest: providers.WholeTarget}, nil
	r.Caps.Settle, r.To = 2*time.Second, schema.To{Form: schema.ToEarliest}
	r.Service.Commit("a", plantest.Orders(1), 0, nil)
	r.Service.Hide(100)
	reader := r.Open("x a 0")
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	f, err := lock.Read(t.Context(), r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Runs["once"].Steps[0]; s.Outcome != lock.Applied || !strings.Contains(s.Why, "the previous positions are still reported") || len(s.Parts) != 2 {
		t.Errorf("got %s: %s on %d parts", s.Outcome, s.Why, len(s.Parts))
	}
}
