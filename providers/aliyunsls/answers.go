package aliyunsls

import (
	"net/http"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers"
)

// shard is one of a logstore's, whatever its state.
type shard struct {
	number  int
	created string // tells it from one of the same number in a logstore made again
}

// group is a consumer group.
type group struct {
	name    string
	timeout time.Duration // without a heartbeat, after which a consumer is given up; 0 = not told
}

// checkpoints are a group's, with the service's own time at which they stood.
type checkpoints struct {
	points map[int]checkpoint // by shard; a shard that was never committed is not there
	at     time.Time
}

type checkpoint struct {
	cursor   string
	consumer string    // who committed it; "" = nobody, as after a reset
	updated  time.Time // zero = not told
}

// moment reads a time in seconds, as the manual's text has it, or in
// microseconds, as its examples do; in milliseconds, too, lest a consumer that
// has just committed look old. The size tells which: between the years 1973
// and 5138 no number is a time in two of them.
func moment(n int64) time.Time {
	switch {
	case n < 100_000_000_000:
		return time.Unix(n, 0)
	case n < 100_000_000_000_000:
		return time.UnixMilli(n)
	}
	return time.UnixMicro(n)
}

// committed returns where the group stands on a shard.
func (c checkpoints) committed(shard int) providers.Position {
	if p, ok := c.points[shard]; ok {
		return providers.AtCursor(p.cursor)
	}
	return providers.At(providers.Unset)
}

// requestID finds the service's id of a request, which it gives in a header.
func requestID(h http.Header, _ []byte) string { return h.Get(sls.RequestIDHeader) }
