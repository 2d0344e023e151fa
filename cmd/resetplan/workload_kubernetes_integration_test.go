//go:build integration && linux && amd64

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A kubernetes is an API of Kubernetes with one object of each kind in the templates. The object that is changed runs the
// consumers, as its operator would.
type kubernetes struct {
	scale func(int)

	mu      sync.Mutex
	objects map[string]map[string]any // by path
	got     []string
}

// kinds are the kinds of objects, by the group and version of their API.
var kubernetesKinds = map[string][]any{
	"apps/v1": {
		kubernetesKind("deployments", "deployment", "Deployment", "deploy"),
		map[string]any{"name": "deployments/scale", "namespaced": true, "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": kubernetesVerbs},
	},
	"keda.sh/v1alpha1":         {kubernetesKind("scaledobjects", "scaledobject", "ScaledObject", "so")},
	"kafka.strimzi.io/v1beta2": {kubernetesKind("kafkaconnectors", "kafkaconnector", "KafkaConnector", "kctr")},
}

var kubernetesVerbs = []string{"get", "patch", "update"}

func kubernetesKind(name, singular, kind, short string) map[string]any {
	return map[string]any{"name": name, "singularName": singular, "namespaced": true, "kind": kind, "shortNames": []string{short}, "verbs": kubernetesVerbs}
}

// openKubernetes starts an API, and writes the configuration with which kubectl reaches it.
func openKubernetes(t *testing.T, dir, _ string, scale func(int)) (env []string, effects func() string) {
	if out, err := exec.Command("kubectl", "version", "--client").CombinedOutput(); err != nil {
		t.Fatalf("kubectl is missing: %v\n%s", err, out)
	}
	k := &kubernetes{scale: scale, objects: map[string]map[string]any{
		"/apis/apps/v1/namespaces/shop/deployments/billing":            {"kind": "Deployment", "apiVersion": "apps/v1", "spec": map[string]any{"replicas": 3.0}},
		"/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects/billing": {"kind": "ScaledObject", "apiVersion": "keda.sh/v1alpha1", "spec": map[string]any{}},
		"/apis/kafka.strimzi.io/v1beta2/namespaces/kafka/kafkaconnectors/orders-sink": {"kind": "KafkaConnector", "apiVersion": "kafka.strimzi.io/v1beta2",
			"spec": map[string]any{"state": "running"}},
	}}
	for path, o := range k.objects {
		parts := strings.Split(path, "/")
		o["metadata"] = map[string]any{"name": parts[len(parts)-1], "namespace": parts[5], "resourceVersion": "1"}
	}
	api := httptest.NewServer(k)
	t.Cleanup(api.Close)
	scale(3)
	write(t, dir, "kubeconfig", fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: %q}}]\n"+
		"contexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n", api.URL))
	return []string{"KUBECONFIG=" + filepath.Join(dir, "kubeconfig")}, func() string {
		k.mu.Lock()
		defer k.mu.Unlock()
		return "; " + strings.Join(k.got, ", ")
	}
}

func (k *kubernetes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	path, ofScale := strings.CutSuffix(r.URL.Path, "/scale")
	answer, found := discovery(path), true
	o := k.objects[path]
	switch {
	case answer != nil:
	case o == nil:
		w.WriteHeader(http.StatusNotFound)
		found, answer = false, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404,
			"message": r.URL.Path + " not found"}
	case r.Method == http.MethodPatch, r.Method == http.MethodPut:
		var change map[string]any
		if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		k.change(path, o, change)
	case r.Method != http.MethodGet:
		http.Error(w, r.Method, http.StatusMethodNotAllowed)
		return
	}
	if found && o != nil {
		answer = o
		if ofScale {
			answer = map[string]any{"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": o["metadata"], "spec": o["spec"]}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// discovery returns what the API reports about itself; nil = the path is another one.
func discovery(path string) any {
	if kinds, ok := kubernetesKinds[strings.TrimPrefix(path, "/apis/")]; ok {
		return map[string]any{"kind": "APIResourceList", "groupVersion": strings.TrimPrefix(path, "/apis/"), "resources": kinds}
	}
	switch path {
	case "/api":
		return map[string]any{"kind": "APIVersions", "versions": []string{"v1"}}
	case "/api/v1":
		return map[string]any{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{}}
	case "/apis":
		groups := []any{}
		for name := range kubernetesKinds {
			group, _, _ := strings.Cut(name, "/")
			version := map[string]any{"groupVersion": name, "version": strings.TrimPrefix(name, group+"/")}
			groups = append(groups, map[string]any{"name": group, "versions": []any{version}, "preferredVersion": version})
		}
		return map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
	}
	return nil
}

// change merges a patch into an object, and runs as many consumers as it then has replicas.
func (k *kubernetes) change(path string, o, patch map[string]any) {
	before := replicas(o)
	merge(o, patch)
	if now := replicas(o); now != before {
		parts := strings.Split(path, "/")
		k.got = append(k.got, fmt.Sprintf("%s: %d", strings.Join(parts[len(parts)-2:], "/"), now))
		k.scale(now)
	}
}

// merge applies a JSON merge patch.
func merge(into, patch map[string]any) {
	for key, value := range patch {
		inner, both := value.(map[string]any)
		old, is := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case both && is:
			merge(old, inner)
		default:
			into[key] = value
		}
	}
}

// replicas is how many consumers an object runs.
func replicas(o map[string]any) int {
	spec, _ := o["spec"].(map[string]any)
	metadata, _ := o["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	switch {
	case annotations["autoscaling.keda.sh/paused-replicas"] == "0", spec["state"] == "stopped":
		return 0
	case spec["state"] == "running":
		return 1
	}
	if n, ok := spec["replicas"].(float64); ok {
		return int(n)
	}
	return 3
}
