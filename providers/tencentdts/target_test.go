package tencentdts_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
)

// spelled returns a target of a subscription.
func spelled(subscription string, keys map[string]any) (providers.Target, error) {
	return tencentdts.New().Target(providers.Config{Decode: providertest.Keys(map[string]any{"region": "ap-guangzhou",
		"subscribeId": subscription})}, providertest.Keys(keys))
}

func TestAddress(t *testing.T) {
	for want, keys := range map[string]map[string]any{
		"tencent-dts:ap-guangzhou/subs-a/consumer-grp-subs-a-audit":          {"group": "audit", "topic": "t"},
		"tencent-dts:ap-guangzhou/subs-a/consumer-grp-subs-a-b-c":            {"group": "consumer-grp-subs-a-b-c"},
		"tencent-dts:ap-guangzhou/subs-a/consumer-grp-subs-a-subs-a-x:0-2,7": {"group": "subs-a-x", "topic": "t", "partitions": []int{7, 2, 1, 0}},
	} {
		if got, err := spelled("subs-a", keys); err != nil || got.Address() != want {
			t.Errorf("%v: got %v, %v", keys, got, err)
		}
	}
}

func TestInvalidTargets(t *testing.T) {
	for key, keys := range map[string]map[string]any{
		"group is required":                          {"topic": "t"},
		"does not belong to the subscription subs-a": {"group": "consumer-grp-subs-b-audit", "topic": "t"},
		"group is required ":                         {"group": "consumer-grp-subs-a-", "topic": "t"},
		"partitions has the negative number -1":      {"group": "audit", "topic": "t", "partitions": []int{-1}},
		"partitions is empty":                        {"group": "audit", "topic": "t", "partitions": []int{}},
		`unknown field "partition"`:                  {"group": "audit", "topic": "t", "partition": 1},
	} {
		if got, err := spelled("subs-a", keys); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(key)) {
			t.Errorf("%v: got %v, %v", keys, got, err)
		}
	}
}

func TestOverlaps(t *testing.T) {
	base := map[string]any{"group": "audit", "topic": "t", "partitions": []int{0, 1}}
	for name, c := range map[string]struct {
		subscription string
		keys         map[string]any
		want         bool
	}{
		"the same, all partitions":                  {"subs-a", map[string]any{"group": "audit", "topic": "t"}, true},
		"the full name":                             {"subs-a", map[string]any{"group": "consumer-grp-subs-a-audit", "topic": "t", "partitions": []int{1}}, true},
		"other partitions":                          {"subs-a", map[string]any{"group": "audit", "topic": "t", "partitions": []int{2}}, false},
		"another topic, of which there is one only": {"subs-a", map[string]any{"group": "audit", "topic": "u"}, true},
		"no topic":                                  {"subs-a", map[string]any{"group": "audit"}, true},
		"another group":                             {"subs-a", map[string]any{"group": "billing", "topic": "t"}, false},
		"another subscription":                      {"subs-b", map[string]any{"group": "audit", "topic": "t"}, false},
	} {
		a, err := spelled("subs-a", base)
		check(t, err)
		b, err := spelled(c.subscription, c.keys)
		check(t, err)
		if a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s: %s and %s", name, a.Address(), b.Address())
		}
	}
}
