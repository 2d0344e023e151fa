//go:build integration

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/resetplan/resetplan/providers/sandbox"
	"gopkg.in/yaml.v3"
)

// example reads a file of examples/.
func example(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../examples", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// decoded reads a document of an example.
func decoded(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// typedIn runs a script in a real shell and returns its exit code and output. The
// program and the usual tools are in the PATH.
func typedIn(t *testing.T, dir string, env map[string]string, shell ...string) (int, string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), shell[0], shell[1:]...)
	c.Dir = dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1"}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if name == "PATH" {
			c.Env[0] = "PATH=" + env[name] + ":" + os.Getenv("PATH")
			continue
		}
		c.Env = append(c.Env, name+"="+env[name])
	}
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), output.String()
}

// a repository with a remote, as a runner has checked it out.
type repository struct {
	t         *testing.T
	dir, bare string
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{t: t, dir: t.TempDir(), bare: t.TempDir()}
	r.git("init", "--quiet", "--bare", "--initial-branch=main", r.bare)
	r.git("init", "--quiet", "--initial-branch=main")
	r.git("remote", "add", "origin", r.bare)
	return r
}

func (r *repository) git(args ...string) string {
	r.t.Helper()
	code, output := typedIn(r.t, r.dir, nil, append([]string{"git", "-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
	if code != 0 {
		r.t.Fatalf("git %v: %s", args, output)
	}
	return output
}

// write commits a plan that moves orders-billing to an offset.
func (r *repository) write(box *sandbox.Sandbox, offset int) {
	r.t.Helper()
	address, err := box.Address("kafka")
	if err != nil {
		r.t.Fatal(err)
	}
	text := fmt.Sprintf("version: 1\nname: orders\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
		"{group: orders-billing, topic: orders}, to: {offset: %d}}\n", address, offset)
	r.file("resets/orders.yaml", text)
}

func (r *repository) file(path, text string) {
	r.t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.git("add", "--all", "--", "resets")
	r.git("commit", "--quiet", "--message", path)
	r.git("push", "--quiet", "origin", "HEAD:main")
}

// remembered returns a file in the remote's main branch.
func (r *repository) remembered(path string) string {
	code, text := typedIn(r.t, r.bare, nil, "git", "show", "main:"+path)
	if code != 0 {
		return ""
	}
	return text
}

// moveTo moves the group as another client.
func moveTo(t *testing.T, box *sandbox.Sandbox, offsets string) {
	t.Helper()
	admin := adminOf(t, box)
	if err := commitAs(context.Background(), admin, "orders-billing", "orders", offsets, nil); err != nil {
		t.Fatal(err)
	}
}
