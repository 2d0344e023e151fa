package providers

import "math"

// An Order compares the positions of one part. Offsets are numbers; cursors are
// opaque, and the function returns the number by which they are ordered, and whether
// the cursor has one. The nil Order compares offsets only.
type Order func(cursor string) (int64, bool)

// Distance returns how far p is after q (negative: before) in the log's own units,
// and whether both can be compared. A distance that does not fit into 64 bits is the
// largest that does, so that a broken commit cannot reverse the direction of a move.
func (o Order) Distance(p, q Position) (int64, bool) {
	a, okA := o.number(p)
	b, okB := o.number(q)
	if p.kind != q.kind || !okA || !okB {
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

func (o Order) number(p Position) (int64, bool) {
	switch {
	case p.kind == Offset:
		return p.n, true
	case p.kind == Cursor && o != nil:
		return o(p.text)
	}
	return 0, false
}
