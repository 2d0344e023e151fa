//go:build integration && linux && amd64

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// TestIntegrationWorkload stops, rewinds and starts consumers of a real Kafka, which run in
// processes of their own and are delivered exactly the planned records.
func TestIntegrationWorkload(t *testing.T) {
	scripts(t, someScripts(t, "workload"), realKafka(t, kafkatest.Newest))
}

// TestIntegrationReplay rewinds consumers of a real Kafka, lets them read a window again,
// stops them and returns them to where they were: they are delivered exactly that window,
// what they read until the stop, and then what follows.
func TestIntegrationReplay(t *testing.T) {
	scripts(t, someScripts(t, "replay"), realKafka(t, kafkatest.Newest))
}

// A deployment is an API of Kubernetes with one deployment, whose pods consume as long as
// its replicas are not 0.
type deployment struct {
	scaled func(replicas int)

	mu       sync.Mutex
	replicas int
	requests []string
}

func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	const at = "/apis/apps/v1/namespaces/shop/deployments/billing"
	scale := func() map[string]any {
		return map[string]any{"kind": "Scale", "apiVersion": "autoscaling/v1", "spec": map[string]any{"replicas": d.replicas},
			"metadata": map[string]any{"name": "billing", "namespace": "shop", "resourceVersion": "1"}}
	}
	verbs := []string{"get", "patch", "update"}
	var answer any
	switch r.Method + " " + r.URL.Path {
	case "GET /api":
		answer = map[string]any{"kind": "APIVersions", "versions": []string{"v1"}}
	case "GET /api/v1":
		answer = map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{}}
	case "GET /apis":
		version := map[string]any{"groupVersion": "apps/v1", "version": "v1"}
		answer = map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{map[string]any{"name": "apps", "versions": []any{version},
			"preferredVersion": version}}}
	case "GET /apis/apps/v1":
		answer = map[string]any{"kind": "APIResourceList", "groupVersion": "apps/v1", "resources": []any{
			map[string]any{"name": "deployments", "singularName": "deployment", "namespaced": true, "kind": "Deployment", "shortNames": []string{"deploy"}, "verbs": verbs},
			map[string]any{"name": "deployments/scale", "namespaced": true, "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": verbs}}}
	case "GET " + at:
		answer = map[string]any{"kind": "Deployment", "apiVersion": "apps/v1", "spec": map[string]any{"replicas": d.replicas},
			"metadata": map[string]any{"name": "billing", "namespace": "shop", "resourceVersion": "1"}}
	case "GET " + at + "/scale":
		answer = scale()
	case "PATCH " + at + "/scale", "PUT " + at + "/scale":
		raw, _ := io.ReadAll(r.Body)
		var change struct{ Spec struct{ Replicas *int } }
		if json.Unmarshal(raw, &change) != nil || change.Spec.Replicas == nil {
			http.Error(w, "no replicas", http.StatusBadRequest)
			return
		}
		d.replicas = *change.Spec.Replicas
		d.requests = append(d.requests, fmt.Sprintf("scale to %d", d.replicas))
		d.scaled(d.replicas)
		answer = scale()
	default:
		w.WriteHeader(http.StatusNotFound)
		answer = map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": r.URL.Path + " not found"}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// TestIntegrationKubectlScalesAWorkload runs the template of docs/workloads.md for a
// deployment with the real kubectl.
func TestIntegrationKubectlScalesAWorkload(t *testing.T) {
	if out, err := exec.Command("kubectl", "version", "--client").CombinedOutput(); err != nil {
		t.Fatalf("kubectl is missing: %v\n%s", err, out)
	}
	f, err := kafkafake.Start("127.0.0.1:0", kfake.GroupMinSessionTimeout(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if err := kafkafake.Seed(t.Context(), f.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := f.Join("orders-billing", "orders"); err != nil {
		t.Fatal(err)
	}
	d := &deployment{replicas: 3}
	d.scaled = func(replicas int) {
		if replicas == 0 {
			f.Leave()
		} else if err := f.Join("orders-billing", "orders"); err != nil {
			t.Error(err)
		}
	}
	api := httptest.NewServer(d)
	t.Cleanup(api.Close)
	dir := t.TempDir()
	program := buildProgram(t)
	for name, text := range map[string]string{
		"kubeconfig": fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\n"+
			"contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n", api.URL),
		"c.yaml": "version: 1\nworkloads:\n  kubernetes:\n" + template(t, "kubernetes"),
		"p.yaml": fmt.Sprintf("version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
			"{group: orders-billing, topic: orders}, to: {offset: 20}, idle: {workload: kubernetes}}\n", f.Address()),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(program, "apply", "p.yaml", "--auto-approve", "--config", "c.yaml", "--verbose")
	c.Dir, c.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "KUBECONFIG=" + filepath.Join(dir, "kubeconfig")}
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "1 verified") || !strings.Contains(string(out), "deployment.apps/billing scaled") {
		t.Errorf("apply: %v\n%s", err, out)
	}
	if got := strings.Join(d.requests, ", "); got != "scale to 0, scale to 3" {
		t.Errorf("the API got %q", got)
	}
}

// template returns a workload of docs/workloads.md.
func template(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/workloads.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "\n  "+name+":\n")
	text, _, ends := strings.Cut(after, "\n\n")
	if !found || !ends {
		t.Fatalf("docs/workloads.md has no template %s", name)
	}
	return text + "\n"
}
