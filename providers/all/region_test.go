package all

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// TestARegionCannotNameAnotherHost: a region becomes a part of a host's name, to which
// signatures and identities are sent, and plans come from strangers.
func TestARegionCannotNameAnotherHost(t *testing.T) {
	needed := map[string]map[string]any{
		"aliyun-kafka":    {"instanceId": "i"},
		"aliyun-sls":      {"project": "p"},
		"huawei-rocketmq": {"projectId": "p", "instanceId": "i"},
		"tencent-dts":     {"subscribeId": "subs-a"},
	}
	target := map[string]any{"group": "g", "topic": "t", "logstore": "l", "consumerGroup": "g"}
	for _, p := range Providers() {
		keys, ok := needed[p.Type()]
		if !ok {
			continue // kafka and EnOS have addresses instead of regions
		}
		delete(needed, p.Type())
		for _, region := range []string{"evil.example/", "x@evil.example/", "evil.example#", "evil.example?", "a.b", "a b", "a\n", "evil.example/-fsi"} {
			keys["region"] = region
			c := providers.Config{Decode: providertest.Keys(keys)}
			_, decoding := p.Target(c, providertest.Keys(target))
			_, connecting := p.Connect(c, providers.Process{Getenv: func(string) string { return "x" }})
			for _, err := range []error{decoding, connecting} {
				if err == nil || !strings.Contains(err.Error(), "invalid region") {
					t.Errorf("%s: region %q: got %v", p.Type(), region, err)
				}
			}
		}
	}
	if len(needed) > 0 {
		t.Errorf("these types do not exist: %v", needed)
	}
}
