//go:build integration

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/view/outcomes"
)

// metricsReader reads a text with the parsers of OpenMetrics and of the older format of
// Prometheus, which node_exporter reads, and prints the samples.
const metricsReader = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus
text = open(sys.argv[1], encoding="utf-8").read()
read = [sorted((s.name, sorted(s.labels.items()), s.value) for f in parse(text) for s in f.samples) for parse in (openmetrics, prometheus)]
assert read[0] == read[1] and len(read[0]) > 8, read
assert ("resetplan_last_success_timestamp_seconds", [("plan", 'p"\\')], 7.0) in read[0], read[0]
`

// TestIntegrationMetricsAreReadByTheirParsers uses the client library of Prometheus.
func TestIntegrationMetricsAreReadByTheirParsers(t *testing.T) {
	python := os.Getenv("RESETPLAN_PYTHON")
	if python == "" {
		t.Fatal("RESETPLAN_PYTHON is not set: run `make integration`")
	}
	finished := lock.AtTime(time.Unix(7, 0))
	r := &outcomes.Report{Plan: `p"\`, Run: "a\nb", Outcome: "failed", Started: time.Unix(1, 0), Finished: time.Unix(2, 5e8)}
	r.Fill(nil, nil)
	file := filepath.Join(t.TempDir(), "p.prom")
	text := r.Metrics(&lock.File{Runs: map[string]*lock.Run{"a\nb": {Outcome: lock.RunApplied, Finished: &finished}}})
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), python, "-c", metricsReader, file).CombinedOutput(); err != nil {
		t.Errorf("%v: %s\n%s", err, out, text)
	}
}
