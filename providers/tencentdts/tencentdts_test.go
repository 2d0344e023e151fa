package tencentdts_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	topic = tencentdtsfake.SeedTopic
	audit = tencentdtsfake.SeedGroup
	extra = "billing" // a group that has never committed
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Harness{Provider: tencentdts.New(), Start: underTest})
}

func underTest(t *testing.T) *providertest.Service {
	s := start(t)
	s.commit(t, extra, 100)
	target := func(group, topic string) map[string]any { return map[string]any{"group": group, "topic": topic} }
	return &providertest.Service{
		Env: environment(), Config: config(), Endpoint: s.url,
		Target:  target(audit, topic),
		Spelled: []map[string]any{target(tencentdtsfake.FullName(audit), topic), {"group": audit}},
		Other:   target(extra, topic),
		Unknown: []providertest.Unknown{
			{Target: target("audt", topic), What: "group"},
			{Target: target(audit, "topic-subs-sandbox0001-cdb-2"), What: "topic"},
			{Target: map[string]any{"group": audit, "topic": topic, "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: tencentdtsfake.FullName(audit), Donor: extra, Within: s.now.Add(-24 * time.Hour),
		Secrets:    []string{tencentdtsfake.Secret},
		Committed:  func() map[providers.Part]providers.Position { return s.committed(t, audit) },
		Writes:     s.Writes,
		LoseAnswer: func() { check(t, s.Inject("drop")) },
		Throttle:   func() { s.Arm(inject.Throttle, inject.Writes, -1) },
		Deny:       s.Revoke,
		Block:      s.Block,
		Hangs:      s.Hangs,
		Silent:     true,
		Disturb:    func() { check(t, s.Join(audit)) },
	}
}

// A service is a seeded fake with its broker, and how to reach both.
type service struct {
	*tencentdtsfake.Fake
	url   string
	now   time.Time    // when it was seeded
	admin *kadm.Client // an independent client of the broker
}

// start runs a seeded service with a second group, which has never committed.
func start(t *testing.T) *service { return startOff(t, 0) }

// startOff runs it with a clock that is wrong by off.
func startOff(t *testing.T, off time.Duration) *service {
	t.Helper()
	broker, err := kafkafake.Start("127.0.0.1:0")
	check(t, err)
	t.Cleanup(broker.Close)
	clock := func() time.Time { return time.Now().Add(off) }
	f, err := tencentdtsfake.New(tencentdtsfake.Options{Bootstrap: broker.Address(), Now: clock})
	check(t, err)
	t.Cleanup(f.Close)
	s := &service{Fake: f, now: clock()}
	check(t, f.Seed(t.Context()))
	f.AddGroup(extra)
	web := httptest.NewServer(f)
	t.Cleanup(web.Close)
	s.url = web.URL
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	check(t, err)
	t.Cleanup(client.Close)
	s.admin = kadm.NewClient(client)
	return s
}

// committed reads a group's positions without the provider.
func (s *service) committed(t *testing.T, group string) map[providers.Part]providers.Position {
	t.Helper()
	all, err := s.admin.FetchOffsets(context.WithoutCancel(t.Context()), tencentdtsfake.FullName(group))
	check(t, err)
	out := map[providers.Part]providers.Position{}
	all.Each(func(o kadm.OffsetResponse) { out[part(int(o.Partition))] = providers.AtOffset(o.At) })
	return out
}

// commit sets a group's position on each partition without the provider.
func (s *service) commit(t *testing.T, group string, offset int64) {
	t.Helper()
	var offsets kadm.Offsets
	for n := range int32(4) {
		offsets.AddOffset(topic, n, offset, -1)
	}
	check(t, s.admin.CommitAllOffsets(t.Context(), tencentdtsfake.FullName(group), offsets))
}

func part(n int) providers.Part { return providers.Part{Topic: topic, Number: n} }

func config() map[string]any {
	return map[string]any{"region": tencentdtsfake.Region, "subscribeId": tencentdtsfake.SeedSubscription}
}

// environment is a process whose variables hold the sandbox's key, or other values.
func environment(variables ...string) providers.Process {
	all := map[string]string{"TENCENTCLOUD_SECRET_ID": tencentdtsfake.AccessKey, "TENCENTCLOUD_SECRET_KEY": tencentdtsfake.Secret}
	for i := 0; i < len(variables); i += 2 {
		all[variables[i]] = variables[i+1]
	}
	return providers.Process{Getenv: func(name string) string { return all[name] }, Now: time.Now}
}

// connect connects to a service, fake or stub, at a URL.
func connect(t *testing.T, url string, e providers.Process) providers.Connection {
	t.Helper()
	c, err := tencentdts.New().Connect(providers.Config{Decode: providertest.Keys(config()), Endpoint: url, Timeout: 10 * time.Second,
		RateLimit: 1000}, e)
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

func goal(t *testing.T, group string, partitions ...int) providers.Target {
	t.Helper()
	keys := map[string]any{"group": group, "topic": topic}
	if partitions != nil {
		keys["partitions"] = partitions
	}
	target, err := tencentdts.New().Target(providers.Config{Decode: providertest.Keys(config())}, providertest.Keys(keys))
	check(t, err)
	return target
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readAs reads with other provider keys.
func readAs(t *testing.T, url string, keys map[string]any) error {
	t.Helper()
	c := providers.Config{Decode: providertest.Keys(keys), Endpoint: url, Timeout: 10 * time.Second, RateLimit: 1000}
	conn, err := tencentdts.New().Connect(c, environment())
	check(t, err)
	target, err := tencentdts.New().Target(c, providertest.Keys(map[string]any{"group": audit, "topic": topic}))
	check(t, err)
	return errors.Join(conn.Read(t.Context(), []providers.ReadRequest{{Target: target}})[0].Err, conn.Close())
}

// TestCapabilities: every form that the service cannot do has a sentence with an
// alternative.
func TestCapabilities(t *testing.T) {
	notes := tencentdts.New().Capabilities().Notes
	for _, form := range []string{"timestamp", "offset", "offsets", "shift", "current", "unset", "checkpoints", "group", "lock", "default",
		"undo", "idle.pause"} {
		if !strings.Contains(notes[form].String(), "timestamp") && !strings.Contains(notes[form].String(), "wait") && form != "timestamp" {
			t.Errorf("%s: %q does not name an alternative", form, notes[form])
		}
	}
}

// read reads the audit group from a service at a URL.
func read(t *testing.T, url string, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	return connect(t, url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Resolve: resolve}})[0]
}

// reset moves parts of the audit group.
func reset(t *testing.T, url string, to ...providers.PartMove) (providers.Receipt, error) {
	t.Helper()
	return connect(t, url, environment()).Reset(t.Context(), providers.Move{Target: goal(t, audit), To: to})
}

func to(n int, p providers.Position) providers.PartMove {
	return providers.PartMove{Part: part(n), Position: p}
}
