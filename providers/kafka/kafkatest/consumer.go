package kafkatest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Consuming configures a consumer, which is Kafka's own, in Java.
type Consuming struct {
	Group, Topic string
	Protocol     string            // "classic" or "consumer" (KIP-848)
	Config       map[string]string // more of the consumer's own, such as group.instance.id for a static member
}

// A Consumer is a live member of a group.
type Consumer struct {
	t       testing.TB
	process *process
	group   string

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each line
	lines   []string
	records []Record
}

// A Record is the position of a record that was read.
type Record struct {
	Partition int32
	Offset    int64
}

// Consume starts a consumer, which leaves its group when the test ends at the
// latest. It has joined once Assigned returns.
func (b *Broker) Consume(t testing.TB, c Consuming) *Consumer {
	t.Helper()
	config := map[string]string{
		"bootstrap.servers": b.Addresses.Plain, "group.id": c.Group, "group.protocol": c.Protocol,
		"auto.offset.reset": "earliest", "auto.commit.interval.ms": "500",
	}
	if c.Protocol == "classic" {
		config["session.timeout.ms"], config["heartbeat.interval.ms"] = "6000", "500"
	}
	maps.Copy(config, c.Config)
	args := append(quickStart(), "-Xmx128m", "Consume", c.Topic)
	for _, key := range slices.Sorted(maps.Keys(config)) {
		args = append(args, key+"="+config[key])
	}
	cmd := b.java.build(args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "consumer.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stderr.Close() }()
	cmd.Stderr = stderr
	consumer := &Consumer{t: t, group: c.Group, changed: make(chan struct{})}
	if consumer.process, err = begin(cmd, consumer.follow(out)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		consumer.Close()
		if log, err := os.ReadFile(stderr.Name()); err == nil && t.Failed() {
			t.Logf("consumer of %s: %q\n%s", c.Group, consumer.said(), log)
		}
	})
	return consumer
}

// follow returns the reader of the consumer's lines, until their end.
func (c *Consumer) follow(out io.Reader) func() {
	return func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			c.hear(lines.Text())
		}
	}
}

func (c *Consumer) hear(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var r Record
	if n, _ := fmt.Sscanf(line, "record %d %d", &r.Partition, &r.Offset); n == 2 {
		c.records = append(c.records, r)
	} else {
		c.lines = append(c.lines, line)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Consumer) said() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}

// Assigned waits until the consumer is a member with partitions.
func (c *Consumer) Assigned() {
	c.t.Helper()
	c.await("partitions", func(l string) bool { return strings.HasPrefix(l, "assigned ") })
}

// CaughtUp waits until the consumer's positions have reached the ends of its
// logs, and returns all that it has read, in the order of reading.
func (c *Consumer) CaughtUp() []Record {
	c.t.Helper()
	c.await("the end of its logs", func(l string) bool { return l == "caught-up" })
	return c.Records()
}

// Records returns what the consumer has read up to now.
func (c *Consumer) Records() []Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.records)
}

// patience bounds each wait for a consumer.
const patience = 60 * time.Second

// await waits for a line.
func (c *Consumer) await(what string, is func(string) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for {
		c.mu.Lock()
		found, changed := slices.ContainsFunc(c.lines, is), c.changed
		c.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-c.process.ended:
			if !slices.ContainsFunc(c.said(), is) {
				c.t.Fatalf("the consumer of %s ended before it had %s", c.group, what)
			}
			return
		case <-ctx.Done():
			c.t.Fatalf("the consumer of %s waited for %s without success: %q", c.group, what, c.said())
		}
	}
}

// Close lets the consumer commit and leave its group, and waits for its end.
func (c *Consumer) Close() {
	_ = c.process.stdin.Close()
	select {
	case <-c.process.ended:
	case <-time.After(patience):
		c.process.kill()
	}
}

// Kill ends the consumer without a word to its group, which keeps it as a
// member until its session has timed out.
func (c *Consumer) Kill() { c.process.signal(syscall.SIGKILL) }
