package tencentdts_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
	"github.com/resetplan/resetplan/providers/tencentdts"
)

func TestAScriptMakesExactlyTheMove(t *testing.T) {
	for _, name := range shelltest.Names() {
		at := func(n int, to providers.Position) providers.PartMove {
			return providers.PartMove{Part: providers.Part{Topic: name, Number: n}, Position: to}
		}
		s, err := shelltest.Write(tencentdts.New(), providers.Config{Endpoint: "https://dts.intl.tencentcloudapi.com",
			Credentials: providers.Credentials{Profile: name}},
			map[string]any{"region": "ap-guangzhou", "subscribeId": "subs-a"}, map[string]any{"group": name, "topic": name},
			at(0, providers.AtTime(time.Date(2026, 11, 18, 20, 0, 0, 0, time.UTC))), at(1, providers.At(providers.Latest)), at(3,
				providers.AtTime(time.Date(2026, 11, 18, 20, 0, 0, 0, time.UTC))))
		if err != nil {
			t.Fatal(err)
		}
		call := func(action string, more ...string) []string {
			return append([]string{"tccli", "dts", action, "--version", "2021-12-06", "--region", "ap-guangzhou", "--endpoint",
				"dts.intl.tencentcloudapi.com", "--profile", name, "--SubscribeId", "subs-a"}, more...)
		}
		full := []string{"--TopicName", name, "--ConsumerGroupName", "consumer-grp-subs-a-" + name, "--PartitionNos"}
		want := [][]string{
			call("ResetConsumerGroupOffset", append(full[:5:5], "[0,3]", "--ResetMode", "datetime", "--ResetDatetime", "2026-11-19 04:00:00")...),
			call("ResetConsumerGroupOffset", append(full[:5:5], "[1]", "--ResetMode", "latest")...),
			call("DescribeConsumerGroups"),
		}
		if got := shelltest.Run(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q", name, got)
		}
	}
}
