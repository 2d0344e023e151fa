package aliyunsls

import (
	"encoding/base64"
	"strconv"

	"github.com/resetplan/resetplan/providers"
)

// cursorOrder compares and shifts the cursors of one shard.
var cursorOrder = providers.Order{Number: cursorNumber, Cursor: cursorOf}

// cursorNumber decodes a cursor: base64 of a decimal number that grows along the shard.
func cursorNumber(cursor string) (int64, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// cursorOf encodes the cursor with a number. The manual calls cursors opaque; that each
// log group has the next number follows from the vendor's SDKs, whose GetPrevCursorTime
// subtracts one. If a number were skipped, a shift would be by fewer log groups: its
// figures are upper bounds, as all are.
func cursorOf(number int64) string {
	return base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, number, 10))
}
