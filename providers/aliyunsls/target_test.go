package aliyunsls_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestATargetHasOneAddressInEverySpelling(t *testing.T) {
	const whole = "aliyun-sls:cn-hangzhou/sandbox/access-log-etl/access-log"
	for name, c := range map[string]struct {
		endpoint string
		keys     map[string]any
		over     map[string]any
		want     string
	}{
		"by region":                    {"", map[string]any{"region": "cn-hangzhou"}, nil, whole},
		"by the region's endpoint":     {"https://cn-hangzhou.log.aliyuncs.com", nil, nil, whole},
		"by the inner endpoint":        {"https://cn-hangzhou-intranet.log.aliyuncs.com", nil, nil, whole},
		"by region behind an endpoint": {"http://127.0.0.1:19102", map[string]any{"region": "cn-hangzhou"}, nil, whole},
		"only by an endpoint":          {"http://127.0.0.1:19102", nil, nil, "aliyun-sls:127.0.0.1:19102/sandbox/access-log-etl/access-log"},
		"shards in any order":          {"", map[string]any{"region": "cn-hangzhou"}, map[string]any{"shards": []int{7, 2, 1, 2, 0}}, whole + ":0-2,7"},
	} {
		t.Run(name, func(t *testing.T) {
			conf := config(c.endpoint)
			keys := map[string]any{"project": "sandbox"}
			for k, v := range c.keys {
				keys[k] = v
			}
			conf.Decode = providertest.Keys(keys)
			if got := goal(t, conf, c.over).Address(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTargetsOverlapIfTheyHaveACommonShard(t *testing.T) {
	c := config("")
	of := func(shards ...int) providers.Target {
		if shards == nil {
			return goal(t, c, nil)
		}
		return goal(t, c, map[string]any{"shards": shards})
	}
	if !of().Overlaps(of(1)) || !of(0, 1).Overlaps(of(1, 2)) || of(0, 1).Overlaps(of(2)) || goal(t, c,
		map[string]any{"logstore": "other"}).Overlaps(of()) {
		t.Error("the targets are compared wrongly")
	}
}

func TestAnInvalidTargetIsRefusedWithItsKey(t *testing.T) {
	for want, over := range map[string]map[string]any{
		"invalid logstore name":      {"logstore": "a/../b?x=1"},
		"invalid consumerGroup name": {"consumerGroup": "a b"},
		"shards: ":                   {"shards": []int{}},
	} {
		if _, err := aliyunsls.New().Target(config(""), providertest.Keys(words(over))); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for want, keys := range map[string]map[string]any{"project is required": {"region": "cn-hangzhou"}, "region or endpoint is " +
		"required": {"project": "sandbox"}} {
		c := config("")
		c.Decode = providertest.Keys(keys)
		if _, err := aliyunsls.New().Target(c, providertest.Keys(words(nil))); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
