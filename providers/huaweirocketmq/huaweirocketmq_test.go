package huaweirocketmq

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

// TestConformance runs the suite with both names of the engine.
func TestConformance(t *testing.T) {
	for _, engine := range []string{"reliability", "rocketmq"} {
		t.Run(engine, func(t *testing.T) {
			providertest.Run(t, providertest.Harness{Provider: New(), Start: func(t *testing.T) *providertest.Service {
				f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
				f.CreateGroup("group_02")
				f.Commit("group_02", fake.Topic, 250)
				return underTest(f, url, engine)
			}})
		})
	}
}

func underTest(f *fake.Fake, url, engine string) *providertest.Service {
	inject := func(name string) func() { return func() { _ = f.Inject(name) } }
	config := settings()
	config["engine"] = engine
	return &providertest.Service{
		Env: environment(sandboxKey()), Config: config, Endpoint: url,
		Target:  map[string]any{"group": fake.Group, "topic": fake.Topic},
		Spelled: []map[string]any{{"group": fake.Group, "topics": []string{fake.Topic}}, {"group": fake.Group, "topics": []string{fake.Topic, fake.Topic}}},
		Other:   map[string]any{"group": "group_02", "topic": fake.Topic},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "gruop_01", "topic": fake.Topic}, What: "group"},
			{Target: map[string]any{"group": fake.Group, "topic": "topic_10"}, What: "topic"},
		},
		Group: fake.Group, Donor: "group_02", Within: now.Add(-24 * time.Hour), Secrets: []string{fake.Secret},
		Committed: func() map[providers.Part]providers.Position {
			out := map[providers.Part]providers.Position{}
			for q, n := range f.Committed(fake.Group, fake.Topic) {
				out[providers.Part{Topic: fake.Topic, Broker: q.Broker, Number: q.ID}] = providers.AtOffset(n)
			}
			return out
		},
		Writes:     f.Writes,
		Disturb:    inject("offline"),
		LoseAnswer: inject("drop"),
		Throttle:   inject("throttle"),
		Deny:       func() { f.Revoke(fake.AccessKey) },
		Block:      f.Block,
		Hangs:      f.Hangs,
	}
}

// start runs the emulated service and returns its address.
func start(t *testing.T, o fake.Options) (*fake.Fake, string) {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return now }
	}
	f, err := fake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(func() { s.Close(); f.Close() })
	return f, s.URL
}

// settings returns the provider's keys in a document.
func settings() map[string]any {
	return map[string]any{"region": fake.Region, "projectId": fake.Project, "instanceId": fake.Instance}
}

// configOf returns the provider's configuration in a document.
func configOf(endpoint string) providers.Config {
	return providers.Config{Decode: providertest.Keys(settings()), Endpoint: endpoint, Timeout: 5 * time.Second, RateLimit: 10_000}
}

func sandboxKey() map[string]string {
	return map[string]string{"HUAWEICLOUD_SDK_AK": fake.AccessKey, "HUAWEICLOUD_SDK_SK": fake.Secret}
}

func environment(variables map[string]string) providers.Process {
	return providers.Process{Getenv: func(name string) string {
		if name == "RESETPLAN_ALLOW_ENV" {
			return "?"
		}
		return variables[name]
	}, Now: func() time.Time { return now }}
}

func connect(t *testing.T, url string, env providers.Process) providers.Connection {
	t.Helper()
	c, err := New().Connect(configOf(url), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// dial connects with the sandbox's key.
func dial(t *testing.T, url string) providers.Connection {
	t.Helper()
	return connect(t, url, environment(sandboxKey()))
}

func goal(t *testing.T, group, topic string) providers.Target {
	t.Helper()
	target, err := New().Target(providers.Config{Decode: providertest.Keys(settings())}, providertest.Keys(map[string]any{"group": group,
		"topic": topic}))
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// read reads the seeded group on the seeded topic.
func read(t *testing.T, c providers.Connection) providers.Snapshot {
	t.Helper()
	return c.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic)}})[0]
}

// reset moves the seeded group on the seeded topic.
func reset(t *testing.T, c providers.Connection, to providers.Position) (providers.Receipt, error) {
	t.Helper()
	return c.Reset(t.Context(), providers.Move{Target: goal(t, fake.Group, fake.Topic), To: []providers.PartMove{{Position: to}}})
}

// own returns the service's error.
func own(t *testing.T, err error) *providers.Error {
	t.Helper()
	var e *providers.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	return e
}

// Package plan shows these notes as remedies.
func TestEveryUnsupportedFormHasANote(t *testing.T) {
	notes := New().Capabilities().Notes
	for _, form := range []string{"offset", "offsets", "shift", "current", "unset", "checkpoints", "group", "lock", "default", "undo",
		"partitions", "idle.pause"} {
		if notes[form].Remedy == "" {
			t.Errorf("%s has no note", form)
		}
	}
}
