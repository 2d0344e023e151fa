package decide_test

import (
	"encoding/base64"
	"strconv"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
)

// cursors returns a reading of a service with cursors.
func cursors(low, committed, high string) providers.PartReading {
	return providers.PartReading{Part: plantest.Orders(0), Low: providers.AtCursor(low), High: providers.AtCursor(high),
		Committed: providers.AtCursor(committed)}
}

// shifting makes a service calculate cursors as numbers.
func shifting(q *decide.Question) {
	q.Capabilities.Order = providers.Order{Number: number, Cursor: func(n int64) string {
		return base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, n, 10))
	}}
}

func number(cursor string) (int64, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}
