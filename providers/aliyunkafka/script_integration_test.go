//go:build integration

package aliyunkafka_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// TestIntegrationScriptWithTheVendorsSDK runs the commands of a move against the fake.
// No package registry has the vendor's client, `aliyun`; a program with its options
// sends them through the vendor's SDK for Python.
func TestIntegrationScriptWithTheVendorsSDK(t *testing.T) {
	python := shelltest.Python(t, "aliyunkafkafake/testdata/requirements.txt")
	bin := shelltest.StandIn(t, python, "aliyun", "testdata/aliyun.py")
	first, last := part(kafkafake.SeedTopic, 0), part(kafkafake.SeedTopic, 2)
	for name, c := range map[string]struct {
		target map[string]any
		to     []providers.PartMove
		want   func(map[providers.Part]providers.Position) bool
	}{
		"offsets": {map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}, []providers.PartMove{
			{Part: first, Position: providers.AtOffset(7)}, {Part: last, Position: providers.AtOffset(9)}},
			func(at map[providers.Part]providers.Position) bool {
				return at[first] == providers.AtOffset(7) && at[part(kafkafake.SeedTopic, 1)] == providers.AtOffset(300) && at[last] == providers.AtOffset(9)
			}},
		"a time on every topic": {map[string]any{"group": kafkafake.SeedGroup}, []providers.PartMove{{Position: providers.AtTime(now.Add(-24 * time.Hour))}},
			func(at map[providers.Part]providers.Position) bool {
				n, _ := at[first].Offset()
				return n > 0 && n < 300
			}},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			move := providers.Move{Target: target(t, c.target), To: c.to}
			script, err := aliyunkafka.New().(providers.Scripter).Script(providers.Config{Decode: providertest.Keys(config()), Endpoint: s.url}, move)
			check(t, err)
			run := exec.CommandContext(t.Context(), "sh", "-eu", "-c", strings.Join(script.Commands, "\n"))
			run.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + bin, "ALIBABA_CLOUD_ACCESS_KEY_ID=" + aliyunkafkafake.AccessKey,
				"ALIBABA_CLOUD_ACCESS_KEY_SECRET=" + aliyunkafkafake.Secret}
			out, err := run.CombinedOutput()
			if err != nil || !c.want(s.committed(t, kafkafake.SeedGroup)) || !strings.Contains(string(out), `"ConsumerProgress"`) {
				t.Errorf("the group is at %v, %v:\n%s", s.committed(t, kafkafake.SeedGroup), err, out)
			}
		})
	}
}
