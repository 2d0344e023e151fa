//go:build integration

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/resetplan/resetplan/providers/sandbox"
)

// TestIntegrationComparison runs kafka-consumer-groups for each cell of its column in
// docs/comparison.md, and resetplan for the same wish, on sandboxes of their own.
func TestIntegrationComparison(t *testing.T) {
	for name, c := range map[string]struct {
		fault     string
		group, to string // of resetplan; the tool's are in args
		args      []string
		prints    string
		commits   string // of the tool's group afterwards
		code      int    // of resetplan
		refuses   string
	}{
		"a preview shows only new offsets": {group: "orders-billing", to: "earliest", args: []string{"--to-earliest", "--dry-run"},
			prints: "GROUP           TOPIC           PARTITION  NEW-OFFSET\norders-billing  orders          0          0", commits: "300,300,300",
			refuses: "  orders/0-2    0  300       0   500  + replay up to 300 each, 900 together  600 -> 1,500"},
		"an active group exits 0": {fault: "kafka:live", group: "orders-billing", to: "earliest", args: []string{"--to-earliest", "--execute"},
			prints: "Error: Assignments can only be reset if the group 'orders-billing' is inactive", commits: "300,300,300",
			code: 4, refuses: "the group is active"},
		"an offset after the log end is moved": {group: "orders-billing", to: "offset:999", args: []string{"--to-offset", "999", "--execute"},
			prints: "orders-billing  orders          0          500", commits: "500,500,500", code: 4, refuses: "cannot go to offset:999, past the end of the log, offset:500"},
		"records are lost without a word": {group: "orders-billing", to: "offset:400", args: []string{"--to-offset", "400", "--execute"},
			prints: "orders-billing  orders          0          400", commits: "400,400,400", code: 4, refuses: "would skip up to 300 records"},
		"a misspelt group is created": {group: "orders-biling", to: "earliest", args: []string{"--to-earliest", "--execute"},
			prints: "orders-biling   orders          0          0", commits: "0,0,0", code: 4, refuses: `group "orders-biling" not found`},
		"without a word for it, only a preview": {group: "orders-billing", args: []string{"--to-earliest"}, prints: "execute", commits: "300,300,300"},
		"a time after the last record": {group: "orders-billing", to: "2099-01-01T00:00:00Z", args: []string{"--to-datetime", "2099-01-01T00:00:00.000", "--execute"},
			prints: "Partition 0 from topic orders is empty", commits: "500,500,500", code: 4, refuses: "would skip up to 600 records"},
		"a missing topic exits 0": {group: "orders-billing", to: "earliest", args: []string{"--topic", "order", "--to-earliest", "--execute"},
			prints: "Error: Executing consumer group command failed", commits: "300,300,300"},
		"a time with a zone exits 0": {group: "orders-billing", to: "2026-11-18T00:00:00+08:00", args: []string{"--to-datetime", "2026-11-18T00:00:00Z", "--execute"},
			prints: "Unparseable date", commits: "300,300,300"},
	} {
		t.Run(name, func(t *testing.T) {
			box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: freePorts(), Now: time.Now, Faults: faultsOf(c.fault)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(box.Close)
			address, err := box.Address("kafka")
			if err != nil {
				t.Fatal(err)
			}
			if c.refuses != "" {
				code, output := called([]string{"resetplan", "plan", "--provider", "kafka", "--bootstrap", address, "--group", c.group, "--topic", "orders", "--to", c.to})
				if code != c.code || !strings.Contains(output, c.refuses) {
					t.Errorf("resetplan exits with %d, want %d with %q:\n%s", code, c.code, c.refuses, output)
				}
			}
			args := append([]string{"--group", c.group, "--reset-offsets"}, c.args...)
			if !strings.Contains(strings.Join(c.args, " "), "--topic") {
				args = append(args, "--topic", "orders")
			}
			out, err := kafkatest.Tool(t.Context(), kafkatest.Newest, address, "kafka-consumer-groups", args...)
			if err != nil || out.Code != 0 || !strings.Contains(out.Stdout+out.Stderr, c.prints) {
				t.Errorf("kafka-consumer-groups exits with %d (%v), want 0 with %q:\n%s%s", out.Code, err, c.prints, out.Stdout, out.Stderr)
			}
			committedAt(t, box, c.group, c.commits)
		})
	}
}

func faultsOf(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}
