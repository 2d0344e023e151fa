package kafka

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A single is a request that is sent to one broker a single time and knows
// whether it has left. The client's own retries would repeat a commit whose
// answer was lost, without reporting it.
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
// the meantime is sent without its body, which no broker executes.
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

// requestLog logs every request for --verbose: its broker, name and duration, never
// its content, which may contain credentials.
type requestLog struct{ log *slog.Logger }

var _ kgo.HookBrokerE2E = (*requestLog)(nil)

func (l *requestLog) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	if l.log == nil {
		return
	}
	attrs := []any{"provider", Type, "address", meta.Host, "port", meta.Port, "request", kmsg.NameForKey(key), "duration",
		e2e.DurationE2E().Round(time.Microsecond).String()}
	if err := e2e.Err(); err != nil {
		attrs = append(attrs, "error", err.Error())
	}
	l.log.Debug("request", attrs...)
}
