package huaweirocketmq

import (
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAScriptMakesExactlyTheMove(t *testing.T) {
	provider := map[string]any{"region": "cn-north-4", "projectId": "p", "instanceId": "i", "engine": "rocketmq"}
	for want, to := range map[string]providers.Position{
		"1700000000123": providers.AtTime(time.UnixMilli(1700000000123)),
		"0":             providers.At(providers.Earliest),
		"1700000000000": providers.At(providers.Latest), // of the shell's clock
	} {
		for _, profile := range shelltest.Names() {
			s, err := shelltest.Write(New(), providers.Config{Credentials: providers.Credentials{Profile: profile},
				Endpoint: "https://dms.example.com"}, provider,
				map[string]any{"group": "g%RETRY|x", "topic": "t|%"}, providers.PartMove{Position: to})
			if err != nil {
				t.Fatal(err)
			}
			call := func(action string, more ...string) []string {
				return append([]string{"hcloud", "RocketMQ", action, "--cli-region=cn-north-4", "--cli-endpoint=dms.example.com", "--cli-profile=" + profile,
					"--project_id=p", "--instance_id=i", "--group=g%RETRY|x", "--topic=t|%"}, more...)
			}
			all := [][]string{call("ResetConsumeOffset", "--engine=rocketmq", "--timestamp="+want), call("ShowConsumerListOrDetails")}
			if got := shelltest.Run(t, s); !reflect.DeepEqual(got, all) {
				t.Errorf("%s: got %q", to, got)
			}
		}
	}
	if _, err := shelltest.Write(New(), providers.Config{}, provider, map[string]any{"group": "g", "topic": "t"},
		providers.PartMove{Position: providers.AtTime(time.UnixMilli(-1))}); err == nil {
		t.Error("a time that means the end to the engine is accepted")
	}
}
