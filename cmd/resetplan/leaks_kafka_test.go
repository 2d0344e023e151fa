package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kfake"
)

// TestNoSecretIsShownByAKafkaThatRepeatsIt runs a broker that repeats the
// credentials it receives: in a refusal, in a SCRAM challenge, in the
// state and the members of a group, and in the cluster's id.
func TestNoSecretIsShownByAKafkaThatRepeatsIt(t *testing.T) {
	for name, c := range map[string]struct {
		how       kafkafake.Echo
		mechanism string
	}{
		"in a refusal of PLAIN":       {kafkafake.EchoRefusal, "PLAIN"},
		"in a refusal of OAUTHBEARER": {kafkafake.EchoRefusal, "OAUTHBEARER"},
		"in a refusal of other names": {kafkafake.EchoRefusal, "PLAIN, env: {username: PROD_KEY, password: PROD_KEY}"},
		"in a SCRAM challenge":        {kafkafake.EchoScram, "SCRAM-SHA-256"},
		"in a group":                  {kafkafake.EchoGroups, "PLAIN"},
		"in the cluster's id":         {kafkafake.EchoCluster, "PLAIN"},
	} {
		t.Run(name, func(t *testing.T) {
			planted := &plants{all: map[string]string{}}
			env := planted.variables()
			broker, err := kafkafake.Start("127.0.0.1:0", kfake.EnableSASL(), kfake.Superuser("PLAIN", env["KAFKA_SASL_USERNAME"], env["KAFKA_SASL_PASSWORD"]))
			noError(t, err)
			defer broker.Close()
			broker.Repeat(c.how, env["KAFKA_SASL_USERNAME"], env["KAFKA_SASL_PASSWORD"])
			t.Chdir(t.TempDir())
			noError(t, os.WriteFile("p.yaml", fmt.Appendf(nil,
				"version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [%q], timeout: 2s, sasl: {mechanism: %s}}}\n"+
					"steps: [{id: s, provider: k, target: {group: %s, topic: t}, to: earliest}]\n", broker.Address(), c.mechanism, kafkafake.SeedGroup), 0o600))
			planted.runAll(t, everyCommand(), t.TempDir(), env)
		})
	}
}
