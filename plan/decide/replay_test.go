package decide_test

import (
	"math/rand/v2"
	"testing"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
)

// TestUnpassed compares the position of one part, in a log from 100 to 500, with a bound.
func TestUnpassed(t *testing.T) {
	at := providers.AtOffset
	unset := providers.At(providers.Unset)
	for name, c := range map[string]struct {
		bound, now, low, high providers.Position
		left                  int64 // -1 = passed, -2 = unknown
	}{
		"before the bound":                           {at(300), at(120), at(100), at(500), 180},
		"at the bound":                               {at(300), at(300), at(100), at(500), -1},
		"past the bound":                             {at(300), at(301), at(100), at(500), -1},
		"a bound past the end, caught up":            {at(900), at(500), at(100), at(500), -1},
		"a bound past the end, not caught up":        {at(900), at(499), at(100), at(500), 1},
		"an empty log":                               {at(300), at(120), at(500), at(500), -1},
		"an empty log without a commit":              {at(300), unset, at(500), at(500), -1},
		"no commit":                                  {at(300), unset, at(100), at(500), 200},
		"retention has deleted up to the bound":      {at(300), at(120), at(300), at(500), -1},
		"retention has deleted a part of the replay": {at(300), at(120), at(250), at(500), 50},
		"cursors that cannot be compared":            {providers.AtCursor("b"), providers.AtCursor("a"), providers.AtCursor("a"), providers.AtCursor("c"), -2},
		"cursors that are equal":                     {providers.AtCursor("b"), providers.AtCursor("b"), providers.AtCursor("a"), providers.AtCursor("c"), -1},
	} {
		part := plantest.Orders(0)
		now := []providers.PartReading{{Part: part, Low: c.low, High: c.high, Committed: c.now},
			{Part: plantest.Orders(1), Low: c.low, High: c.high, Committed: c.low}} // a part that was added later
		left := int64(-1)
		for _, r := range decide.Unpassed(providers.Order{}, map[string]providers.Position{part.String(): c.bound}, now) {
			if left = -2; r.Part != part {
				t.Errorf("%s: %s has no bound", name, r.Part)
			} else if r.Left != nil {
				left = *r.Left
			}
		}
		if left != c.left {
			t.Errorf("%s: %d left, want %d", name, left, c.left)
		}
	}
}

// TestBehindNeverMovesBack checks, for random positions, that a return moves no part back,
// none beyond its former position, and leaves out no part that is before it.
func TestBehindNeverMovesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(17, 4)) //nolint:gosec // a test
	for range 2000 {
		var recorded []lock.Part
		var now []providers.PartReading
		former, committed := map[providers.Part]int64{}, map[providers.Part]int64{}
		for n := range random.IntN(6) {
			p := plantest.Orders(n)
			former[p], committed[p] = random.Int64N(20), random.Int64N(20)
			one := lock.Part{Part: p, Before: providers.AtOffset(former[p]), After: providers.AtOffset(random.Int64N(20)), LogID: "log"}
			if random.IntN(8) == 0 {
				one.Error = "refused"
			}
			reading := providers.PartReading{Part: p, Committed: providers.AtOffset(committed[p]), LogID: "log"}
			if random.IntN(8) == 0 {
				reading.LogID = "another"
			}
			if one.Error != "" || reading.LogID != "log" {
				former[p] = -1 // it is not moved
			}
			recorded, now = append(recorded, one), append(now, reading)
		}
		moved := map[providers.Part]bool{}
		for _, p := range decide.Behind(providers.Order{}, &lock.Step{Parts: recorded, Replay: &lock.Replay{}}, now) {
			to, _ := p.After.Offset()
			from, _ := p.Before.Offset()
			if moved[p.Part] = true; to != former[p.Part] || from != committed[p.Part] || to <= from {
				t.Fatalf("%s goes from %d to %d; it is at %d, before the reset it was at %d", p.Part, from, to, committed[p.Part], former[p.Part])
			}
		}
		for p := range former {
			if committed[p] < former[p] && !moved[p] {
				t.Fatalf("%s stays at %d, before its former position %d", p, committed[p], former[p])
			}
		}
	}
}
