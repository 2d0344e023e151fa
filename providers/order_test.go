package providers

import (
	"math"
	"strconv"
	"testing"
	"time"
)

// decimal compares cursors that are decimal numbers.
var decimal = Order{Number: func(cursor string) (int64, bool) {
	n, err := strconv.ParseInt(cursor, 10, 64)
	return n, err == nil
}}

func TestDistance(t *testing.T) {
	for name, c := range map[string]struct {
		p, q Position
		want int64
		ok   bool
	}{
		"an offset after another":         {AtOffset(10), AtOffset(4), 6, true},
		"an offset before another":        {AtOffset(4), AtOffset(10), -6, true},
		"the same offset":                 {AtOffset(4), AtOffset(4), 0, true},
		"a cursor after another":          {AtCursor("1447299010000000010"), AtCursor("1447299010000000003"), 7, true},
		"an offset and a cursor":          {AtOffset(4), AtCursor("4"), 0, false},
		"a broken commit before another":  {AtOffset(math.MinInt64), AtOffset(5), -math.MaxInt64, true},
		"an offset after a broken commit": {AtOffset(5), AtOffset(math.MinInt64), math.MaxInt64, true},
		"the lowest of all and the first": {AtOffset(math.MinInt64), AtOffset(0), -math.MaxInt64, true},
		"two times":                       {AtTime(time.Unix(2, 0)), AtTime(time.Unix(1, 0)), 0, false},
		"two boundaries":                  {At(Latest), At(Latest), 0, false},
		"a cursor that holds no number":   {AtCursor("a"), AtCursor("1"), 0, false},
		"a place that is not known":       {Position{}, AtOffset(1), 0, false},
		"a group that has not committed":  {At(Unset), AtOffset(1), 0, false},
		"another cursor without a number": {AtCursor("1"), AtCursor("a"), 0, false},
	} {
		if got, ok := decimal.Distance(c.p, c.q); got != c.want || ok != c.ok {
			t.Errorf("%s: got %d, %t", name, got, ok)
		}
	}
}

func TestCursorsHaveNoOrderUnlessTheServiceReportsOne(t *testing.T) {
	var none Order
	if n, ok := none.Distance(AtCursor("2"), AtCursor("1")); ok {
		t.Errorf("without an order, 2 is %d after 1", n)
	}
	if n, ok := none.Distance(AtOffset(2), AtOffset(1)); !ok || n != 1 {
		t.Errorf("without an order, offset 2 is %d after offset 1 (known: %t)", n, ok)
	}
}

func TestPositionsInALog(t *testing.T) {
	low, high := AtCursor("10"), AtCursor("20")
	for name, c := range map[string]struct{ at, nearest Position }{
		"before the log":  {AtCursor("3"), low},
		"inside":          {AtCursor("15"), AtCursor("15")},
		"beyond the end":  {AtCursor("21"), high},
		"not comparable":  {At(Unset), At(Unset)},
		"of another kind": {AtOffset(3), AtOffset(3)},
	} {
		if got := decimal.Nearest(c.at, low, high); got != c.nearest {
			t.Errorf("%s: the nearest position is %s", name, got)
		}
	}
	for name, c := range map[string]struct {
		from Position
		want *int64
	}{
		"before the end": {AtCursor("15"), new(int64(5))},
		"beyond the end": {AtCursor("21"), new(int64(0))},
		"not comparable": {At(Unset), nil},
	} {
		got := decimal.Between(c.from, high)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestShift(t *testing.T) {
	calculated := Order{Number: decimal.Number, Cursor: func(n int64) string { return strconv.FormatInt(n, 10) }}
	for name, c := range map[string]struct {
		order Order
		from  Position
		by    int64
		want  Position // zero = it cannot be shifted
	}{
		"an offset":                          {Order{}, AtOffset(4), -3, AtOffset(1)},
		"an offset before the first":         {Order{}, AtOffset(4), -5, AtOffset(-1)},
		"an offset past the last":            {Order{}, AtOffset(4), math.MaxInt64, AtOffset(math.MaxInt64)},
		"a broken commit":                    {Order{}, AtOffset(-4), math.MinInt64, AtOffset(math.MinInt64)},
		"a cursor":                           {calculated, AtCursor("4"), 3, AtCursor("7")},
		"a cursor before the first":          {calculated, AtCursor("4"), -5, AtCursor("0")},
		"a cursor without a number":          {calculated, AtCursor("a"), 1, Position{}},
		"a cursor with a negative number":    {calculated, AtCursor("-1"), 1, Position{}},
		"a cursor that cannot be calculated": {decimal, AtCursor("4"), 1, Position{}},
		"a cursor that cannot be compared":   {Order{Cursor: calculated.Cursor}, AtCursor("4"), 1, Position{}},
		"no commit":                          {calculated, At(Unset), 1, Position{}},
	} {
		if got, ok := c.order.Shift(c.from, c.by); got != c.want || ok == got.IsZero() {
			t.Errorf("%s: got %s, %t", name, got, ok)
		}
	}
}

func TestTheLagIsWhatTheLogStillHas(t *testing.T) {
	low, high := AtOffset(100), AtOffset(500)
	for at, want := range map[Position]int64{AtOffset(-1): 400, AtOffset(0): 400, AtOffset(99): 400, AtOffset(100): 400, AtOffset(499): 1, AtOffset(500): 0,
		AtOffset(501): 0} {
		if got := (Order{}).Lag(at, low, high); got == nil || *got != want {
			t.Errorf("%s: got %v, want %d", at, got, want)
		}
	}
	if got := (Order{}).Lag(At(Unset), low, high); got != nil {
		t.Errorf("a lag of %d without a commit", *got)
	}
}
