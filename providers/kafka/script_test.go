package kafka_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
	"github.com/resetplan/resetplan/providers/kafka"
)

func placed(topic string, n int, to providers.Position) providers.PartMove {
	return providers.PartMove{Part: providers.Part{Topic: topic, Number: n}, Position: to}
}

func keys(more map[string]any) map[string]any {
	all := map[string]any{"bootstrapServers": []string{"b:9092", "a:9092"}}
	for k, v := range more {
		all[k] = v
	}
	return all
}

func TestAScriptGivesTheToolExactlyTheMove(t *testing.T) {
	for _, group := range shelltest.Names() {
		s, err := shelltest.Write(kafka.New(), providers.Config{}, keys(nil), map[string]any{"group": group, "topics": []string{"audit", "orders"}},
			placed("audit", 0, providers.At(providers.Unset)), placed("audit", 3, providers.At(providers.Unset)), placed("orders", 0,
				providers.AtOffset(7)), placed("orders", 2, providers.AtOffset(1<<40)))
		if err != nil {
			t.Fatal(err)
		}
		got := shelltest.Run(t, s)
		tool := []string{"kafka-consumer-groups", "--bootstrap-server", "b:9092,a:9092", "--group", group}
		want := [][]string{
			append(tool[:5:5], "--reset-offsets", "--from-file", "orders,0,7\norders,2,1099511627776\n", "--execute"),
			append(tool[:5:5], "--delete-offsets", "--topic", "audit:0,3"),
			append(tool[:5:5], "--describe", "--offsets"),
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q", group, got)
		}
	}
}

func TestAScriptNamesSecretsAndHoldsNone(t *testing.T) {
	s, err := shelltest.Write(kafka.New(), providers.Config{}, keys(map[string]any{
		"tls": map[string]any{"caFile": "ca.pem\nrm -rf x", "certFile": "c.pem",
			"keyFile": "k.pem"}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-256", "env": map[string]any{"password": "PROD_PASSWORD"}}}),
		map[string]any{"group": "g", "topic": "t"}, placed("t", 0, providers.AtOffset(1)))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(s.Commands, "\n")
	for _, want := range []string{"\n#   sasl.mechanism=SCRAM-SHA-256\n", "ssl.truststore.location=ca.pem rm -rf x\n",
		`username="$KAFKA_SASL_USERNAME" password="$PROD_PASSWORD";`, "--command-config client.properties"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if calls := shelltest.Run(t, s); len(calls) != 2 || shelltest.Value(calls[0], "--command-config") != "client.properties" {
		t.Errorf("got %q", calls)
	}
}

func TestAScriptNamesWhatTheToolCannotDo(t *testing.T) {
	kept := placed("t", 0, providers.AtOffset(1))
	kept.Metadata = map[string]string{"metadata": "mine"}
	s, err := shelltest.Write(kafka.New(), providers.Config{}, keys(nil), map[string]any{"group": "g", "topic": "t"}, kept)
	if err != nil || !strings.Contains(strings.Join(s.First, "\n"), "writes no commit metadata") {
		t.Errorf("got %v, %v", s.First, err)
	}
	for _, move := range []providers.PartMove{placed("t\n0,0,0", 0, providers.AtOffset(1)), placed("t", 0, providers.AtOffset(-1)),
		placed("t", 0, providers.At(providers.Earliest))} {
		if _, err := shelltest.Write(kafka.New(), providers.Config{}, keys(nil), map[string]any{"group": "g", "topic": "t"},
			move); !errors.Is(err, providers.ErrUnsupported) {
			t.Errorf("%+v: got %v", move, err)
		}
	}
}
