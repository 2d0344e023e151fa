package providertest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// written fails the test if a position that is written as a lock and a plan
// write it is not the same when it is read again, and returns what is read.
func written(t *testing.T, p providers.Position) providers.Position {
	t.Helper()
	var again providers.Position
	raw, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(raw, &again)
	}
	if err != nil || again != p {
		t.Errorf("%s is written as %s and read as %s: %v", p, raw, again, err)
	}
	return again
}

// times are those whose text is prone to lose something: milliseconds, zones, an
// hour that exists twice, the limits of years.
func (b *bench) times() []time.Time {
	east := time.FixedZone("", 14*3600)
	return []time.Time{
		b.Within, b.Within.Truncate(time.Second).Add(time.Millisecond), b.Within.Truncate(time.Second).Add(999 * time.Millisecond), b.Within.In(east),
		time.Date(2026, 11, 1, 5, 30, 0, 120_000_000, time.UTC), time.UnixMilli(0), time.UnixMilli(-1), time.UnixMilli(1),
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0,
			east), time.Date(0, 6, 1, 0, 0, 0, 0, time.UTC),
	}
}

// positionsAreKept writes every position that the service reports, and times,
// and reads them again.
func positionsAreKept(t *testing.T, b *bench) {
	for _, at := range b.times() {
		p := providers.AtTime(at)
		if again, ok := written(t, p).Time(); !ok || again.UnixMilli() != at.UnixMilli() {
			t.Errorf("%s is read as %s", at, again)
		}
	}
	for _, k := range []providers.Kind{providers.Unknown, providers.Unset, providers.Earliest, providers.Latest, providers.Default} {
		written(t, providers.At(k))
	}
	var resolve []providers.Position
	if b.caps.Moves[providers.Time] != providers.NoGrain {
		resolve = append(resolve, providers.AtTime(b.Within))
	}
	for _, p := range b.read(t, resolve...).Parts {
		for _, at := range []providers.Position{p.Low, p.High, p.Committed} {
			written(t, at)
		}
		for _, r := range p.Resolved {
			written(t, r.Found)
		}
	}
}

// resetFromALock resets to positions that were written and read again: the
// service takes them as it takes the positions themselves, or refuses both.
func resetFromALock(t *testing.T, b *bench) {
	moves := map[string]providers.PartMove{}
	for _, p := range append(b.whole(), b.native()...) {
		move := providers.PartMove{Position: p}
		if b.caps.Moves[p.Kind()] == providers.PerPart {
			move.Part = b.read(t).Parts[0].Part
		}
		moves[p.String()] = move
	}
	if b.caps.Moves[providers.Time] != providers.NoGrain {
		for _, at := range b.times()[1:5] {
			move := providers.PartMove{Position: providers.AtTime(at)}
			if b.caps.Moves[providers.Time] == providers.PerPart {
				move.Part = b.read(t).Parts[0].Part
			}
			moves[move.Position.String()] = move
		}
	}
	for name, move := range moves {
		var results []string
		for _, at := range []providers.Position{move.Position, written(t, move.Position)} {
			move.Position = at
			_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{move}})
			results = append(results, fmt.Sprint(err != nil, " ", b.Committed()))
			if err != nil {
				b.oneLine(t, err)
			}
		}
		if !reflect.DeepEqual(results[0], results[1]) {
			t.Errorf("%s: a reset leads to %s, and after it was written and read to %s", name, results[0], results[1])
		}
	}
}

// shifts compares a shift with the distance between both positions, and resets to it.
func shifts(t *testing.T, b *bench) {
	needs(t, b.caps.Order.Shifts(providers.Cursor), "shifting cursors")
	for _, p := range b.read(t).Parts {
		room, _ := b.caps.Order.Distance(p.Committed, p.Low)
		if room < 2 {
			continue
		}
		back, ok := b.caps.Order.Shift(p.Committed, -2)
		moved, ordered := b.caps.Order.Distance(p.Committed, back)
		again, _ := b.caps.Order.Shift(back, 2)
		if !ok || !ordered || moved != 2 || again != p.Committed {
			t.Errorf("%s: %s is shifted to %s, and back to %s", p.Part, p.Committed, back, again)
		}
		outside, ok := b.caps.Order.Shift(p.High, 2)
		if beyond, ordered := b.caps.Order.Distance(outside, p.High); !ok || !ordered || beyond != 2 {
			t.Errorf("%s: %s is shifted out of the log to %s", p.Part, p.High, outside)
		}
		_, err := b.conn.Reset(t.Context(), providers.Move{Target: b.goal, To: []providers.PartMove{{Part: p.Part, Position: back, LogID: p.LogID}}})
		if got := b.Committed()[p.Part]; err != nil || got != back {
			t.Errorf("%s: the reset leads to %s, %v, want %s", p.Part, got, err, back)
		}
	}
	if to, ok := b.caps.Order.Shift(providers.At(providers.Unset), 1); ok {
		t.Errorf("no commit is shifted to %s", to)
	}
}
