package plan_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
)

func TestASummaryNamesWhatItCounts(t *testing.T) {
	part := func(e plan.Effect, n int64, b plan.Bound, unit string) plan.Part {
		return plan.Part{Effect: e, Count: &n, Bound: b, Unit: unit}
	}
	for name, c := range map[string]struct {
		parts []plan.Part
		want  string
	}{
		"records": {[]plan.Part{part(plan.EffectReplay, 400, plan.BoundUpper, ""), part(plan.EffectSkip, 1, plan.BoundUpper, "")},
			"up to 400 records delivered again, up to 1 skipped, 0 partitions set"},
		"one log group": {[]plan.Part{part(plan.EffectReplay, 1, plan.BoundUpper, "log group")},
			"up to 1 log group delivered again, 0 skipped, 0 partitions set"},
		"log groups skipped": {[]plan.Part{part(plan.EffectSkip, 7, plan.BoundExact, "log group")},
			"0 log groups delivered again, 7 skipped, 0 partitions set"},
		"two units are not added up": {[]plan.Part{part(plan.EffectReplay, 400, plan.BoundUpper, ""), part(plan.EffectReplay, 20, plan.BoundUpper, "log group"),
			part(plan.EffectSkip, 1, plan.BoundUpper, "log group")},
			"up to 400 records and up to 20 log groups delivered again, up to 1 log group skipped, 0 partitions set"},
		"in the other order": {[]plan.Part{part(plan.EffectReplay, 20, plan.BoundUpper, "log group"), part(plan.EffectSkip, 3, plan.BoundUpper, "")},
			"up to 20 log groups delivered again, up to 3 records skipped, 0 partitions set"},
		"nothing": {nil, "0 records delivered again, 0 skipped, 0 partitions set"},
	} {
		s := plan.Summarise([]plan.Step{{Action: plan.Reset, Parts: c.parts}})
		if got := s.Effects(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if line := s.Line(); !strings.Contains(line, c.want[1:]) {
			t.Errorf("%s: got %q", name, line)
		}
		var replay, skip int64
		for _, a := range s.Amounts() {
			replay, skip = replay+a.Replay, skip+a.Skip
		}
		if replay != s.Replay || skip != s.Skip {
			t.Errorf("%s: %d and %d, by unit %v", name, s.Replay, s.Skip, s.Amounts())
		}
	}
	one := part(plan.EffectSkip, 1, plan.BoundExact, "log group")
	if got := one.MoveText(); got != "skip 1 log group" {
		t.Errorf("got %q", got)
	}
}

// TestStepsAreSummedUpLikeTheirParts divides parts among steps in different ways.
func TestStepsAreSummedUpLikeTheirParts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	effects := []plan.Effect{plan.EffectReplay, plan.EffectSkip, plan.EffectSet, plan.EffectRemove, plan.EffectKeep, plan.EffectUnknown}
	for range 300 {
		var all []plan.Part
		var steps []plan.Step
		for range 1 + random.IntN(5) {
			var parts []plan.Part
			for range random.IntN(6) {
				p := plan.Part{Effect: effects[random.IntN(len(effects))], Bound: []plan.Bound{plan.BoundExact, plan.BoundUpper}[random.IntN(2)]}
				if p.Effect == plan.EffectReplay || p.Effect == plan.EffectSkip {
					p.Count, p.Unit = new(1+random.Int64N(9)), []string{"", "log group"}[random.IntN(2)]
				}
				parts = append(parts, p)
			}
			all = append(all, parts...)
			steps = append(steps, plan.Step{Action: plan.Reset, Parts: parts})
		}
		want := plan.Summary{Reset: len(steps), Bound: plan.BoundExact}
		want.Add(all)
		got := plan.Summarise(steps)
		if !slices.Equal(sorted(got.Units), sorted(want.Units)) {
			t.Fatalf("%v and %v of %v", got.Units, want.Units, steps)
		}
		for i := range steps {
			parts := steps[i].Parts
			steps[i].LoadPartsLater(func() []plan.Part { return parts })
			if steps[i].Parts != nil || steps[i].Len() != len(parts) || len(steps[i].AllParts()) != len(parts) {
				t.Fatalf("%d parts of %d, %d loaded", len(steps[i].Parts), steps[i].Len(), len(steps[i].AllParts()))
			}
			for _, e := range effects {
				if now := steps[i].Has(e); now != slices.ContainsFunc(parts, func(p plan.Part) bool { return p.Effect == e }) {
					t.Fatalf("has %s: %v of %v", e, now, parts)
				}
			}
		}
		if later := plan.Summarise(steps); !reflect.DeepEqual(later, got) {
			t.Fatalf("%+v of parts that are loaded later, %+v before", later, got)
		}
		got.Units, want.Units = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v and %+v of %v", got, want, steps)
		}
	}
}

func sorted(all []plan.Amount) []plan.Amount {
	return slices.SortedFunc(slices.Values(all), func(a, b plan.Amount) int { return strings.Compare(a.Unit, b.Unit) })
}
