package aliyunkafka_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAScriptMakesExactlyTheMove(t *testing.T) {
	provider := map[string]any{"region": "cn-hangzhou", "instanceId": "alikafka-1"}
	head := []string{"--region", "cn-hangzhou", "--RegionId", "cn-hangzhou", "--InstanceId", "alikafka-1"}
	for _, name := range shelltest.Names() {
		for what, c := range map[string]struct {
			target map[string]any
			to     []providers.PartMove
			want   []string // after the group
		}{
			"offsets": {map[string]any{"group": name, "topic": "orders"}, []providers.PartMove{
				{Part: providers.Part{Topic: "orders"}, Position: providers.AtOffset(7)}, {Part: providers.Part{Topic: "orders", Number: 2},
					Position: providers.AtOffset(9)},
			}, []string{"--Offsets", `[{"Offset":7,"Partition":0},{"Offset":9,"Partition":2}]`, "--ResetType", "offset", "--Topic", "orders"}},
			"a time, on every topic": {map[string]any{"group": name}, []providers.PartMove{{Position: providers.AtTime(time.UnixMilli(1700000000123))}},
				[]string{"--ResetType", "timestamp", "--Time", "1700000000123", "--Topic", ""}},
		} {
			s, err := shelltest.Write(aliyunkafka.New(), providers.Config{Credentials: providers.Credentials{Profile: name},
				Endpoint: "http://127.0.0.1:1"}, provider, c.target, c.to...)
			if err != nil {
				t.Fatal(err)
			}
			call := func(action string) []string {
				return append(append([]string{"aliyun", "alikafka", action}, head...), "--profile", name, "--endpoint", "127.0.0.1:1", "--insecure",
					"--ConsumerId", name)
			}
			want := [][]string{append(call("UpdateConsumerOffset"), c.want...), call("GetConsumerProgress")}
			if got := shelltest.Run(t, s); !reflect.DeepEqual(got, want) {
				t.Errorf("%s of %q: got %q", what, name, got)
			}
		}
	}
}

func TestAScriptNamesTheVariablesOfAnAccount(t *testing.T) {
	s, err := shelltest.Write(aliyunkafka.New(), providers.Config{Credentials: providers.Credentials{Env: map[string]string{"accessKeyId": "PROD_AK"}}},
		map[string]any{"region": "r", "instanceId": "i"}, map[string]any{"group": "g"}, providers.PartMove{Position: providers.AtTime(time.UnixMilli(1))})
	if err != nil || len(s.First) != 2 || s.First[1] != "Give the client the credentials in $PROD_AK (accessKeyId)." {
		t.Errorf("got %q, %v", s.First, err)
	}
}
