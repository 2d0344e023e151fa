package aliyunsls_test

import (
	"maps"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestConformance(t *testing.T) {
	for name, fault := range map[string]string{"lists as arrays": "several", "lists as objects": "object-lists"} {
		t.Run(name, func(t *testing.T) {
			providertest.Run(t, providertest.Harness{Provider: aliyunsls.New(),
				Start: func(t *testing.T) *providertest.Service { return underTest(t, fault) }})
		})
	}
}

func underTest(t *testing.T, fault string) *providertest.Service {
	f, url := start(t, aliyunslsfake.Options{})
	check(t, f.Inject(fault))
	for shard := range 3 {
		f.Commit("donor", "", shard, 20, time.Now().Add(-time.Hour))
	}
	return &providertest.Service{
		Endpoint: url,
		Env:      environment(nil),
		Config:   map[string]any{"region": "cn-hangzhou", "project": aliyunslsfake.Project},
		Target:   words(nil),
		Other:    words(map[string]any{"consumerGroup": "donor"}),
		Unknown: []providertest.Unknown{
			{Target: words(map[string]any{"consumerGroup": "access-log-elt"}), What: "group"},
			{Target: words(map[string]any{"logstore": "acces-log"}), What: "logstore"},
			{Target: words(map[string]any{"shards": []int{0, 77}}), What: "shard"},
		},
		Group: aliyunslsfake.Group, Donor: "donor", Within: time.Now().Add(-24 * time.Hour),
		Secrets:    []string{aliyunslsfake.Secret},
		Committed:  func() map[providers.Part]providers.Position { return committed(f) },
		Writes:     f.Writes,
		LoseAnswer: func() { f.Arm(inject.Drop, inject.Writes, 1) },
		Throttle:   func() { f.Arm(inject.Throttle, inject.Writes, -1) },
		Deny:       f.Deny,
		Recreate:   f.Recreate,
		Block:      f.Block,
		Hangs:      f.Hangs,
	}
}

// start runs a fake for one test.
func start(t *testing.T, o aliyunslsfake.Options) (*aliyunslsfake.Fake, string) {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	f, err := aliyunslsfake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

// environment returns a process with these variables; nil = the sandbox's
// credentials.
func environment(variables map[string]string) providers.Process {
	if variables == nil {
		variables = map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": aliyunslsfake.AccessKey, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": aliyunslsfake.Secret}
	}
	return providers.Process{Getenv: func(name string) string { return variables[name] }, Now: time.Now}
}

func committed(f *aliyunslsfake.Fake) map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	for n, p := range f.Checkpoints(aliyunslsfake.Group) {
		out[shard(n)] = providers.AtCursor(p.Cursor)
	}
	return out
}

// words returns the seeded group's target keys, with some replaced.
func words(over map[string]any) map[string]any {
	v := map[string]any{"logstore": aliyunslsfake.Logstore, "consumerGroup": aliyunslsfake.Group}
	maps.Copy(v, over)
	return v
}

func config(url string) providers.Config {
	return providers.Config{Name: "ali", Endpoint: url, Timeout: 10 * time.Second, RateLimit: 10000,
		Decode: providertest.Keys(map[string]any{"region": "cn-hangzhou", "project": aliyunslsfake.Project})}
}

// connect connects to a service.
func connect(t *testing.T, c providers.Config, env providers.Process) providers.Connection {
	t.Helper()
	conn, err := aliyunsls.New().Connect(c, env)
	check(t, err)
	t.Cleanup(func() { check(t, conn.Close()) })
	return conn
}

func goal(t *testing.T, c providers.Config, over map[string]any) providers.Target {
	t.Helper()
	target, err := aliyunsls.New().Target(c, providertest.Keys(words(over)))
	check(t, err)
	return target
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// place returns the cursor of a log group of a seeded shard, counted from the first.
func place(f *aliyunslsfake.Fake, n, group int) providers.Position {
	f.Commit("ruler", "", n, group, time.Now())
	return providers.AtCursor(f.Checkpoints("ruler")[n].Cursor)
}

func shard(n int) providers.Part { return providers.Part{Topic: "shard", Number: n} }
