package reconcile_test

import (
	"testing"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/providertest"
)

// TestAnEarlierResetIsFoundByItsGroup: a second reset of a partition waits until the first
// has settled, also if another target of the group had selected the partition. Whether a
// recorded target is of the group, its identity shows.
func TestAnEarlierResetIsFoundByItsGroup(t *testing.T) {
	group := map[string]any{"group": "g", "topic": "t"}
	targets := map[string]struct {
		config map[string]any
		target map[string]any
		parts  string // the key that selects parts; "" = there is none
	}{
		"kafka":           {map[string]any{"bootstrapServers": []string{"b:9092"}}, group, "partitions"},
		"aliyun-kafka":    {map[string]any{"region": "r", "instanceId": "i"}, group, "partitions"},
		"aliyun-sls":      {map[string]any{"region": "r", "project": "p"}, map[string]any{"consumerGroup": "g", "logstore": "l"}, "shards"},
		"huawei-rocketmq": {map[string]any{"region": "r", "projectId": "p", "instanceId": "i"}, group, ""},
		"tencent-dts":     {map[string]any{"region": "r", "subscribeId": "subs-a"}, group, "partitions"},
	}
	for _, p := range all.Providers() {
		c, ok := targets[p.Type()]
		if !ok {
			continue // a pipeline has no group
		}
		delete(targets, p.Type())
		for _, parts := range [][]int{nil, {0, 1}} {
			keys := map[string]any{}
			for key, value := range c.target {
				keys[key] = value
			}
			if parts != nil && c.parts != "" {
				keys[c.parts] = parts
			}
			target, err := p.Target(providers.Config{Decode: providertest.Keys(c.config)}, providertest.Keys(keys))
			if err != nil {
				t.Fatal(err)
			}
			if identity := target.Identity(); !reconcile.HasGroup(identity, target.Group()) || reconcile.HasGroup(identity, "other") {
				t.Errorf("group %q in %s", target.Group(), identity)
			}
		}
	}
	if len(targets) > 0 {
		t.Errorf("these types do not exist: %v", targets)
	}
}
