package kafka

import (
	"context"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A single is a request that is sent to one broker a single time and knows
// whether it has left. The client's own retries would repeat a commit whose
// answer was lost, and say nothing of it.
type single struct {
	kmsg.Request
	state atomic.Int32
}

// The states of a single.
const (
	waiting int32 = iota
	left
	abandoned
)

// AppendTo is called when the request is written. One that was abandoned in
// the meantime leaves without its body, which no broker carries out.
func (s *single) AppendTo(dst []byte) []byte {
	if s.state.CompareAndSwap(waiting, left) {
		return s.Request.AppendTo(dst)
	}
	return dst
}

// abandon gives the request up and reports whether it had not left.
func (s *single) abandon() bool { return s.state.CompareAndSwap(waiting, abandoned) }

// once sends a request to a group's coordinator, a single time. An error of
// kind ErrInDoubt means that it left and no answer came.
func (c *connection) once(ctx context.Context, broker int32, group, op string, req kmsg.Request) (kmsg.Response, error) {
	s := &single{Request: req}
	resp, err := c.client.Broker(int(broker)).Request(ctx, s)
	switch {
	case err == nil:
		return resp, nil
	case s.abandon():
		c.coordinators.Delete(group)
		return nil, failed(op, err)
	}
	return nil, doubtful(op, err)
}
