package workload

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// TestMain is also the commands of the tests in this file, which are the same on every
// system. The argument after "command" selects one.
func TestMain(m *testing.M) {
	if len(os.Args) < 4 || os.Args[1] != "command" {
		os.Exit(m.Run())
	}
	if err := command(os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lateBy is when a command writes its file after it has started.
const lateBy = 3 * time.Second

func command(name, file string) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(own, "command", "late", file)
	switch name {
	case "late": // writes the file later
		time.Sleep(lateBy)
		return os.WriteFile(file, nil, 0o600)
	case "parent": // has a child that writes the file later, and waits for it
		fmt.Println("waiting")
		return child.Run()
	case "daemon": // leaves a process that writes the file later
		return child.Start()
	case "program": // runs a workload whose stop writes the file later
		w := commands(filepath.Dir(file), own, "late", file)
		if err := os.WriteFile(file+".begun", nil, 0o600); err != nil {
			return err
		}
		return w.Stop(context.Background())
	}
	return fmt.Errorf("%s is not a command", name)
}

// commands returns a workload whose commands are one of this file.
func commands(folder, own, name, file string) *Workload {
	words := []string{own, "command", name, file}
	process := providers.Process{Now: time.Now, Secrets: &providers.Secrets{}, Getenv: os.Getenv}
	return All([]schema.Workload{{Name: "b", Stop: words, Start: words, Timeout: time.Minute}}, filepath.Join(folder, "c.yaml"), process)["b"]
}

// own returns this program, and a file that a command may write.
func own(t *testing.T) (program, file string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp("", "workload")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) }) // Wine 8 cannot remove files as Go requests it
	return program, filepath.Join(folder, "late")
}

func written(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// awaits waits until a file was written; a minute is more than any machine needs.
func awaits(t *testing.T, file string) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !written(file); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s was not written", file)
		}
	}
}

// TestTimeoutKillsTheChildrenOfACommand has a command that waits for its child.
func TestTimeoutKillsTheChildrenOfACommand(t *testing.T) {
	program, file := own(t)
	w := commands(filepath.Dir(file), program, "parent", file)
	w.Timeout = time.Second
	if err := w.Stop(t.Context()); err == nil || !strings.Contains(err.Error(), "was killed after 1s, its timeout") {
		t.Errorf("got %v", err)
	}
	time.Sleep(lateBy + time.Second)
	if written(file) {
		t.Error("the child of a command that was killed goes on")
	}
}

// TestWhatACommandLeavesRunningGoesOn has a command that starts a process and ends.
func TestWhatACommandLeavesRunningGoesOn(t *testing.T) {
	program, file := own(t)
	if err := commands(filepath.Dir(file), program, "daemon", file).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaits(t, file)
}

// TestKilledProgramTakesItsCommand has a program that is killed while a stop runs. macOS and
// the BSDs cannot end the command then; docs/workloads.md describes it.
func TestKilledProgramTakesItsCommand(t *testing.T) {
	program, file := own(t)
	p := exec.Command(program, "command", "program", file)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	awaits(t, file+".begun")
	time.Sleep(lateBy / 3)
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // it was killed
	switch runtime.GOOS {
	case "linux", "windows":
		time.Sleep(lateBy + time.Second)
		if written(file) {
			t.Error("the stop command of a program that was killed goes on")
		}
	default:
		awaits(t, file)
	}
}
