package main

import (
	"strings"
	"testing"
	"time"
)

func TestReportShowsWhichTargetsAreMet(t *testing.T) {
	preview := result{
		task: task{name: "1 group, preview", target: target{faster: 50, bare: 1.5, peer: 1, memory: 30 << 20, requests: 12}},
		figures: map[string]spread{
			theTool: spreadOf([]figure{{3 * time.Second, time.Second, 110 << 20}, {time.Second, 4 * time.Second, 90 << 20}, {2 * time.Second, 2 * time.Second, 100 << 20}}),
			theBare: {figure: figure{40 * time.Millisecond, 9 * time.Millisecond, 20 << 20}},
			theOurs: {figure: figure{50 * time.Millisecond, 9 * time.Millisecond, 20 << 20}, Min: 40 * time.Millisecond, Max: 60 * time.Millisecond},
		},
		requests: map[string]map[string]int{theTool: {"Metadata": 16}, theOurs: {"Metadata": 3, "OffsetFetch": 10}},
	}
	again := result{
		task:    task{name: "1 group, done again", target: target{plan: 1}},
		figures: map[string]spread{theOurs: {figure: figure{45 * time.Millisecond, 9 * time.Millisecond, 20 << 20}}},
	}
	var out strings.Builder
	report(&out, &bench{rounds: 3}, []result{preview, again})
	for _, want := range []string{
		"kcl is left out",
		"| 1 group, preview | kafka-consumer-groups | 2.00 s | 1.00 s | 3.00 s | 2.00 s | 100.0 MiB | 16 |",
		"| 1 group, preview | resetplan | 50.0 ms | 40.0 ms | 60.0 ms | 9.0 ms | 20.0 MiB | 13 |",
		"| 1 group, preview | 0.02 × kafka-consumer-groups | 0.025 × | **no** |",
		"| 1 group, preview | 1.5 × bare protocol | 1.2 × | yes |",
		"| 1 group, preview | 30.0 MiB | 20.0 MiB | yes |",
		"| 1 group, preview | 12 requests | 13 | **no** |",
		"| 1 group, done again | 1 × our preview | 0.9 × | yes |",
		"| 1 group, preview | Metadata 3, OffsetFetch 10 |",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got\n%s\nwithout\n%s", out.String(), want)
		}
	}
	if strings.Contains(out.String(), "× kcl") {
		t.Error("a program that was not measured has a target")
	}
}
