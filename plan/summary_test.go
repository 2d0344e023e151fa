package plan_test

import (
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
