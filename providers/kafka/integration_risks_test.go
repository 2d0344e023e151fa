//go:build integration

package kafka_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// riskyRead reads a group of the real broker with the risks of a reset.
func riskyRead(t *testing.T, keys map[string]any) providers.Snapshot {
	t.Helper()
	c := connect(t, map[string]any{"bootstrapServers": []string{broker.Addresses.Plain}}, nil)
	return risky(t, c, target(t, broker.Addresses.Plain, keys))
}

func TestIntegrationAnOpenTransactionEndsWhatIsStable(t *testing.T) {
	fresh(t)
	keys := map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}
	p := transact(t, broker.Addresses.Plain)
	s := riskyRead(t, keys)
	check(t, s.Err)
	want := []string{"orders/0=offset:500/offset:501", "orders/1=offset:500/offset:500", "orders/2=offset:500/offset:500"}
	if !slices.Equal(stables(s), want) {
		t.Errorf("got %v, want %v", stables(s), want)
	}
	check(t, p.EndTransaction(t.Context(), kgo.TryCommit))
	for range 100 { // markers are written after the answer
		if s = riskyRead(t, keys); s.Parts[0].Stable == s.Parts[0].High && s.Parts[0].High == providers.AtOffset(502) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("after the end of the transaction: %v", stables(s))
}

func TestIntegrationCommitsOfToolsExpire(t *testing.T) {
	adm := fresh(t)
	var one kadm.Offsets
	one.AddOffset(kafkafake.SeedTopic, 0, 5, -1)
	check(t, adm.CommitAllOffsets(t.Context(), "tools", one))
	for group, want := range map[string]time.Duration{kafkafake.SeedGroup: 0, "tools": 7 * 24 * time.Hour, "not-there": 7 * 24 * time.Hour} {
		s := riskyRead(t, map[string]any{"group": group, "topic": kafkafake.SeedTopic})
		check(t, s.Err)
		switch {
		case want == 0 && s.Expires != nil, want > 0 && (s.Expires == nil || s.Expires.After != want):
			t.Errorf("%s: %+v", group, s.Expires)
		}
	}
}

func TestIntegrationInternalTopicsOfKafkaStreamsAreLeftOut(t *testing.T) {
	adm := fresh(t)
	var offsets kadm.Offsets
	offsets.AddOffset(kafkafake.SeedTopic, 0, 5, -1)
	const internal = "app-by-user-repartition"
	check(t, broker.Seed(t.Context(), kafkatest.Topic{Name: internal, Partitions: 1, Records: 1}))
	offsets.AddOffset(internal, 0, 0, -1)
	check(t, adm.CommitAllOffsets(t.Context(), "app", offsets))
	s := riskyRead(t, map[string]any{"group": "app"})
	check(t, s.Err)
	if !slices.Equal(parts(s), []string{"orders/0=5"}) || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], internal) {
		t.Errorf("it reads %v and notes %q", parts(s), s.Notes)
	}
}

// TestIntegrationGroupsOfOtherToolsAreRefused joins a group as a worker of Kafka Connect,
// one as an application of the streams protocol and one as a share consumer.
func TestIntegrationGroupsOfOtherToolsAreRefused(t *testing.T) {
	adm := fresh(t)
	versions := kversion.Stable() // which leaves out what Kafka Streams alone sends
	versions.SetMaxKeyVersion(kmsg.StreamsGroupHeartbeat.Int16(), 0)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addresses.Plain), kgo.MaxVersions(versions))
	check(t, err)
	t.Cleanup(client.Close)
	asWorker(t, client, "connect-cluster")
	asApplication(t, client, "application")
	sharing, err := kgo.NewClient(kgo.SeedBrokers(broker.Addresses.Plain), kgo.ShareGroup("shared"), kgo.ConsumeTopics(kafkafake.SeedTopic))
	check(t, err)
	t.Cleanup(sharing.Close)
	go sharing.PollFetches(t.Context())
	for group, want := range map[string]string{"connect-cluster": "PATCH /connectors/NAME/offsets", "shared": "kafka-share-groups.sh --reset-offsets",
		"application": "kafka-streams-groups.sh --reset-offsets"} {
		for try := 0; ; try++ {
			listed, err := adm.ListGroups(t.Context())
			check(t, err)
			if _, ok := listed[group]; ok {
				break
			}
			if try == 200 {
				t.Fatalf("%s is never listed", group)
			}
			time.Sleep(50 * time.Millisecond)
		}
		if s := riskyRead(t, map[string]any{"group": group, "topic": kafkafake.SeedTopic}); s.Err == nil || !strings.Contains(s.Err.Error(), want) {
			t.Errorf("%s: %v", group, s.Err)
		}
	}
}

// asWorker joins a group as a worker of Kafka Connect does.
func asWorker(t *testing.T, client *kgo.Client, group string) {
	t.Helper()
	join := kmsg.NewPtrJoinGroupRequest()
	join.Group, join.ProtocolType, join.SessionTimeoutMillis, join.RebalanceTimeoutMillis = group, "connect", 10_000, 10_000
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name = "sessioned"
	join.Protocols = append(join.Protocols, protocol)
	for range 2 { // the first answer has the id to join with
		joined, err := join.RequestWith(t.Context(), client)
		check(t, err)
		if join.MemberID = joined.MemberID; joined.ErrorCode != kerr.MemberIDRequired.Code {
			check(t, kerr.ErrorForCode(joined.ErrorCode))
		}
	}
}

// asApplication joins a group as Kafka Streams does with group.protocol=streams.
func asApplication(t *testing.T, client *kgo.Client, group string) {
	t.Helper()
	beat := kmsg.NewPtrStreamsGroupHeartbeatRequest()
	process := "process"
	beat.Group, beat.MemberID, beat.ProcessID, beat.RebalanceTimeoutMillis = group, "9Jj2Z3m1SJqgTz0rTQ6x3A", &process, 10_000
	beat.ActiveTasks, beat.StandbyTasks, beat.WarmupTasks = []kmsg.TaskIDs{}, []kmsg.TaskIDs{}, []kmsg.TaskIDs{}
	topology := kmsg.NewStreamsGroupHeartbeatRequestTopology()
	sub := kmsg.NewStreamsGroupHeartbeatRequestTopologySubtopology()
	sub.SubtopologyID, sub.SourceTopics = "0", []string{kafkafake.SeedTopic}
	topology.Subtopologies = append(topology.Subtopologies, sub)
	beat.Topology = &topology
	joined, err := client.Broker(1).Request(t.Context(), beat)
	check(t, err)
	check(t, kerr.ErrorForCode(joined.(*kmsg.StreamsGroupHeartbeatResponse).ErrorCode))
}

// TestIntegrationMembersAreNamed reads a static member that is a task of Kafka Connect,
// while it is active and after it was killed: it is a member until its session ends.
func TestIntegrationMembersAreNamed(t *testing.T) {
	fresh(t)
	task := broker.Consume(t, kafkatest.Consuming{Group: "connect-to-s3", Topic: kafkafake.SeedTopic, Protocol: "classic",
		Config: map[string]string{"client.id": "connector-consumer-to-s3-0", "group.instance.id": "pod-7"}})
	task.Assigned()
	for _, when := range []string{"active", "killed"} {
		s := riskyRead(t, map[string]any{"group": "connect-to-s3", "topic": kafkafake.SeedTopic})
		check(t, s.Err)
		if a := s.Activity; a.State != providers.Active || len(a.Members) != 1 || a.Members[0].InstanceID != "pod-7" ||
			a.Members[0].Client != "connector-consumer-to-s3-0" || a.Members[0].Host != "127.0.0.1" {
			t.Errorf("%s: %+v", when, a)
		}
		if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "PUT /connectors/to-s3/stop") {
			t.Errorf("%s: it notes %q", when, s.Notes)
		}
		task.Kill()
	}
}
