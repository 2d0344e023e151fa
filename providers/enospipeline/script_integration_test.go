//go:build integration

package enospipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
)

// TestIntegrationScripts runs the commands with a real shell, curl and openssl against
// the service.
func TestIntegrationScripts(t *testing.T) {
	settings := map[string]any{"executionMode": 0, "kafkaRate": 100, "resourceConfig": 2}
	for _, shell := range []string{"sh", "dash", "bash"} {
		if _, err := exec.LookPath(shell); err != nil && shell != "sh" {
			continue
		}
		t.Run(shell, func(t *testing.T) {
			s := start(t, enospipelinefake.Options{})
			runs := func(id string, r providers.Restart, secret string) (string, error) {
				return runScript(t, shell, restart(t, s, id, r), secret)
			}
			if out, err := runs(enospipelinefake.Pipeline, providers.Restart{}, s.secret); err != nil || !s.moved(enospipelinefake.Pipeline) {
				t.Errorf("a paused pipeline: %v\n%s", err, out)
			}
			if out, err := runs(enospipelinefake.Running, providers.Restart{}, s.secret); err == nil || s.moved(enospipelinefake.Running) ||
				!strings.Contains(out, "EnOS refused the request") {
				t.Errorf("a running pipeline that is not paused: %v\n%s", err, out)
			}
			before := s.Committed(enospipelinefake.Running)[0]
			out, err := runs(enospipelinefake.Running, providers.Restart{Pauses: true, Settings: settings}, s.secret)
			if err != nil || s.Committed(enospipelinefake.Running)[0] >= before || s.StatusOf(enospipelinefake.Running) != enospipelinefake.Started {
				t.Errorf("a running pipeline: %v\n%s", err, out)
			}
			if n := s.Requests(); n["OperatePipeline:pause"] != 1 || n["OperatePipeline:start"] != 1 {
				t.Errorf("it sent %v", n)
			}
			if out, err := runs(enospipelinefake.Pipeline, providers.Restart{}, "n0t-the-secret"); err == nil || !strings.Contains(out, "EnOS returned no token") {
				t.Errorf("a wrong secret: %v\n%s", err, out)
			}
		})
	}
}

// runScript runs commands in a shell in which only the short waits take time: no two
// requests for a token may have the same second.
func runScript(t *testing.T, shell string, s providers.Script, secret string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sleep"), []byte("#!/bin/sh\n[ \"$1\" != 1 ] || exec /bin/sleep 1\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), shell, "-eu")
	cmd.Stdin = strings.NewReader(strings.Join(s.Commands, "\n") + "\n")
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "ENOS_APP_KEY="+enospipelinefake.AccessKey, "ENOS_APP_SECRET="+secret)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
