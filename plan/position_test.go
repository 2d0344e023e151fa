package plan

import (
	"maps"
	"strconv"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func TestFromLow(t *testing.T) {
	order := providers.Order{Number: func(cursor string) (int64, bool) {
		n, err := strconv.ParseInt(cursor, 10, 64)
		return n, err == nil
	}}
	cursor, unset := providers.AtCursor, providers.At(providers.Unset)
	for name, c := range map[string]struct {
		order providers.Order
		low   providers.Position
		all   []providers.Position
		want  map[providers.Position]int64
	}{
		"cursors": {order, cursor("10"), []providers.Position{cursor("30"), cursor("4"), unset},
			map[providers.Position]int64{cursor("10"): 0, cursor("30"): 20, cursor("4"): -6}},
		"cursors without an order": {providers.Order{}, cursor("10"), []providers.Position{cursor("30")}, nil},
		"an unknown start":         {order, providers.Position{}, []providers.Position{cursor("30")}, nil},
		"offsets":                  {order, providers.AtOffset(10), []providers.Position{providers.AtOffset(30)}, nil},
	} {
		if got := FromLow(c.order, c.low, c.all...); !maps.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
