package view_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
)

func TestGroupsAreSortedByWhatNeedsAttention(t *testing.T) {
	p := viewtest.Groups(40)
	p.Steps = append(p.Steps, viewtest.Step("alone", plan.Reset, viewtest.Moved("orders", 0, 0, 3, 2, 5)))
	all := view.Families(p.Steps)
	if len(all) != 2 || all[0].ID != "rewind-orders" || len(all[0].Steps) != 40 || all[1].ID != "alone" {
		t.Fatalf("got %d families", len(all))
	}
	if all[1].Many(view.Options{}) || !all[0].Many(view.Options{}) || all[0].Many(view.Options{Wide: true}) {
		t.Error("only many groups are one line each, and not with Wide")
	}
	var first []string
	for _, s := range all[0].Sorted()[:5] {
		first = append(first, view.GroupOf(s.ID))
	}
	want := []string{"billing-of-country-003", "billing-of-country-028", "billing-of-country-032", "billing-of-country-007", "billing-of-country-039"}
	for i, w := range want {
		if first[i] != w {
			t.Errorf("got %q, want %q", first, want)
			break
		}
	}
	if got := all[0].Consumers(); got != "38 idle, 2 active" {
		t.Errorf("got %q", got)
	}
	if got := all[0].Address(); got != "kafka:broker:9092/*/orders" {
		t.Errorf("got %q", got)
	}
}

// TestEffectsDiffer fails if a loss is announced like another effect.
func TestEffectsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []plan.Effect{plan.EffectReplay, plan.EffectSkip, plan.EffectSet, plan.EffectRemove, plan.EffectKeep, plan.EffectUnknown} {
		if sign := view.EffectSign(e); seen[sign] {
			t.Errorf("%s has the sign %q of another effect", e, sign)
		} else {
			seen[sign] = true
		}
	}
	if view.EffectTone(plan.EffectSkip, false) != view.Bad || view.EffectTone(plan.EffectReplay, false) != view.Warn ||
		view.EffectTone(plan.EffectSet, false) != view.New {
		t.Error("a loss is bad, a replay a warning, a first commit neither")
	}
	if view.EffectTone(plan.EffectSkip, true) == view.Bad {
		t.Error("a rollback skips only what was read before")
	}
	back, lost := viewtest.Moved("t", 0, 0, 9, 2, 9), viewtest.Moved("t", 1, 0, 3, 9, 9)
	s := viewtest.Step("s", plan.Reset, back, lost)
	if h := view.StepHeading(&s, false); h.Sign != "-" || h.Words != "skip and replay" || h.Tone != view.Bad {
		t.Errorf("got %+v", h)
	}
}

func TestEqualPartsHaveOneFigureEach(t *testing.T) {
	row := func(parts ...plan.Part) string {
		rows := view.Fold(view.PlanParts(parts, view.Options{}), view.Options{})
		if len(rows) != 1 {
			t.Fatalf("got %d rows", len(rows))
		}
		return rows[0].EffectEach()
	}
	same := func(n int) plan.Part { return viewtest.Moved("t", n, 0, 300, 126, 500) }
	if got := row(same(0), same(1), same(2)); got != "replay up to 174 each, 522 together" {
		t.Errorf("got %q", got)
	}
	if got := row(same(0)); got != "replay up to 174" {
		t.Errorf("got %q", got)
	}
	var many []plan.Part
	for n := range 12 {
		many = append(many, viewtest.Moved("t", n, 0, 300+int64(n), 100, 500))
	}
	if got := row(many...); got != "replay up to 2,466 together" {
		t.Errorf("got %q", got)
	}
}

// TestLagAndDriftHaveOneUnit expects sums of both for parts that share a row.
func TestLagAndDriftHaveOneUnit(t *testing.T) {
	parts := viewtest.Drifted(14)[2:]
	rows := view.Fold(view.StatusParts(parts, view.Options{}), view.Options{})
	if len(rows) != 1 || rows[0].Effect() != "moved on by 90" || rows[0].Lag != "4,710" {
		t.Errorf("got %d rows, %q and lag %s", len(rows), rows[0].Effect(), rows[0].Lag)
	}
}
