package kafka_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/twmb/franz-go/pkg/kfake"
)

func TestRequestsAreLoggedWithoutSecrets(t *testing.T) {
	address, _ := unseeded(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "alice", "s3cret"))
	var log bytes.Buffer
	env := environment(map[string]string{"KAFKA_SASL_USERNAME": "alice", "KAFKA_SASL_PASSWORD": "s3cret"})
	env.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	conn, err := kafka.New().Connect(config(map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "PLAIN"}}), env)
	check(t, err)
	check(t, conn.Read(t.Context(), []providers.ReadRequest{{Target: target(t, address, map[string]any{"group": "g", "topic": "orders"})}})[0].Err)
	check(t, conn.Close())
	for _, want := range []string{"request=ListGroups", "request=OffsetFetch", "address=127.0.0.1", "duration="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not logged", want)
		}
	}
	if strings.Contains(log.String(), "s3cret") || strings.Contains(log.String(), "alice") {
		t.Error("a credential is logged")
	}
}
