package main

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestCallsOfAStep counts the calls of a plan and of an apply of 5 and of 40 steps: each
// step costs the same, and what all share is read once.
func TestCallsOfAStep(t *testing.T) {
	ours := filepath.Join(t.TempDir(), "resetplan")
	if runtime.GOOS == "windows" {
		ours += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", ours, "github.com/resetplan/resetplan/cmd/resetplan").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, steps := range []int{5, 40} {
		for _, of := range clouds() {
			got, err := works(t.Context(), ours, settings{steps: steps, rate: 10_000}, of)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				if name := r.cloud + " " + r.work; !reflect.DeepEqual(r.calls, callsOf(r.steps)[name]) {
					t.Errorf("%s of %d steps: %v, not %v", name, r.steps, r.calls, callsOf(r.steps)[name])
				}
			}
		}
	}
}

// callsOf returns the calls of each work of some steps.
func callsOf(steps int) map[string]map[string]int {
	return map[string]map[string]int{
		"aliyun-kafka preview": {"GetTopicStatus": 1, "GetConsumerProgress": steps},
		"aliyun-kafka reset":   {"GetTopicStatus": 1, "GetConsumerProgress": 2 * steps, "UpdateConsumerOffset": steps},
		"aliyun-sls preview":   {"ListConsumerGroup": 1, "ListShards": 1, "GetCursor": 9, "GetCheckPoint": steps},
		"aliyun-sls reset": {
			"ListConsumerGroup": 1, "ListShards": 1 + steps, "GetCursor": 9, "GetCheckPoint": 2 * steps, "UpdateCheckPoint": 3 * steps,
		},
		"huawei-rocketmq preview": {
			"ShowTopicStatus": 1, "ShowGroup": steps, "ShowConsumerConnections": steps, "ShowConsumerListOrDetails": 2 * steps,
		},
		"huawei-rocketmq reset": {
			"ShowTopicStatus": 1, "ShowGroup": steps, "ShowConsumerConnections": steps, "ShowConsumerListOrDetails": 3 * steps,
			"ResetConsumeOffset": steps,
		},
		"tencent-dts preview": {"DescribeConsumerGroups": 1, "DescribeOffsetByTime": 3, "DescribeSubscribeDetail": 1},
		"tencent-dts reset": {
			"DescribeConsumerGroups": 1 + steps, "DescribeOffsetByTime": 3, "DescribeSubscribeDetail": 1, "ResetConsumerGroupOffset": steps,
		},
		"enos-pipeline preview": {"GetAccessToken": 1, "ListPipelines": 2},
		"enos-pipeline reset":   {"GetAccessToken": 1, "ListPipelines": 2, "ResetPipelineOffset": steps},
	}
}

// TestReportShowsTheLeastTime reports runs that the rate limits, and that the latency does.
func TestReportShowsTheLeastTime(t *testing.T) {
	s := settings{latency: 50 * time.Millisecond}
	get, both := map[string]int{"Get": 200}, map[string]int{"Set": 150, "Get": 70}
	got := report(s, []result{
		{cloud: "a", work: preview, steps: 200, rate: 10, took: 24 * time.Second, calls: get, needed: 200, parallel: reads},
		{cloud: "b", work: reset, steps: 200, rate: 10, took: 25 * time.Second, calls: both, needed: 200, parallel: 1},
		{cloud: "c", work: preview, steps: 200, rate: 1000, took: time.Second, calls: get, needed: 200, parallel: 10},
	})
	for _, want := range []string{
		"| a | preview | 200 | 10 | 200 | 200 | 20.0 s | 24.0 s | 24.0 s | yes |",
		"| b | reset | 200 | 10 | 220 | 200 | 20.0 s | 24.0 s | 25.0 s | **no** |",
		"| c | preview | 200 | 1000 | 200 | 200 | 1.0 s | 1.2 s | 1.0 s | yes |",
		"| b | reset | Get 70, Set 150 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwithout\n%s", got, want)
		}
	}
}

// TestCallsOfEachStepAreCounted compares three and seven steps.
func TestCallsOfEachStepAreCounted(t *testing.T) {
	each := ofSteps(result{steps: 3, calls: map[string]int{"Get": 4, "Set": 9, "List": 2}},
		result{steps: 7, calls: map[string]int{"Get": 8, "Set": 21, "List": 2}})
	if each != 4 {
		t.Errorf("got %d calls of each step", each)
	}
}
