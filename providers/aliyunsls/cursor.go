package aliyunsls

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/resetplan/resetplan/providers"
)

// cursorOrder compares the cursors of one shard.
var cursorOrder providers.Order = cursorNumber

// cursorNumber decodes a cursor: base64 of a decimal number that grows along the shard.
func cursorNumber(cursor string) (int64, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// shiftCursor returns the cursor a number of log groups after another one. The manual
// calls cursors opaque; that each log group has the next number follows from the
// vendor's SDKs, whose GetPrevCursorTime subtracts one. If a number were skipped, a
// shift would be by fewer log groups: its figures are upper bounds, as all are.
func shiftCursor(from providers.Position, by int64) (providers.Position, bool) {
	cursor, _ := from.Cursor()
	n, ok := cursorNumber(cursor)
	switch {
	case !ok || n < 0:
		return providers.Position{}, false
	case by > math.MaxInt64-n:
		n = math.MaxInt64
	default:
		n = max(n+by, 0)
	}
	return providers.AtCursor(base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, n, 10))), true
}
