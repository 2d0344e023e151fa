package kafka_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var now = time.Now()

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Harness{Provider: kafka.New(), Start: underTest})
}

// start runs a seeded fake for one test.
func start(t *testing.T, options ...kfake.Opt) (*kafkafake.Fake, *kadm.Client) {
	t.Helper()
	f, err := kafkafake.Start("127.0.0.1:0", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if err := kafkafake.Seed(t.Context(), f.Address(), now); err != nil {
		t.Fatal(err)
	}
	return f, admin(t, f.Address())
}

// admin is an independent client.
func admin(t *testing.T, address string, options ...kgo.Opt) *kadm.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(address)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

func underTest(t *testing.T) *providertest.Service {
	f, adm := start(t)
	var donor kadm.Offsets
	for p := range int32(3) {
		donor.AddOffset(kafkafake.SeedTopic, p, 20, -1)
	}
	if err := adm.CommitAllOffsets(t.Context(), "donor", donor); err != nil {
		t.Fatal(err)
	}
	f.Forget()
	local := strings.Replace(f.Address(), "127.0.0.1", "localhost", 1)
	fail := func(key kmsg.Key, err *kerr.Error) { f.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Err: err, Count: -1}) }
	return &providertest.Service{
		Keeps:  true,
		Env:    providers.Process{Now: time.Now, Getenv: func(string) string { return "" }},
		Config: map[string]any{"bootstrapServers": []string{f.Address()}},
		Ways:   []map[string]any{{"bootstrapServers": []string{local}}, {"bootstrapServers": []string{local, f.Address()}}},
		Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic},
		Other:  map[string]any{"group": "donor", "topic": kafkafake.SeedTopic},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "orders-biling", "topic": kafkafake.SeedTopic}, What: "group"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"}, What: "topic"},
			{Target: map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic, "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: kafkafake.SeedGroup, Donor: "donor", Within: now.Add(-24 * time.Hour),
		Committed:  func() map[providers.Part]providers.Position { return committed(t, adm, kafkafake.SeedGroup) },
		Writes:     f.Writes,
		Disturb:    func() { check(t, f.Join(kafkafake.SeedGroup, kafkafake.SeedTopic)) },
		LoseAnswer: func() { check(t, f.Inject("drop")) },
		Throttle:   func() { fail(kmsg.OffsetCommit, kerr.ThrottlingQuotaExceeded) },
		Deny:       func() { fail(kmsg.OffsetFetch, kerr.GroupAuthorizationFailed) },
		Recreate: func() {
			check(t, f.DeleteTopic(kafkafake.SeedTopic))
			check(t, f.CreateTopic(kafkafake.SeedTopic, 3, nil))
		},
		Block: func() func() {
			gate := make(chan struct{})
			f.ControlKey(int16(kmsg.OffsetFetch), func(kmsg.Request) (kmsg.Response, error, bool) {
				f.SleepControl(func() { <-gate })
				return nil, nil, false
			})
			return func() { close(gate) }
		},
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// committed reads a group by other means than the provider's.
func committed(t *testing.T, adm *kadm.Client, group string) map[providers.Part]providers.Position {
	t.Helper()
	all, err := adm.FetchOffsets(context.WithoutCancel(t.Context()), group)
	check(t, err)
	out := map[providers.Part]providers.Position{}
	all.Each(func(o kadm.OffsetResponse) {
		out[providers.Part{Topic: o.Topic, Number: int(o.Partition)}] = providers.AtOffset(o.At)
	})
	return out
}

// connect opens a connection with a provider's keys.
func connect(t *testing.T, keys map[string]any, env map[string]string) providers.Connection {
	t.Helper()
	c, err := kafka.New().Connect(config(keys), environment(env))
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

func config(keys map[string]any) providers.Config {
	return providers.Config{Timeout: 10 * time.Second, Decode: providertest.Keys(keys)}
}

func environment(env map[string]string) providers.Process {
	return providers.Process{Now: time.Now, Getenv: func(name string) string {
		if name == "RESETPLAN_ALLOW_ENV" {
			return "MINE,SET,PROD,?"
		}
		return env[name]
	}}
}

func target(t *testing.T, address string, keys map[string]any) providers.Target {
	t.Helper()
	goal, err := newTarget(address, keys)
	check(t, err)
	return goal
}

func newTarget(address string, keys map[string]any) (providers.Target, error) {
	return kafka.New().Target(config(map[string]any{"bootstrapServers": []string{address}}), providertest.Keys(keys))
}

// unseeded runs a fake without a seed and returns its address.
func unseeded(t *testing.T, options ...kfake.Opt) (string, *kfake.Cluster) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(2, "orders")}, options...)...)
	check(t, err)
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0], c
}

// silence is the address of a server that accepts and never answers.
func silence(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	return l.Addr().String()
}

// hasty is a connection with a short timeout.
func hasty(t *testing.T, servers ...string) providers.Connection {
	t.Helper()
	c, err := kafka.New().Connect(providers.Config{Timeout: 2 * time.Second,
		Decode: providertest.Keys(map[string]any{"bootstrapServers": servers})}, environment(nil))
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}
