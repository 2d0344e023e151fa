//go:build integration

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestIntegrationPreCommitStopsAPlanWithAnError commits plans in a repository with the
// example's configuration. The hooks come from a repository as GitHub would serve it.
func TestIntegrationPreCommitStopsAPlanWithAnError(t *testing.T) {
	tools := filepath.Dir(os.Getenv("RESETPLAN_PYTHON"))
	if _, err := os.Stat(filepath.Join(tools, "pre-commit")); err != nil {
		t.Fatalf("pre-commit is missing (`make integration` fetches it): %v", err)
	}
	hooks, plans := t.TempDir(), t.TempDir()
	env := map[string]string{"PATH": tools, "PRE_COMMIT_HOME": t.TempDir(), "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
	call := func(dir string, command ...string) (int, string) { t.Helper(); return typedIn(t, dir, env, command...) }
	must := func(dir string, command ...string) {
		t.Helper()
		if code, output := call(dir, command...); code != 0 {
			t.Fatalf("%q exited with %d: %s", command, code, output)
		}
	}
	manifest, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	writeAll(t, map[string]string{filepath.Join(hooks, ".pre-commit-hooks.yaml"): string(manifest)})
	must(hooks, filepath.Join(tools, "pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml")
	must(hooks, "sh", "-ec", "git init -q; git add -A; git commit -qm hooks; git tag v0.1.0")

	config := example(t, "editor/pre-commit/.pre-commit-config.yaml")
	local := strings.Replace(config, "https://github.com/resetplan/resetplan", hooks, 1)
	if local == config {
		t.Fatalf("the example names another repository:\n%s", config)
	}
	must(plans, "mkdir", "resets")
	good, err := starters.ReadFile("init/kafka.yaml")
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(good), "steps:", "stepps:", 1)
	at := func(name string) string { return filepath.Join(plans, name) }
	writeAll(t, map[string]string{at(".pre-commit-config.yaml"): local, at("resets/good.yaml"): string(good), at("resets/bad.yaml"): bad,
		at("resets/good.params.yaml"): "no plan", at("elsewhere.yaml"): "no plan"})
	must(plans, "sh", "-ec", "git init -q; pre-commit install; git add -A")
	code, output := call(plans, "git", "commit", "-qm", "plans")
	if code == 0 || !regexp.MustCompile(`resets/bad.yaml:\d+:\d+: .*stepps`).MatchString(output) || strings.Contains(output, "no plan") {
		t.Errorf("the commit exited with %d: %s", code, output)
	}
	writeAll(t, map[string]string{at("resets/bad.yaml"): string(good)})
	must(plans, "git", "add", "-A")
	must(plans, "git", "commit", "-qm", "plans")
}
