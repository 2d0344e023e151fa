//go:build integration

package kafkatest_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var broker *kafkatest.Broker

// orphan is set in a process that is to be killed while its broker runs.
const orphan = "KAFKATEST_ORPHAN"

func TestMain(m *testing.M) {
	os.Exit(kafkatest.Run(m, kafkatest.Options{}, func(b *kafkatest.Broker) {
		if broker = b; os.Getenv(orphan) != "" {
			fmt.Println(b.Addresses.Plain)
			select {} // until it is killed
		}
	}))
}

func admin(t *testing.T, b *kafkatest.Broker) *kadm.Client {
	t.Helper()
	a, err := b.Admin()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// seed creates a topic of 3 partitions with 30 records each and commits a
// group at an offset of all of them.
func seed(t *testing.T, b *kafkatest.Broker, topic, group string, at int64) {
	t.Helper()
	if err := b.Seed(t.Context(), kafkatest.Topic{Name: topic, Partitions: 3, Records: 30}); err != nil {
		t.Fatal(err)
	}
	var offsets kadm.Offsets
	for p := range int32(3) {
		offsets.AddOffset(topic, p, at, -1)
	}
	if err := admin(t, b).CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

func TestIntegrationToolReadsWhatAnAdminCommitted(t *testing.T) {
	seed(t, broker, "tool-orders", "tool-billing", 12)
	out, err := broker.Tool(t.Context(), "kafka-consumer-groups", "--describe", "--group", "tool-billing")
	if err != nil || out.Code != 0 {
		t.Fatalf("%v, %+v", err, out)
	}
	rows := 0
	for _, line := range strings.Split(out.Stdout, "\n") {
		if f := strings.Fields(line); len(f) > 5 && f[0] == "tool-billing" {
			rows++
			if got := strings.Join(f[1:2], " ") + " " + strings.Join(f[3:6], " "); got != "tool-orders 12 30 18" {
				t.Errorf("topic, committed, end and lag are %q in %q", got, line)
			}
		}
	}
	if rows != 3 {
		t.Fatalf("3 partitions expected:\n%s%s", out.Stdout, out.Stderr)
	}
}

func TestIntegrationToolSpeaksOnStandardErrorAndByItsCode(t *testing.T) {
	seed(t, broker, "clamp-orders", "clamp-billing", 12)
	out, err := broker.Tool(t.Context(), "kafka-consumer-groups", "--reset-offsets", "--group", "clamp-billing", "--topic", "clamp-orders",
		"--to-offset", "999", "--dry-run")
	if err != nil || out.Code != 0 || !strings.Contains(out.Stderr, "Value will be set to 30") {
		t.Fatalf("no warning of a clamped offset: %v, %+v", err, out)
	}
	out, err = broker.Tool(t.Context(), "kafka-consumer-groups", "--reset-offsets", "--group", "clamp-billing", "--dry-run", "--execute")
	if err != nil || out.Code != 1 {
		t.Fatalf("wrong usage: %v, %+v", err, out)
	}
}

func TestIntegrationConsumersOfBothProtocolsReadFromTheCommitToTheEnd(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) {
			topic, group := "read-"+protocol, "readers-"+protocol
			seed(t, broker, topic, group, 27)
			c := broker.Consume(t, kafkatest.Consuming{Group: group, Topic: topic, Protocol: protocol})
			read := c.CaughtUp()
			if got := listed(t, group); got != protocol+" Stable" {
				t.Errorf("while it runs the group is %q", got)
			}
			var generation *kerr.Error
			if err := tryCommit(t, topic, group); err == nil {
				t.Error("the broker accepts a commit despite an active member")
			} else if generation, _ = err.(*kerr.Error); generation != kerr.UnknownMemberID { //nolint:errorlint // the code itself is meant
				t.Errorf("commit despite an active member: %v", err)
			}
			c.Close()
			if got := listed(t, group); got != protocol+" Empty" {
				t.Errorf("after it left the group is %q", got)
			}
			seen := map[kafkatest.Record]int{}
			for _, r := range read {
				seen[r]++
			}
			for p := range int32(3) {
				for o := int64(27); o < 30; o++ {
					if seen[kafkatest.Record{Partition: p, Offset: o}] != 1 {
						t.Errorf("record %d of partition %d was read %d times", o, p, seen[kafkatest.Record{Partition: p, Offset: o}])
					}
				}
			}
			if len(read) != 9 {
				t.Errorf("9 records expected, %d read: %v", len(read), read)
			}
		})
	}
}

func TestIntegrationStaticMemberKeepsItsGroupBusyAfterItsDeath(t *testing.T) {
	seed(t, broker, "static-orders", "static-billing", 0)
	c := broker.Consume(t, kafkatest.Consuming{Group: "static-billing", Topic: "static-orders", Protocol: "classic",
		Config: map[string]string{"group.instance.id": "billing-1", "session.timeout.ms": "3000"}})
	c.CaughtUp()
	c.Close() // a static member sends no LeaveGroup
	if got := listed(t, "static-billing"); got != "classic Stable" {
		t.Errorf("right after its end the group is %q", got)
	}
	until(t, "the group is empty", func() bool { return listed(t, "static-billing") == "classic Empty" })
}

func TestIntegrationBrokerKeepsItsCommitsThroughKillAndRestart(t *testing.T) {
	b := kafkatest.Start(t, kafkatest.Options{})
	seed(t, b, "durable", "durable-billing", 7)
	for _, end := range []func(){b.Kill, b.Stop} {
		end()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		if _, err := admin(t, b).ListBrokers(ctx); err == nil {
			t.Error("an ended broker answers")
		}
		cancel()
		if err := b.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, "the commits are back", func() bool {
			offsets, err := admin(t, b).FetchOffsets(t.Context(), "durable-billing")
			o, ok := offsets.Lookup("durable", 2)
			return err == nil && ok && o.At == 7
		})
	}
}

func TestIntegrationBrokerEndsWithAParentThatIsKilled(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	parent.Env = append(os.Environ(), orphan+"=yes", "TMPDIR="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err == nil {
		err = parent.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		t.Fatal(err)
	}
	answers := func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}
	if !answers() {
		t.Fatal("no broker is running")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	until(t, "the broker is gone", func() bool { return !answers() })
}

func TestIntegrationProxyCountsAndLosesAnswers(t *testing.T) {
	seed(t, broker, "proxied", "proxied-billing", 3)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addresses.Proxied), kgo.RequestRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var offsets kadm.Offsets
	offsets.AddOffset("proxied", 0, 9, -1)
	broker.Proxy.ResetCounts()
	broker.Proxy.Judge(func(r kafkatest.Request) kafkatest.Verdict {
		if r.Name == "OffsetCommit" {
			return kafkatest.LoseAnswer
		}
		return kafkatest.Pass
	})
	defer broker.Proxy.Judge(nil)
	if err := kadm.NewClient(client).CommitAllOffsets(t.Context(), "proxied-billing", offsets); err == nil {
		t.Error("the answer was not lost")
	}
	if n := broker.Proxy.Counts()["OffsetCommit"]; n < 1 {
		t.Errorf("%d commits counted: %v", n, broker.Proxy.Counts())
	}
	fetched, err := admin(t, broker).FetchOffsets(t.Context(), "proxied-billing")
	if o, _ := fetched.Lookup("proxied", 0); err != nil || o.At != 9 {
		t.Errorf("the broker did not carry the commit out: %v, %v", fetched, err)
	}
}

// tryCommit sends one OffsetCommit as an administrator.
func tryCommit(t *testing.T, topic, group string) error {
	t.Helper()
	var offsets kadm.Offsets
	offsets.AddOffset(topic, 0, 1, -1)
	committed, err := admin(t, broker).CommitOffsets(t.Context(), group, offsets)
	if err != nil {
		return err
	}
	return committed.Error()
}

// listed returns a group's type and state as ListGroups v5 reports them.
func listed(t *testing.T, group string) string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addresses.Plain))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	answer, err := kmsg.NewPtrListGroupsRequest().RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range answer.Groups {
		if g.Group == group {
			return g.GroupType + " " + g.GroupState
		}
	}
	return "absent"
}

// until waits for what comes true by itself.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !is(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: ", what)
		}
	}
}
