//go:build integration

package kafka_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var broker *kafkatest.Broker

func TestMain(m *testing.M) {
	os.Exit(kafkatest.Run(m, kafkatest.Options{}, func(b *kafkatest.Broker) { broker = b }))
}

func TestIntegrationConformance(t *testing.T) {
	providertest.Run(t, providertest.Harness{Provider: kafka.New(), Start: onBroker})
}

// TestIntegrationTheOldestReleaseDoesTheSame runs the conformance suite, and the new group
// protocol, on the oldest release of Kafka that is supported.
func TestIntegrationTheOldestReleaseDoesTheSame(t *testing.T) {
	newest := broker
	broker = kafkatest.Start(t, kafkatest.Options{Release: kafkatest.Oldest})
	t.Cleanup(func() { broker = newest })
	t.Run("conformance", TestIntegrationConformance)
	t.Run("the consumer protocol", TestIntegrationAGroupOfTheNewProtocolStaysOne)
	t.Run("open transactions", TestIntegrationAnOpenTransactionEndsWhatIsStable)
	t.Run("commits that expire", TestIntegrationCommitsOfToolsExpire)
}

// fresh removes what the previous case has left and seeds the broker again.
func fresh(t *testing.T) *kadm.Client {
	t.Helper()
	adm := admin(t, broker.Addresses.Plain, kgo.MetadataMinAge(20*time.Millisecond))
	broker.Proxy.Judge(nil)
	for _, group := range []string{kafkafake.SeedGroup, "donor"} {
		_, _ = adm.DeleteGroup(t.Context(), group) // it may not be there
	}
	if _, err := adm.DeleteTopic(t.Context(), kafkafake.SeedTopic); err == nil {
		gone(t, adm)
	}
	check(t, kafkafake.Seed(t.Context(), broker.Addresses.Plain, now))
	return admin(t, broker.Addresses.Plain, kgo.MetadataMinAge(20*time.Millisecond)) // one that does not remember the topic of before
}

// gone waits until the topic's name is free.
func gone(t *testing.T, adm *kadm.Client) {
	t.Helper()
	for range 600 {
		topics, err := adm.ListTopics(t.Context(), kafkafake.SeedTopic)
		check(t, err)
		if errors.Is(topics[kafkafake.SeedTopic].Err, kerr.UnknownTopicOrPartition) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the topic does not go away")
}

func onBroker(t *testing.T) *providertest.Service {
	adm := fresh(t)
	var donor kadm.Offsets
	for p := range int32(3) {
		donor.AddOffset(kafkafake.SeedTopic, p, 20, -1)
	}
	check(t, adm.CommitAllOffsets(t.Context(), "donor", donor))
	broker.Proxy.ResetCounts()
	var consumer *kafkatest.Consumer
	s := &providertest.Service{
		Keeps:  true,
		Env:    environment(nil),
		Config: map[string]any{"bootstrapServers": []string{broker.Addresses.Proxied}},
		Ways: []map[string]any{
			{"bootstrapServers": []string{strings.Replace(broker.Addresses.Proxied, "127.0.0.1", "localhost", 1)}},
			{"bootstrapServers": []string{broker.Addresses.Plain, broker.Addresses.Proxied}},
		},
		Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic},
		Other:  map[string]any{"group": "donor", "topic": kafkafake.SeedTopic},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "orders-biling", "topic": kafkafake.SeedTopic}, What: "group"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"}, What: "topic"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic, "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: kafkafake.SeedGroup, Donor: "donor", Within: now.Add(-24 * time.Hour),
		Committed: func() map[providers.Part]providers.Position { return committed(t, adm, kafkafake.SeedGroup) },
		Writes:    writes,
		Disturb: func() {
			consumer = broker.Consume(t, kafkatest.Consuming{Group: kafkafake.SeedGroup, Topic: kafkafake.SeedTopic, Protocol: "classic"})
			consumer.Assigned()
			consumer.CaughtUp()
			time.Sleep(500 * time.Millisecond) // its last commit is on the way
		},
		LoseAnswer: func() {
			broker.Proxy.Judge(func(r kafkatest.Request) kafkatest.Verdict {
				if r.Name == "OffsetCommit" {
					return kafkatest.LoseAnswer
				}
				return kafkatest.Pass
			})
		},
		Recreate: func() {
			_, err := adm.DeleteTopic(t.Context(), kafkafake.SeedTopic)
			check(t, err)
			gone(t, adm)
			_, err = adm.CreateTopic(t.Context(), 3, 1, nil, kafkafake.SeedTopic)
			check(t, err)
			time.Sleep(1500 * time.Millisecond) // past what the client trusts its knowledge of topics
		},
	}
	return s
}

func writes() int {
	n := 0
	for name, times := range broker.Proxy.Counts() {
		switch name {
		case "Produce", "OffsetCommit", "OffsetDelete", "TxnOffsetCommit", "CreateTopics", "DeleteTopics", "DeleteGroups", "DeleteRecords",
			"JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "ConsumerGroupHeartbeat", "ShareGroupHeartbeat", "InitProducerID":
			n += times
		}
	}
	return n
}

// TestIntegrationAGroupOfTheNewProtocolStaysOne resets a KIP-848 group, at
// work and idle.
func TestIntegrationAGroupOfTheNewProtocolStaysOne(t *testing.T) {
	fresh(t)
	worker := broker.Consume(t, kafkatest.Consuming{Group: "new", Topic: kafkafake.SeedTopic, Protocol: "consumer",
		Config: map[string]string{"auto.offset.reset": "earliest"}})
	worker.Assigned()
	worker.CaughtUp()
	c := connect(t, map[string]any{"bootstrapServers": []string{broker.Addresses.Plain}}, nil)
	goal := target(t, broker.Addresses.Plain, map[string]any{"group": "new", "topic": kafkafake.SeedTopic})
	read := func() providers.Snapshot {
		s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
		check(t, s.Err)
		return s
	}
	if a := read().Activity; a.State != providers.Active || len(a.Members) != 1 || !strings.Contains(a.Why, "consumer protocol") {
		t.Errorf("while active it is reported as %+v", a)
	}
	move := providers.Move{Target: goal, To: []providers.PartMove{{Part: providers.Part{Topic: kafkafake.SeedTopic}, Position: providers.AtOffset(3)}}}
	if _, err := c.Reset(t.Context(), move); !errors.Is(err, providers.ErrPrecondition) {
		t.Errorf("while active a reset got %v", err)
	}
	worker.Close()
	if a := read().Activity; a.State != providers.Idle || !strings.Contains(a.Why, "consumer protocol") {
		t.Errorf("while idle it is reported as %+v", a)
	}
	_, err := c.Reset(t.Context(), move)
	check(t, err)
	if s := read(); s.Parts[0].Committed != providers.AtOffset(3) || !strings.Contains(s.Activity.Why, "consumer protocol") {
		t.Errorf("after the reset: %+v", s)
	}
}

func TestIntegrationAUserWithoutRightsIsDenied(t *testing.T) {
	fresh(t)
	keys := map[string]any{"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-512"}}
	goal := target(t, broker.Addresses.SASL, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
	read := func(user, password string) error {
		c := connect(t, keys, map[string]string{"KAFKA_SASL_USERNAME": user, "KAFKA_SASL_PASSWORD": password})
		return c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err
	}
	check(t, read(kafkatest.Super, kafkatest.Password))
	for what, err := range map[string]error{"no rights": read(kafkatest.Limited, kafkatest.Password),
		"a wrong password": read(kafkatest.Super, "wr0ng")} {
		if !errors.Is(err, providers.ErrDenied) || strings.Contains(err.Error(), "wr0ng") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestIntegrationEveryWayInWorks(t *testing.T) {
	fresh(t)
	env := map[string]string{"KAFKA_SASL_USERNAME": kafkatest.Super, "KAFKA_SASL_PASSWORD": kafkatest.Password,
		"KAFKA_SASL_TOKEN": kafkatest.Token(kafkatest.Super)}
	for name, keys := range map[string]map[string]any{
		"PLAIN":         {"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "PLAIN"}},
		"SCRAM-SHA-256": {"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-256"}},
		"SCRAM-SHA-512": {"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "SCRAM-SHA-512"}},
		"OAUTHBEARER":   {"bootstrapServers": []string{broker.Addresses.SASL}, "sasl": map[string]any{"mechanism": "OAUTHBEARER"}},
		"TLS":           {"bootstrapServers": []string{broker.Addresses.TLS}, "tls": map[string]any{"caFile": broker.Files.CA}},
		"mutual TLS": {"bootstrapServers": []string{broker.Addresses.MTLS},
			"tls": map[string]any{"caFile": broker.Files.CA, "certFile": broker.Files.Cert, "keyFile": broker.Files.Key}},
	} {
		t.Run(name, func(t *testing.T) {
			address := keys["bootstrapServers"].([]string)[0]
			goal := target(t, address, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
			s := connect(t, keys, env).Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
			if s.Err != nil || len(s.Parts) != 3 {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// TestIntegrationWhatOthersLeaveBehindIsSeen reads a commit at -1, which the
// broker accepts from any client, and one that an open transaction delays.
func TestIntegrationWhatOthersLeaveBehindIsSeen(t *testing.T) {
	adm := fresh(t)
	var none kadm.Offsets
	none.AddOffset(kafkafake.SeedTopic, 1, -1, -1)
	check(t, adm.CommitAllOffsets(t.Context(), kafkafake.SeedGroup, none))
	p := transact(t, broker.Addresses.Plain)
	commitWithin(t, p, adm, 310)
	c := connect(t, map[string]any{"bootstrapServers": []string{broker.Addresses.Plain}}, nil)
	goal := target(t, broker.Addresses.Plain, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
	check(t, s.Err)
	if s.Activity.State != providers.Active || !slices.Equal(parts(s), []string{"orders/0=unknown", "orders/1=-1", "orders/2=300"}) {
		t.Errorf("got %v, %+v", parts(s), s.Activity)
	}
	check(t, p.EndTransaction(t.Context(), kgo.TryAbort))
}
