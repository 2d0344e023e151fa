package tencentdts_test

import (
	"reflect"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

func TestEachStateIsIdleOrActive(t *testing.T) {
	members := `, "PartitionAssignment": [{"ClientId": "a-1", "PartitionNo": []}, {"ClientId": "a-2", "PartitionNo": null}, {"ClientId": "a-3"}]`
	three := []providers.Member{{Client: "a-1"}, {Client: "a-2"}, {Client: "a-3"}}
	for state, want := range map[string]providers.Activity{
		`, "ConsumerGroupState": "Dead"`:                               {State: providers.Idle, Why: "Dead"},
		`, "ConsumerGroupState": "Empty", "PartitionAssignment": null`: {State: providers.Idle, Why: "Empty"},
		`, "ConsumerGroupState": "Stable"` + members:                   {State: providers.Active, Why: "Stable", Members: three},
		`, "ConsumerGroupState": "PreparingRebalance"`:                 {State: providers.Active, Why: "PreparingRebalance"},
		`, "ConsumerGroupState": "WhateverComes"`:                      {State: providers.Active, Why: "WhateverComes"},
		``:                             {State: providers.UnknownState, Why: "the service does not report the group's state"},
		`, "ConsumerGroupState": null`: {State: providers.UnknownState, Why: "the service does not report the group's state"},
	} {
		s := answering(t, map[string]string{"DescribeConsumerGroups": `"TotalCount": 1, "Items": [{"ConsumerGroupName": "` + tencentdtsfake.FullName(audit) + `"` + state + `}]`})
		if got := read(t, s.url); got.Err != nil || !reflect.DeepEqual(got.Activity, want) {
			t.Errorf("%s: got %+v, %v", state, got.Activity, got.Err)
		}
	}
}
