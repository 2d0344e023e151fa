package providers

import "math"

// An Order compares and shifts the positions of one part. Offsets are numbers. Cursors
// are opaque, except to the functions of an Order. The zero Order handles offsets only.
type Order struct {
	// Number returns the number by which a cursor is ordered, and whether it has one;
	// nil = cursors cannot be compared.
	Number func(cursor string) (int64, bool)
	// Cursor returns the cursor with a number, which is not negative; nil = cursors
	// cannot be calculated, and so cannot be shifted.
	Cursor func(number int64) string
}

// Distance returns how far p is after q (negative: before) in the log's own units,
// and whether both can be compared. A distance that does not fit into 64 bits is the
// largest that does, so that a broken commit cannot reverse the direction of a move.
func (o Order) Distance(p, q Position) (int64, bool) {
	a, okA := o.number(p)
	b, okB := o.number(q)
	if !okA || !okB || p.what != q.what && p.Kind() != q.Kind() {
		return 0, false
	}
	switch d := a - b; {
	case a >= b && d < 0:
		return math.MaxInt64, true
	case a < b && d > -1 || d == math.MinInt64: // so that the way back is as far
		return -math.MaxInt64, true
	default:
		return d, true
	}
}

// Between returns the number of positions from a to b, 0 if b is not after a, or nil
// if it is unknown.
func (o Order) Between(a, b Position) *int64 {
	n, ok := o.Distance(b, a)
	if !ok {
		return nil
	}
	return new(max(n, 0))
}

// Lag returns the number of positions from at to the end of a log that it still has, or
// nil if it is unknown: before the start of the log there is nothing to be read, whether
// retention has deleted it or the position is not a valid one.
func (o Order) Lag(at, low, high Position) *int64 { return o.Between(o.Nearest(at, low, high), high) }

// Nearest returns p, or the boundary if p is outside the log.
func (o Order) Nearest(p, low, high Position) Position {
	if n, ok := o.Distance(p, low); ok && n < 0 {
		return low
	}
	if n, ok := o.Distance(p, high); ok && n > 0 {
		return high
	}
	return p
}

// Shifts reports whether positions of a kind can be shifted.
func (o Order) Shifts(k Kind) bool {
	return k == Offset || k == Cursor && o.Number != nil && o.Cursor != nil
}

// Shift returns the position a number of units after p (before it, if negative), and
// whether p can be shifted. It may be outside the log; no cursor is before number 0.
func (o Order) Shift(p Position, by int64) (Position, bool) {
	n, ok := o.number(p)
	switch {
	case !ok || !o.Shifts(p.Kind()):
		return Position{}, false
	case p.what == labels[Offset]:
		return AtOffset(addClamped(n, by)), true
	case n < 0:
		return Position{}, false
	}
	return AtCursor(o.Cursor(max(addClamped(n, by), 0))), true
}

// addClamped adds and clamps the result to the range of int64.
func addClamped(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

func (o Order) number(p Position) (int64, bool) {
	switch {
	case p.what == labels[Offset]:
		return p.n, true
	case o.Number != nil && p.Kind() == Cursor:
		return o.Number(p.label().text)
	}
	return 0, false
}
