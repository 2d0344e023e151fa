//go:build integration

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/rogpeppe/go-internal/testscript"
)

// realStage is a separate real Kafka for one script, behind a proxy.
type realStage struct {
	t testing.TB
	*kafkatest.Broker
	mu   sync.Mutex
	live *kafkatest.Consumer
}

func (r *realStage) Address() string { return r.Addresses.Proxied }
func (r *realStage) Forget()         { r.Proxy.ResetCounts() }

func (r *realStage) Requests(name string) int { return r.Proxy.Counts()[name] }

func (r *realStage) Writes() int {
	n := 0
	for name, times := range r.Proxy.Counts() {
		switch name {
		case "OffsetCommit", "OffsetDelete", "JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "ConsumerGroupHeartbeat", "ShareGroupHeartbeat",
			"AlterShareGroupOffsets", "TxnOffsetCommit", "InitProducerID", "CreateTopics", "DeleteGroups", "DeleteRecords", "DeleteTopics", "Produce":
			n += times
		}
	}
	return n
}

func (r *realStage) Inject(fault string) error {
	switch fault {
	case "drop":
		var once sync.Once
		r.Proxy.Judge(func(q kafkatest.Request) (v kafkatest.Verdict) {
			if q.Name == "OffsetCommit" {
				once.Do(func() { v = kafkatest.LoseAnswer })
			}
			return v
		})
	case "late":
		r.Proxy.Judge(func(q kafkatest.Request) kafkatest.Verdict {
			if q.Name == "OffsetCommit" {
				time.Sleep(3 * time.Second)
			}
			return kafkatest.Pass
		})
	case "gone":
		r.Proxy.Judge(func(q kafkatest.Request) kafkatest.Verdict {
			if q.Name == "OffsetCommit" && q.Seen == 1 {
				r.Kill()
			}
			return kafkatest.Pass
		})
	case "away":
		r.Kill()
	case "back":
		r.Proxy.Judge(nil)
		return r.Restart(context.Background())
	default:
		return fmt.Errorf("a real Kafka cannot be made to %s", fault)
	}
	return nil
}

func (r *realStage) Join(group, topic string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = r.Consume(r.t, kafkatest.Consuming{Group: group, Topic: topic, Protocol: "classic",
		Config: map[string]string{"client.id": "sandbox-consumer", "enable.auto.commit": "false"}})
	r.live.Assigned()
	return nil
}

func (r *realStage) Leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live != nil {
		r.live.Kill() // a clean exit would commit its position
		r.live = nil
	}
}

// Run runs one of Kafka's own commands in the script's folder.
func (r *realStage) Run(name string, args []string) (string, error) {
	out, err := r.Tool(context.Background(), name, args...)
	if err == nil && out.Code != 0 {
		err = fmt.Errorf("%s exited with %d: %s%s", name, out.Code, out.Stdout, out.Stderr)
	}
	return out.Stdout, err
}

// Program is a file that runs one of Kafka's own commands, like the one in its
// archive.
func (r *realStage) Program(name string) string {
	line := r.ToolCommand("", name).Args
	for i, word := range line {
		line[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return "#!/bin/sh\nexec " + strings.Join(line[:len(line)-2], " ") + ` "$@"` + "\n"
}

// TestIntegrationScripts runs the scenarios on a real Kafka: those that need one,
// and those of the embedded Kafka that need no fault of it.
func TestIntegrationScripts(t *testing.T) {
	hazards, err := filepath.Glob("testdata/script/hazards-*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	open := realKafka(t, kafkatest.Newest)
	scripts(t, someScripts(t, append(hazards, "plan-apply-rollback", "refusals", "to", "lock")...), open)
	scripts(t, "testdata/integration", open)
}

// TestIntegrationScriptsOnTheOldestRelease plans, applies and rolls back on the oldest
// release of Kafka that is supported.
func TestIntegrationScriptsOnTheOldestRelease(t *testing.T) {
	scripts(t, someScripts(t, "plan-apply-rollback"), realKafka(t, kafkatest.Oldest))
}

// realKafka starts a Kafka for a scenario.
func realKafka(t *testing.T, release kafkatest.Release) func(*testscript.TestScript) (stage, error) {
	return func(*testscript.TestScript) (stage, error) {
		b, err := kafkatest.Launch(context.Background(), kafkatest.Options{Release: release})
		if err != nil {
			return nil, err
		}
		return &realStage{t: t, Broker: b}, nil
	}
}

// someScripts returns a folder with some of the scenarios of testdata/script.
func someScripts(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		file := filepath.Join("testdata/script", strings.TrimSuffix(filepath.Base(name), ".txtar")+".txtar")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestIntegrationAConsumerReceivesExactlyTheReplayedRecords resets a group and lets
// Kafka's own consumer, with each protocol, continue.
func TestIntegrationAConsumerReceivesExactlyTheReplayedRecords(t *testing.T) {
	b := kafkatest.Start(t, kafkatest.Options{})
	if err := b.Seed(t.Context(), kafkatest.Topic{Name: "hz", Partitions: 3, Records: 30}); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"classic", "consumer"} {
		group := "replay-" + protocol
		first := b.Consume(t, kafkatest.Consuming{Group: group, Topic: "hz", Protocol: protocol,
			Config: map[string]string{"auto.offset.reset": "earliest"}})
		if n := len(first.CaughtUp()); n != 90 {
			t.Fatalf("%s: it read %d records", protocol, n)
		}
		first.Close()
		file := filepath.Join(t.TempDir(), "p.yaml")
		text := fmt.Sprintf("version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
			"{group: %s, topic: hz}, to: {offset: 20}, idle: {wait: 60s}}\n", b.Addresses.Plain, group)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var out, stderr strings.Builder
		code := run(t.Context(), process{args: []string{"resetplan", "apply", file, "--auto-approve"}, stdin: strings.NewReader(""), stdout: &out,
			stderr: &stderr,
			getenv: func(string) string { return "" }, now: time.Now, operator: "tester@here"})
		if code != 0 || !strings.Contains(out.String(), "verified  s\n  Up to 30 records delivered again") {
			t.Fatalf("%s: exit %d\n%s%s", protocol, code, &out, &stderr)
		}
		again := b.Consume(t, kafkatest.Consuming{Group: group, Topic: "hz", Protocol: protocol})
		got := map[kafkatest.Record]int{}
		for _, r := range again.CaughtUp() {
			got[r]++
		}
		for p := range int32(3) {
			for o := int64(20); o < 30; o++ {
				if got[kafkatest.Record{Partition: p, Offset: o}] != 1 {
					t.Errorf("%s: record %d of partition %d was delivered %d times", protocol, o, p, got[kafkatest.Record{Partition: p, Offset: o}])
				}
			}
		}
		if len(got) != 30 {
			t.Errorf("%s: %d records were delivered again, want 30", protocol, len(got))
		}
		again.Close()
	}
}
