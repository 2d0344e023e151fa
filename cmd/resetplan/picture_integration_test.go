//go:build integration

package main

import (
	"os"
	"testing"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
)

// TestIntegrationPicture runs kafka-consumer-groups of the newest supported Kafka against
// the sandbox of the README's picture, and checks that it prints what is recorded.
func TestIntegrationPicture(t *testing.T) {
	address, err := pictureSandbox(t).Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	out, err := kafkatest.Tool(t.Context(), kafkatest.Newest, address, "kafka-consumer-groups", beforeWords()...)
	if err != nil || out.Code != 0 {
		t.Fatalf("it exited with %d: %v\n%s%s", out.Code, err, out.Stdout, out.Stderr)
	}
	if *update {
		if err := os.WriteFile(beforeFile, []byte(out.Stdout), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if recorded, err := os.ReadFile(beforeFile); err != nil || string(recorded) != out.Stdout {
		t.Errorf("%s is stale (%v): it prints\n%s", beforeFile, err, out.Stdout)
	}
}
