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
		want := map[string]map[string]int{
			"aliyun-kafka preview": {"GetTopicStatus": 1, "GetConsumerProgress": steps},
			"aliyun-kafka reset":   {"GetTopicStatus": 1, "GetConsumerProgress": 2 * steps, "UpdateConsumerOffset": steps},
			"huawei-rocketmq preview": {
				"ShowTopicStatus": 1, "ShowGroup": steps, "ShowConsumerConnections": steps, "ShowConsumerListOrDetails": 2 * steps,
			},
			"huawei-rocketmq reset": {
				"ShowTopicStatus": 1, "ShowGroup": steps, "ShowConsumerConnections": steps, "ShowConsumerListOrDetails": 3 * steps,
				"ResetConsumeOffset": steps,
			},
		}
		for _, open := range clouds() {
			got, err := measure(t.Context(), ours, settings{steps: steps, rate: 10_000}, open)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range got {
				if name := r.cloud + " " + r.work; !reflect.DeepEqual(r.calls, want[name]) {
					t.Errorf("%s of %d steps: %v, not %v", name, steps, r.calls, want[name])
				}
			}
		}
	}
}

// TestReportShowsTheLeastTime reports runs that the rate limits, and that the latency does.
func TestReportShowsTheLeastTime(t *testing.T) {
	got := report(settings{steps: 200, latency: 50 * time.Millisecond, rate: 10}, []result{
		{cloud: "a", work: "preview", took: 24 * time.Second, calls: map[string]int{"Get": 200}, parallel: reads},
		{cloud: "b", work: "reset", took: 25 * time.Second, calls: map[string]int{"Set": 150, "Get": 50}, parallel: 1},
	})
	got += report(settings{steps: 200, latency: 50 * time.Millisecond, rate: 1000}, []result{
		{cloud: "c", work: "preview", took: time.Second, calls: map[string]int{"Get": 200}, parallel: 10},
	})
	for _, want := range []string{
		"| a | preview | 200 | 1.00 | 20.0 s | 24.0 s | 24.0 s | yes |",
		"| b | reset | 200 | 1.00 | 20.0 s | 24.0 s | 25.0 s | **no** |",
		"| c | preview | 200 | 1.00 | 1.0 s | 1.2 s | 1.0 s | yes |",
		"| b | reset | Get 50, Set 150 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwithout\n%s", got, want)
		}
	}
}
