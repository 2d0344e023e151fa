package schema_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema"
)

func TestCredentialsAreNotSentUnencrypted(t *testing.T) {
	for keys, want := range map[string]string{
		`bootstrapServers: ["broker.example.com:9092"], sasl: {mechanism: PLAIN}`: "PLAIN without TLS sends the " +
			"credentials unencrypted to broker.example.com",
		`bootstrapServers: ["127.0.0.1:9092", "10.0.0.1:9092"], sasl: {mechanism: OAUTHBEARER}`: "OAUTHBEARER without TLS sends the " +
			"credentials unencrypted to 10.0.0.1",
		`bootstrapServers: ["b:9092"], tls: {}, sasl: {mechanism: OAUTHBEARER, oauth: {tokenEndpoint: "http://login.example.com/t"}}`: "" +
			"http:// sends the client's secret unencrypted to login.example.com; write https://, or add insecure: true",
		`bootstrapServers: ["b:9092"], tls: {}, sasl: {mechanism: OAUTHBEARER, oauth: {tokenEndpoint: "http://127.0.0.1:1/t"}}`:    "",
		`bootstrapServers: ["b:9092"], tls: {}, sasl: {mechanism: OAUTHBEARER, oauth: {tokenEndpoint: "https://l.example.com/t"}}`: "",
		`bootstrapServers: ["broker.example.com:9092"], sasl: {mechanism: PLAIN}, insecure: true`:                                  "",
		`bootstrapServers: ["broker.example.com:9092"], sasl: {mechanism: PLAIN}, tls: {}`:                                         "",
		`bootstrapServers: ["broker.example.com:9092"], sasl: {mechanism: SCRAM-SHA-512}`:                                          "",
		`bootstrapServers: ["localhost:9092", "127.0.0.2:9092", "[::1]:9092"], sasl: {mechanism: PLAIN}`:                           "",
	} {
		text := "version: 1\nname: p\nproviders: {k: {type: kafka, " + keys +
			"}}\nsteps: [{id: s, provider: k, target: {group: g, topic: t}, to: latest}]\n"
		_, errs := schema.Parse("p.yaml", []byte(text), nil)
		if (want == "") != (len(errs) == 0) || !strings.Contains(errs.Error(), want) {
			t.Errorf("%s: got %v", keys, errs)
		}
	}
}
