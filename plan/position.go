package plan

import (
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Lag returns the number of positions from p to the high boundary, or nil if it is
// unknown.
func Lag(high, p providers.Position) *int64 {
	n, ok := high.Distance(p)
	if !ok {
		return nil
	}
	return new(max(n, 0))
}

// Between returns the number of positions from a to b, or nil if it is unknown.
func Between(a, b providers.Position) *int64 {
	n, ok := b.Distance(a)
	if !ok {
		return nil
	}
	return new(max(n, 0))
}

// DistanceText describes a distance between two positions: "3 records before", "1
// record after".
func DistanceText(n int64, unit string) string {
	if n < 0 {
		return text.Plural(int(-n), UnitName(unit)) + " before"
	}
	return text.Plural(int(n), UnitName(unit)) + " after"
}

// Nearest returns p, or the boundary if p is outside the log.
func Nearest(p, low, high providers.Position) providers.Position {
	if n, ok := p.Distance(low); ok && n < 0 {
		return low
	}
	if n, ok := p.Distance(high); ok && n > 0 {
		return high
	}
	return p
}
