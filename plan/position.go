package plan

import (
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// FromLow returns how far each cursor is after the start of its log, because cursors
// have no meaning to people. Offsets are left out, and so are cursors that cannot be
// compared; the result is nil if nothing is left.
func FromLow(order providers.Order, low providers.Position, all ...providers.Position) map[providers.Position]int64 {
	if low.Kind() != providers.Cursor {
		return nil
	}
	var out map[providers.Position]int64
	for _, p := range append(all, low) {
		if n, ok := order.Distance(p, low); ok {
			if out == nil {
				out = map[providers.Position]int64{}
			}
			out[p] = n
		}
	}
	return out
}

// DistanceText describes a distance between two positions: "3 records before", "1
// record after".
func DistanceText(n int64, unit string) string {
	if n < 0 {
		return text.Plural(int(-n), UnitName(unit)) + " before"
	}
	return text.Plural(int(n), UnitName(unit)) + " after"
}
