//go:build unix

package workload

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// with returns the workload of a shell script, in a folder of its own, and what it logs.
func with(t *testing.T, script string, variables map[string]string, env ...string) (*Workload, *bytes.Buffer) {
	t.Helper()
	words := []string{"sh", "-c", script}
	var logged bytes.Buffer
	process := providers.Process{Now: time.Now, Secrets: &providers.Secrets{}, Log: slog.New(slog.NewTextHandler(&logged,
		&slog.HandlerOptions{Level: slog.LevelDebug})), Getenv: func(name string) string {
		if v, ok := variables[name]; ok {
			return v
		}
		return os.Getenv(name)
	}}
	defined := schema.Workload{Name: "b", Stop: words, Start: words, Status: words, Timeout: time.Minute, Env: env}
	return All([]schema.Workload{defined}, filepath.Join(t.TempDir(), "c.yaml"), process)["b"], &logged
}

func TestCommandsReceiveOnlyPermittedVariables(t *testing.T) {
	t.Setenv("NOT_PERMITTED", "x")
	w, logged := with(t, "env; pwd", map[string]string{"KUBECONFIG": "/k", "OTHER": "o"}, "KUBECONFIG")
	if err := w.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{"PATH=", "KUBECONFIG=/k", w.folder} {
		if !strings.Contains(logged.String(), expected) {
			t.Errorf("%q is missing in %s", expected, logged)
		}
	}
	for _, unexpected := range []string{"NOT_PERMITTED", "OTHER"} {
		if strings.Contains(logged.String(), unexpected) {
			t.Errorf("%q is in %s", unexpected, logged)
		}
	}
}

func TestFailuresHaveTheExitCodeAndTheEndOfTheOutput(t *testing.T) {
	for script, want := range map[string]string{
		"echo starting; echo no machine >&2; exit 7": "the stop command of workload b exited with 7: starting no machine",
		"kill -9 $$": "the stop command of workload b was killed (signal: killed)",
		"i=0; while [ $i -lt 9000 ]; do echo line $i of many; i=$((i+1)); done; echo the end; exit 1": "of many the end",
	} {
		w, logged := with(t, script, nil)
		if err := w.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 600 || logged.Len() > 2*mostOutput {
			t.Errorf("%s: got %d bytes, %v", script, logged.Len(), err)
		}
	}
	w, _ := with(t, "true", nil)
	w.Workload.Stop = []string{"no-such-program"}
	if err := w.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "could not run: exec: \"no-such-program\": executable file not found") {
		t.Errorf("got %v", err)
	}
}

// TestOutputHasNoSecret has a secret of a connection, and one of a variable that only the
// commands receive.
func TestOutputHasNoSecret(t *testing.T) {
	w, logged := with(t, "echo $NOMAD_TOKEN and hunter22; exit 1", map[string]string{"NOMAD_TOKEN": "tok-123456"}, "NOMAD_TOKEN")
	w.process.Secrets.Add("hunter22")
	err := w.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "(hidden) and (hidden)") {
		t.Errorf("got %v", err)
	}
	for _, secret := range []string{"tok-123456", "hunter22"} {
		if strings.Contains(logged.String(), secret) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s is shown: %s, %v", secret, logged, err)
		}
	}
}

// TestTimeoutKillsWhatACommandStarted has a child that would write a file later.
func TestTimeoutKillsWhatACommandStarted(t *testing.T) {
	w, _ := with(t, "(sleep 2; touch late) & echo waiting; wait", nil)
	w.Timeout = 200 * time.Millisecond
	if err := w.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "was killed after 200ms, its timeout: waiting") {
		t.Errorf("got %v", err)
	}
	time.Sleep(2500 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(w.folder, "late")); err == nil {
		t.Error("a process of the command goes on")
	}
}

func TestCancelledCommandIsKilled(t *testing.T) {
	w, _ := with(t, "sleep 100", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Stop(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "was interrupted") {
		t.Errorf("got %v", err)
	}
}

func TestStatusIsAnExitCode(t *testing.T) {
	for script, want := range map[string][2]bool{"true": {true, true}, "exit 3": {false, true}, "kill -9 $$": {false, false}} {
		w, _ := with(t, script, nil)
		if running, known := w.Running(t.Context()); running != want[0] || known != want[1] {
			t.Errorf("%s: running %v, known %v", script, running, known)
		}
	}
	w, _ := with(t, "true", nil)
	w.Status = nil
	if _, known := w.Running(t.Context()); known {
		t.Error("without a command, the status is known")
	}
}

func TestLinesAreQuotedForAShell(t *testing.T) {
	w, _ := with(t, "echo it's $HOME", nil)
	if stop, start := w.Lines(); stop != `sh -c 'echo it'\''s $HOME'` || start != stop {
		t.Errorf("got %s and %s", stop, start)
	}
}

// TestDaemonDoesNotHoldTheCommand has a start command that leaves a process with its output
// open.
func TestDaemonDoesNotHoldTheCommand(t *testing.T) {
	w, _ := with(t, "sleep 3 & echo started", nil)
	if err := w.Start(t.Context()); err != nil {
		t.Error(err)
	}
}
