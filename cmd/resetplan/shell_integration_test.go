//go:build integration

package main

import (
	"bytes"
	"context"
	"errors"
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

// moveTo moves the group as another client.
func moveTo(t *testing.T, box *sandbox.Sandbox, offsets string) {
	t.Helper()
	admin := adminOf(t, box)
	if err := commitAs(context.Background(), admin, "orders-billing", "orders", offsets, nil); err != nil {
		t.Fatal(err)
	}
}
