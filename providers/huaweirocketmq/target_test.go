package huaweirocketmq

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestATargetIsCheckedOffline(t *testing.T) {
	for name, c := range map[string]struct {
		change, target map[string]any
		want           string // in the error; "" = accepted
	}{
		"the special characters of names": {nil, map[string]any{"group": "g%RETRY|x-1", "topic": "T_1|%"}, ""},
		"the other name of the engine":    {map[string]any{"engine": "rocketmq"}, nil, ""},
		"no group":                        {nil, map[string]any{"topic": "t"}, "invalid group name"},
		"no topic":                        {nil, map[string]any{"group": "g"}, ""},
		"several topics":                  {nil, map[string]any{"group": "g", "topics": []string{"t", "orders-*"}}, ""},
		"a path in a glob":                {nil, map[string]any{"group": "g", "topics": []string{"../*"}}, "invalid topic name"},
		"a retry topic in a list":         {nil, map[string]any{"group": "g", "topics": []string{"t", "%RETRY%g"}}, "%RETRY%g holds"},
		"a topic and topics":              {nil, map[string]any{"group": "g", "topic": "t", "topics": []string{"u"}}, "topic and topics"},
		"a path in a name":                {nil, map[string]any{"group": "../topics", "topic": "t"}, "invalid group name"},
		"a retry topic":                   {nil, map[string]any{"group": "g", "topic": "%RETRY%g"}, "%RETRY%g holds"},
		"a dead letter topic":             {nil, map[string]any{"group": "g", "topic": "%DLQ%g"}, "%DLQ%g holds"},
		"no project":                      {map[string]any{"projectId": ""}, nil, "invalid projectId"},
		"no instance":                     {map[string]any{"instanceId": ""}, nil, "invalid instanceId"},
		"a region in upper case":          {map[string]any{"region": "CN-North-4"}, nil, `invalid region "CN-North-4": write cn-north-4`},
		"a region that is another host":   {map[string]any{"region": "evil.example/"}, nil, "invalid region"},
		"another engine":                  {map[string]any{"engine": "kafka"}, nil, "invalid engine"},
	} {
		keys := settings()
		for k, v := range c.change {
			keys[k] = v
		}
		if c.target == nil {
			c.target = map[string]any{"group": "g", "topic": "t"}
		}
		_, err := New().Target(providers.Config{Decode: providertest.Keys(keys)}, providertest.Keys(c.target))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAnAddressNamesInstanceGroupAndTopic(t *testing.T) {
	if got := goal(t, "group_01", "topic_01").Address(); got != "huawei-rocketmq:cn-north-4/sandbox-rocketmq/group_01/topic_01" {
		t.Errorf("got %s", got)
	}
}
