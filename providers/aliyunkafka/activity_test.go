package aliyunkafka_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

func TestActivityFollowsTheReportedState(t *testing.T) {
	const member = `, "TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": 0, "ConsumerOffset": 7, "ClientId": "c", "ClientIp": "/10.0.0.1", "MemberId": "c-1"}, {"Partition": 1, "ConsumerOffset": 7, "ClientId": "c", "ClientIp": "/10.0.0.1", "MemberId": "c-1"}]}}]}}`
	const noMember = `, "TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": 0, "ConsumerOffset": 7, "ClientId": ""}]}}]}}`
	for progress, want := range map[string]providers.Activity{
		`{"state": "STABLE"` + member:                {State: providers.Active, Why: "STABLE"},
		`{"state": "PREPARING_REBALANCE"` + noMember: {State: providers.Active, Why: "PREPARING_REBALANCE"},
		`{"state": "CompletingRebalance"` + noMember: {State: providers.Active, Why: "CompletingRebalance"},
		`{"state": "EMPTY"` + noMember:               {State: providers.Idle, Why: "EMPTY"},
		`{"state": "DEAD"` + noMember:                {State: providers.Idle, Why: "DEAD"},
		`{"state": "DEAD"` + member:                  {State: providers.Active, Why: "DEAD, but it has members"},
		`{"state": "UNKNOWN"` + noMember:             {Why: "UNKNOWN"},
		`{"state": null` + noMember:                  {Why: "this instance does not report the group's state"},
		`{"LastTimestamp": -1` + noMember:            {Why: "this instance does not report the group's state"},
		`{"LastTimestamp": -1, "new": [{}]` + member: {State: providers.Active, Why: "this instance does not report the group's state, but it has members"},
	} {
		t.Run(progress[:30], func(t *testing.T) {
			if strings.Contains(progress, "c-1") {
				want.Members = []providers.Member{{ID: "c-1", Client: "c", Host: "10.0.0.1"}}
			}
			got := read(t, connect(t, progressed(t, progress).url, keys()), seeded(t))
			if got.Err != nil || !reflect.DeepEqual(got.Activity, want) {
				t.Errorf("got %+v, %v; want %+v", got.Activity, got.Err, want)
			}
		})
	}
}

func TestAGroupWithoutCommitsIsBlankAndAnUnknownGroupAbsent(t *testing.T) {
	const noCommits = `{"TotalDiff": 0, "TopicList": {"TopicList": []}}`
	for group, want := range map[string]providers.GroupState{kafkafake.SeedGroup: providers.Blank, "orders-biling": providers.Absent} {
		s := progressed(t, noCommits)
		got := read(t, connect(t, s.url, keys()), target(t, map[string]any{"group": group, "topic": "orders"}))
		state := map[providers.GroupState]providers.State{providers.Absent: providers.Idle}[want]
		if got.Err != nil || got.GroupState != want || got.Activity.State != state || (len(got.Missing) == 1) != (want == providers.Absent) {
			t.Errorf("%s: got %+v", group, got)
		}
	}
}
