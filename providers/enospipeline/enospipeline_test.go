package enospipeline_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Harness{Provider: enospipeline.New(), Start: underTest})
}

func underTest(t *testing.T) *providertest.Service {
	at := time.Now()
	f := start(t, enospipelinefake.Options{Now: func() time.Time { return at }}) // running pipelines do not advance
	f.Rename(enospipelinefake.Pipeline, enospipelinefake.Pipeline)               // names are listed, and requests need ids
	return &providertest.Service{
		Config: map[string]any{"orgId": enospipelinefake.Org}, Env: f.env(), Endpoint: f.url,
		Target:  map[string]any{"pipelineId": enospipelinefake.Pipeline},
		Other:   map[string]any{"pipelineId": enospipelinefake.Running},
		Unknown: []providertest.Unknown{{Target: map[string]any{"pipelineId": "sandbox-pipelin"}, What: "pipeline"}},
		Ways:    []map[string]any{{"orgId": enospipelinefake.Org}},
		Within:  at.Add(-time.Hour),
		Secrets: []string{enospipelinefake.Secret},
		Committed: func() map[providers.Part]providers.Position {
			out := map[providers.Part]providers.Position{}
			for n, offset := range f.Committed(enospipelinefake.Pipeline) {
				out[providers.Part{Topic: "points", Number: n}] = providers.AtOffset(offset)
			}
			return out
		},
		Writes:     f.Writes,
		Disturb:    func() { f.inject(t, "running") },
		LoseAnswer: func() { f.inject(t, "drop") },
		Throttle:   func() { f.Arm(inject.Throttle, inject.Writes, -1) },
		Deny:       f.Revoke,
		Block:      f.Block,
		Hangs:      f.Hangs,
	}
}

// A service is a fake that listens, and how it is configured.
type service struct {
	*enospipelinefake.Fake
	url    string
	now    func() time.Time
	secret string
	log    bytes.Buffer
	config providers.Config
}

// start runs a service with the options; the client shares its clock.
func start(t *testing.T, o enospipelinefake.Options) *service {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	f, err := enospipelinefake.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, f)
	s.Fake, s.now = f, o.Now
	return s
}

// serve configures a client of a handler.
func serve(t *testing.T, h http.Handler) *service {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &service{url: server.URL, now: time.Now, secret: enospipelinefake.Secret, config: configOf(server.URL)}
}

func configOf(endpoint string) providers.Config {
	return providers.Config{
		Name: "enos", Endpoint: endpoint, Timeout: 10 * time.Second, RateLimit: 1000,
		Decode: providertest.Keys(map[string]any{"orgId": enospipelinefake.Org}),
	}
}

func (s *service) env() providers.Process {
	return providers.Process{
		Getenv: func(name string) string {
			return map[string]string{"ENOS_APP_KEY": enospipelinefake.AccessKey, "ENOS_APP_SECRET": s.secret}[name]
		},
		Now: s.now, Log: slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

func (s *service) connect(t *testing.T) providers.Connection {
	t.Helper()
	c, err := enospipeline.New().Connect(s.config, s.env())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (s *service) target(t *testing.T, id string) providers.Target {
	t.Helper()
	goal, err := enospipeline.New().Target(s.config, providertest.Keys(map[string]any{"pipelineId": id}))
	if err != nil {
		t.Fatal(err)
	}
	return goal
}

func (s *service) read(t *testing.T, c providers.Connection, id string) providers.Snapshot {
	t.Helper()
	return c.Read(t.Context(), []providers.ReadRequest{{Target: s.target(t, id)}})[0]
}

// move is the only one that EnOS can make.
func (s *service) move(t *testing.T, id string) providers.Move {
	t.Helper()
	return providers.Move{Target: s.target(t, id), To: []providers.PartMove{{Position: providers.At(providers.Default)}}}
}

func (s *service) inject(t *testing.T, name string) {
	t.Helper()
	if err := s.Inject(name); err != nil {
		t.Fatal(err)
	}
}

// readErr and resetErr return the error of a fresh connection.
func (s *service) readErr(t *testing.T) error {
	t.Helper()
	return s.read(t, s.connect(t), "p").Err
}

func (s *service) resetErr(t *testing.T) error {
	t.Helper()
	_, err := s.connect(t).Reset(t.Context(), s.move(t, "p"))
	return err
}

// moved reports whether a pipeline of the fake was reset.
func (s *service) moved(id string) bool { return s.Committed(id)[0] == 0 }

// oneLine fails the test if an error's text has several lines or contains a
// secret.
func oneLine(t *testing.T, s *service, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, no := range []string{"\n", s.secret, token} {
		if strings.Contains(err.Error(), no) {
			t.Errorf("the error contains %q: %q", no, err)
		}
	}
}
