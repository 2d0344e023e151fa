package reconcile

import (
	"maps"
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

func TestStatusMeasuresCursorsByTheOrderOfTheService(t *testing.T) {
	byLength := func(cursor string) (int64, bool) { return int64(len(cursor)), true }
	low, after, now, before, high := providers.AtCursor("a"), providers.AtCursor("aa"), providers.AtCursor("aaa"), providers.AtCursor("aaaaa"),
		providers.AtCursor("aaaaaa")
	recorded := lock.Part{Before: before, After: after, Seen: after}
	reading := []providers.PartReading{{Low: low, High: high, Committed: now}}
	got := statusPart(providers.Order{Number: byLength}, recorded, reading)
	if got.Moved == nil || *got.Moved != 1 || got.Lag == nil || *got.Lag != 3 || !got.Drifted || got.Drift != "moved on by 1" {
		t.Errorf("got %+v", got)
	}
	if want := map[providers.Position]int64{low: 0, after: 1, now: 2, before: 4, high: 5}; !maps.Equal(got.FromLow, want) {
		t.Errorf("got %v, want %v", got.FromLow, want)
	}
	if got := statusPart(providers.Order{}, recorded, reading); got.Moved != nil || got.FromLow != nil || !got.Drifted {
		t.Errorf("without an order: got %+v", got)
	}
	if got := statusPart(providers.Order{Number: byLength}, lock.Part{After: now}, reading); got.Drifted || got.Drift != "" {
		t.Errorf("an unchanged part: got %+v", got)
	}
}
