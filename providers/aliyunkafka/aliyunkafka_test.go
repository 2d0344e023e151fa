package aliyunkafka_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var now = time.Now()

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Harness{Provider: aliyunkafka.New(), Start: underTest})
}

func underTest(t *testing.T) *providertest.Service {
	s := start(t)
	own := map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}
	return &providertest.Service{
		Endpoint: s.url,
		Env:      environment(keys()), Config: config(), Target: own,
		Spelled: []map[string]any{{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic, "partitions": nil}},
		Other:   map[string]any{"group": "donor", "topic": kafkafake.SeedTopic},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "orders-biling", "topic": kafkafake.SeedTopic}, What: "group"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"}, What: "topic"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic, "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: kafkafake.SeedGroup, Donor: "donor", Within: now.Add(-24 * time.Hour), Secrets: []string{aliyunkafkafake.Secret},
		Committed:  func() map[providers.Part]providers.Position { return s.committed(t, kafkafake.SeedGroup) },
		Writes:     s.Writes,
		Disturb:    func() { check(t, s.broker.Join(kafkafake.SeedGroup, kafkafake.SeedTopic)) },
		LoseAnswer: func() { check(t, s.Inject("drop")) },
		Throttle:   func() { check(t, s.Inject("throttle")) },
		Deny:       func() { s.Deny() },
		Block:      s.Block, Hangs: s.Hangs,
	}
}

// service is a running fake with a running broker.
type service struct {
	*aliyunkafkafake.Fake
	broker *kafkafake.Fake
	admin  *kadm.Client // an independent client of the broker
	url    string
}

// start runs a seeded service for one test.
func start(t *testing.T) *service { return startAt(t, time.Now) }

// startAt runs it with a given clock.
func startAt(t *testing.T, clock func() time.Time) *service {
	t.Helper()
	broker, err := kafkafake.Start("127.0.0.1:0")
	check(t, err)
	t.Cleanup(broker.Close)
	check(t, kafkafake.Seed(t.Context(), broker.Address(), now))
	f, err := aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: broker.Address(), Now: clock})
	check(t, err)
	t.Cleanup(f.Close)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	check(t, err)
	t.Cleanup(client.Close)
	s := &service{f, broker, kadm.NewClient(client), server.URL}
	s.commit(t, "donor", kafkafake.SeedTopic, 3, 20)
	return s
}

func config() map[string]any {
	return map[string]any{"region": aliyunkafkafake.Region, "instanceId": aliyunkafkafake.Instance}
}

func keys() map[string]string {
	return map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": aliyunkafkafake.AccessKey, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": aliyunkafkafake.Secret}
}

func environment(set map[string]string) providers.Process {
	return providers.Process{Now: time.Now, Getenv: func(name string) string { return set[name] }}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// topic creates another topic, without records.
func (s *service) topic(t *testing.T, name string, partitions int32) {
	t.Helper()
	_, err := s.admin.CreateTopic(t.Context(), partitions, 1, nil, name)
	check(t, err)
}

// commit commits an offset for a group on all partitions of a topic.
func (s *service) commit(t *testing.T, group, topic string, partitions int32, offset int64) {
	t.Helper()
	var to kadm.Offsets
	for p := range partitions {
		to.AddOffset(topic, p, offset, -1)
	}
	check(t, s.admin.CommitAllOffsets(t.Context(), group, to))
}

// committed reads a group's offsets from the broker.
func (s *service) committed(t *testing.T, group string) map[providers.Part]providers.Position {
	t.Helper()
	all, err := s.admin.FetchOffsets(context.WithoutCancel(t.Context()), group)
	check(t, err)
	out := map[providers.Part]providers.Position{}
	all.Each(func(o kadm.OffsetResponse) {
		out[providers.Part{Topic: o.Topic, Number: int(o.Partition)}] = providers.AtOffset(o.At)
	})
	return out
}

// connect returns a connection to a service at an address, with these environment
// variables.
func connect(t *testing.T, at string, set map[string]string, how ...func(*providers.Config)) providers.Connection {
	t.Helper()
	return connectIn(t, at, environment(set), how...)
}

// connectIn returns a connection in a process.
func connectIn(t *testing.T, at string, process providers.Process, how ...func(*providers.Config)) providers.Connection {
	t.Helper()
	c := providers.Config{Name: "ali", Decode: providertest.Keys(config()), Endpoint: at, Timeout: 10 * time.Second, RateLimit: 1000}
	for _, change := range how {
		change(&c)
	}
	conn, err := aliyunkafka.New().Connect(c, process)
	check(t, err)
	t.Cleanup(func() { check(t, conn.Close()) })
	return conn
}

func target(t *testing.T, keys map[string]any) providers.Target {
	t.Helper()
	goal, err := aliyunkafka.New().Target(providers.Config{Decode: providertest.Keys(config())}, providertest.Keys(keys))
	check(t, err)
	return goal
}

// seeded is the seeded group on the seeded topic.
func seeded(t *testing.T) providers.Target {
	return target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
}

func read(t *testing.T, c providers.Connection, goal providers.Target, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	return c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: resolve}})[0]
}

func part(topic string, number int) providers.Part {
	return providers.Part{Topic: topic, Number: number}
}

// to moves the seeded group on partition 0 of its topic.
func to(t *testing.T, offset int64) providers.Move {
	return providers.Move{Target: seeded(t), To: []providers.PartMove{{Part: part(kafkafake.SeedTopic, 0), Position: providers.AtOffset(offset)}}}
}

const topicStatus = `{"Success": true, "Code": 200, "TopicStatus": {"OffsetTable": {"OffsetTable": [{"Partition": 0, "MinOffset": 5, "MaxOffset": 50}, {"Partition": 1, "MinOffset": 5, "MaxOffset": 50}]}}}`
