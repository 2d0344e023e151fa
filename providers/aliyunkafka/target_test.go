package aliyunkafka_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestAddresses(t *testing.T) {
	for want, keys := range map[string]map[string]any{
		"aliyun-kafka:cn-hangzhou/alikafka_post-cn-sandbox/g/orders":     {"group": "g", "topic": "orders"},
		"aliyun-kafka:cn-hangzhou/alikafka_post-cn-sandbox/g/orders:0-2": {"group": "g", "topic": "orders", "partitions": []int{2, 1, 0, 1}},
		"aliyun-kafka:cn-hangzhou/alikafka_post-cn-sandbox/g/*":          {"group": "g"},
	} {
		if got := target(t, keys).Address(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTargetsWithACommonPartitionOverlap(t *testing.T) {
	all := map[string]any{"group": "g"}
	orders := map[string]any{"group": "g", "topic": "orders"}
	first := map[string]any{"group": "g", "topic": "orders", "partitions": []int{0}}
	for name, c := range map[string]struct {
		a, b map[string]any
		want bool
	}{
		"all topics and one":   {all, orders, true},
		"a topic and its part": {orders, first, true},
		"two partitions":       {first, map[string]any{"group": "g", "topic": "orders", "partitions": []int{1}}, false},
		"two topics":           {orders, map[string]any{"group": "g", "topic": "payments"}, false},
		"two groups":           {orders, map[string]any{"group": "h", "topic": "orders"}, false},
	} {
		if a, b := target(t, c.a), target(t, c.b); a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s: overlap should be %v", name, c.want)
		}
	}
}

func TestInvalidTargetsAreRefused(t *testing.T) {
	for want, keys := range map[string]map[string]any{
		"group is required":                     {"topic": "orders"},
		"the group name is longer than 64":      {"group": strings.Repeat("g", 65)},
		"the topic name is longer than 64":      {"group": "g", "topic": strings.Repeat("t", 65)},
		"partitions requires a topic":           {"group": "g", "partitions": []int{0}},
		"partitions has the negative number -1": {"group": "g", "topic": "orders", "partitions": []int{-1}},
	} {
		_, err := aliyunkafka.New().Target(providers.Config{Decode: providertest.Keys(config())}, providertest.Keys(keys))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
