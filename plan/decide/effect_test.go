package decide_test

import (
	"maps"
	"testing"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

func TestCursorsAreCountedByTheOrderOfTheService(t *testing.T) {
	low, target, committed, high := providers.AtCursor("aa"), providers.AtCursor("aaa"), providers.AtCursor("aaaaaa"), providers.AtCursor("aaaaaaaa")
	part := providers.Part{Topic: "shard"}
	s := plantest.Idle(providers.PartReading{Part: part, Low: low, Committed: committed, High: high})
	q := question(schema.To{Form: schema.ToCheckpoints, Checkpoints: map[int]string{0: "aaa"}})
	q.Capabilities.Moves = map[providers.Kind]providers.Grain{providers.Cursor: providers.PerPart}
	for name, c := range map[string]struct {
		order   providers.Order
		want    string
		fromLow map[providers.Position]int64
	}{
		"with an order": {providers.Order{Number: byLength}, "reset shard/0=cursor:aaa:replay:3",
			map[providers.Position]int64{low: 0, target: 1, committed: 4, high: 6}},
		"without an order": {providers.Order{}, "reset shard/0=cursor:aaa:unknown:?", nil},
	} {
		q.Capabilities.Order = c.order
		got := decide.Diff(q, s).Step
		if brief(got) != c.want {
			t.Errorf("%s: got %s (%s), want %s", name, brief(got), got.Why, c.want)
		}
		if !maps.Equal(got.Parts[0].FromLow, c.fromLow) {
			t.Errorf("%s: got %v", name, got.Parts[0].FromLow)
		}
	}
}

// TestACommitOutsideTheLogHasTheLagOfItsRecords has the offset -1, which some tools write.
func TestACommitOutsideTheLogHasTheLagOfItsRecords(t *testing.T) {
	for committed, want := range map[int64]int64{-1: 500, 500: 0, 700: 0} {
		r := plantest.At(0, 0, 0, 500)
		r.Committed = providers.AtOffset(committed)
		s := decide.Diff(question(schema.To{Form: schema.ToOffset, Offset: 500}), plantest.Idle(r))
		if lag := s.Parts[0].LagBefore; lag == nil || *lag != want {
			t.Errorf("committed at %d: the lag is %v, want %d", committed, lag, want)
		}
	}
}
