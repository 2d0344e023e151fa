package aliyunsls

import (
	"encoding/base64"
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
