package aliyunsls_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

func TestAScriptMakesExactlyTheMove(t *testing.T) {
	for _, profile := range shelltest.Names() {
		s, err := shelltest.Write(aliyunsls.New(), providers.Config{Credentials: providers.Credentials{Profile: profile}},
			map[string]any{"region": "cn-hangzhou", "project": "p"},
			map[string]any{"logstore": "l", "consumerGroup": "g"},
			providers.PartMove{Part: providers.Part{Topic: "shard"}, Position: providers.AtCursor("MTUy")},
			providers.PartMove{Part: providers.Part{Topic: "shard", Number: 2}, Position: providers.AtCursor("Nw==")})
		if err != nil {
			t.Fatal(err)
		}
		call := func(action string, more ...string) []string {
			return append([]string{"aliyunlog", "log", action, "--region-endpoint=https://cn-hangzhou.log.aliyuncs.com", "--client-name=" + profile,
				"--project=p", "--logstore=l", "--consumer_group=g"}, more...)
		}
		want := [][]string{
			call("update_check_point", "--shard=0", "--check_point=MTUy", "--force_success=true"),
			call("update_check_point", "--shard=2", "--check_point=Nw==", "--force_success=true"),
			call("get_check_point"),
		}
		if got := shelltest.Run(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q", profile, got)
		}
	}
}

func TestAScriptSignsAsTheRegionRequires(t *testing.T) {
	s, err := shelltest.Write(aliyunsls.New(), providers.Config{}, map[string]any{"region": "xx-test-acdr-ut-1", "project": "p"},
		map[string]any{"logstore": "l", "consumerGroup": "g"},
		providers.PartMove{Part: providers.Part{Topic: "shard"}, Position: providers.AtCursor("MTUy")})
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range shelltest.Run(t, s) {
		if !slices.Contains(words, "--sign-version=v4") || !slices.Contains(words, "--region-id=xx-test-acdr-ut-1") {
			t.Errorf("got %q", words)
		}
	}
}
