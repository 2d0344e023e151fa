package operator

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// TestAFolderOfPlansIsNeverSearched has a configuration in the current folder, which
// nothing points to.
func TestAFolderOfPlansIsNeverSearched(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	for _, name := range []string{Name, filepath.Join("resetplan", Name)} {
		_ = os.MkdirAll(filepath.Dir(name), 0o755)
		if err := os.WriteFile(name, []byte("not valid"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"", ".", "resetplan"} {
		c, err := Load(Search{Getenv: func(string) string { return "" }, Folder: folder})
		if err != nil || c.File != "" {
			t.Errorf("with the folder %q: %q, %v", folder, c.File, err)
		}
	}
	if _, err := Load(Search{Getenv: func(string) string { return "" }, Folder: here}); err == nil {
		t.Error("the user's own folder is not searched")
	}
}

func TestAGateRefusesAndRemembers(t *testing.T) {
	c := Configuration{File: "c.yaml", Config: schema.Config{Allow: schema.Allow{Hosts: []string{"*.internal:9093", "10.0.0.1"}}}}
	g := c.Gate()
	for address, permitted := range map[string]bool{"b.internal:9093": true, "b.internal:9092": false, "10.0.0.1:1": true, "b": false, "": false} {
		err := g.Reach(address)
		if (err == nil) != permitted || err != nil && !errors.Is(err, providers.ErrForbidden) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := g.Refused(); err == nil || !strings.Contains(err.Error(), "allow.hosts in c.yaml does not permit it") {
		t.Errorf("it remembers %v", err)
	}
	open := (&Configuration{}).Gate()
	if err := open.Reach("anything:1"); err != nil || open.Refused() != nil {
		t.Errorf("without a configuration: %v", err)
	}
}

func TestPlansMayDefineNoConnection(t *testing.T) {
	c := Configuration{File: "c.yaml", Config: schema.Config{Allow: schema.Allow{ConnectionsOnly: true}, Connections: []schema.Provider{{Name: "prod", Shared: true}}}}
	var refused *plan.Refusal
	if err := c.Check(&schema.Document{Providers: []schema.Provider{{Name: "prod"}}}); !errors.As(err, &refused) {
		t.Errorf("a plan's own connection: %v", err)
	}
	if err := c.Check(&schema.Document{Providers: c.Connections}); err != nil {
		t.Error(err)
	}
}

// TestInForceHasNoSecret shows what is in force, and why.
func TestInForceHasNoSecret(t *testing.T) {
	most := int64(50_000_000)
	c := Configuration{File: "c.yaml", FoundBy: "--config", Config: schema.Config{
		Connections: []schema.Provider{{Name: "prod", Type: "kafka", Config: map[string]any{"bootstrapServers": []any{"b:9093"},
			"sasl": map[string]any{"env": map[string]any{"password": "PROD_PASS"}}}}},
		Allow: schema.Allow{Hosts: []string{"*:9093"}}, Limits: schema.Limits{MaxReplay: &most},
		Workloads: []schema.Workload{{Name: "b", Stop: []string{"systemctl", "stop", "b"}, Start: []string{"sh", "-c", "systemctl start b"},
			Status: []string{"true"}, Stopped: 2 * time.Minute, Started: 3 * time.Minute, Timeout: time.Minute, Env: []string{"KUBECONFIG"}}},
		Notify: []schema.Receiver{{URL: "https://hooks.example.com/services/T0/B0/secret", On: []string{"failed"}, Headers: map[string]string{"A": "TOKEN"}}},
	}}
	want := []Setting{
		{"connections.prod", []string{"kafka", "bootstrapServers b:9093", "sasl", "$PROD_PASS"}, "c.yaml"},
		{"allow.hosts", []string{"*:9093"}, "c.yaml"},
		{"allow.env", []string{"the vendors' own variables"}, "default"},
		{"allow.env", []string{"X", "Y_*"}, "RESETPLAN_ALLOW_ENV"},
		{"allow.connectionsOnly", []string{"false: plans may define connections"}, "default"},
		{"limits.maxReplay", []string{"50,000,000"}, "c.yaml"},
		{"limits.maxSkip", []string{"no limit; the guards of each plan"}, "default"},
		{"workloads.b", []string{"stop systemctl stop b", "start sh -c 'systemctl start b'", "status true", "stopped within 2m", "started within 3m",
			"timeout 1m", "$KUBECONFIG"}, "c.yaml"},
		{"notify[0]", []string{"https://hooks.example.com", "on failed", "timeout 0s", "A from $TOKEN"}, "c.yaml"},
	}
	if got := c.InForce("X, Y_*"); !reflect.DeepEqual(got.Settings, want) {
		t.Errorf("got  %q\nwant %q", got.Settings, want)
	}
}

func TestUnknownWorkloadsHaveAPlace(t *testing.T) {
	doc := &schema.Document{File: "p.yaml", Steps: []schema.Step{{Idle: schema.Idle{Workload: "b"}}, {Idle: schema.Idle{Workload: "x"}}, {}}}
	c := Configuration{File: "c.yaml", Config: schema.Config{Workloads: []schema.Workload{{Name: "b"}}}}
	errs := c.UnknownWorkloads(doc)
	if len(errs) != 1 || !strings.Contains(errs.Error(), `steps[1].idle.workload: the workload "x" is not in the configuration c.yaml`) {
		t.Errorf("got %v", errs)
	}
	if errs := (&Configuration{}).UnknownWorkloads(doc); errs != nil {
		t.Errorf("without a configuration: %v", errs)
	}
}
