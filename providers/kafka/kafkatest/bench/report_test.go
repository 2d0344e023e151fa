package main

import (
	"strings"
	"testing"
	"time"
)

func TestReportShowsWhichTargetsAreMet(t *testing.T) {
	r := result{
		task: task{name: "1 group", target: target{faster: 50, memory: 30 << 20, requests: 12}},
		figures: map[string]figure{
			theTool: median([]figure{{3 * time.Second, 110 << 20}, {time.Second, 90 << 20}, {2 * time.Second, 100 << 20}}),
			theOurs: {50 * time.Millisecond, 20 << 20},
		},
		requests: map[string]int{theTool: 16, theOurs: 12},
	}
	var out strings.Builder
	if err := report(&out, 3, []result{r}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(line, "1 group") {
			got = append(got, strings.Join(strings.Fields(line), " "))
		}
	}
	want := []string{
		"1 group kafka-consumer-groups 2.00 s 1 × 100.0 MiB 16",
		"1 group resetplan 50.0 ms 40 × 20.0 MiB 12",
		"1 group ≥ 50 × faster 40 × NO",
		"1 group ≤ 30.0 MiB 20.0 MiB yes",
		"1 group ≤ 12 requests 12 yes",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
