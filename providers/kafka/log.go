package kafka

import (
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// requestLog tells of every request for --verbose: to whom, which and how
// long it took. Contents, which may hold credentials, are never told.
type requestLog struct{ log *slog.Logger }

var _ kgo.HookBrokerE2E = (*requestLog)(nil)

func (l *requestLog) OnBrokerE2E(meta kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	if l.log == nil {
		return
	}
	attrs := []any{"provider", Type, "address", meta.Host, "port", meta.Port, "request", kmsg.NameForKey(key), "time", e2e.DurationE2E().Round(time.Microsecond)}
	if err := e2e.Err(); err != nil {
		attrs = append(attrs, "error", err.Error())
	}
	l.log.Debug("request", attrs...)
}
