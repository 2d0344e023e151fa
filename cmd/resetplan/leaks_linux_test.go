package main

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoSecretIsInTheProcessList runs the real program against services that
// repeat what they receive, and checks the command lines of the program and of its
// children at every request.
func TestNoSecretIsInTheProcessList(t *testing.T) {
	program := buildProgram(t)
	home := t.TempDir()
	planted := &plants{all: map[string]string{}}
	env := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	for name, value := range planted.variables() {
		env = append(env, name+"="+value)
	}
	planted.profiles(t, home)
	s := httptest.NewServer(planted.echoes()["in a refusal"])
	t.Cleanup(s.Close)
	seen := 0
	for kind, k := range clouds() {
		dir := t.TempDir()
		noError(t, os.WriteFile(filepath.Join(dir, "p.yaml"), cloud(kind, k.keys, s.URL, k.target)["p.yaml"](), 0o600))
		for _, args := range [][]string{{"plan", "p.yaml", "--verbose"}, {"apply", "p.yaml", "--auto-approve", "--verbose"}, {"status", "p.yaml"},
			{"doctor", "p.yaml"}} {
			c := exec.Command(program, args...)
			c.Dir, c.Env = dir, env
			var out bytes.Buffer
			c.Stdout, c.Stderr = &out, &out
			noError(t, c.Start())
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			for running := true; running; {
				for pid, line := range commandLines(c.Process.Pid) {
					seen++
					planted.leaked(t, fmt.Sprintf("%s %v: the command line of process %d", kind, args, pid), line)
				}
				select {
				case <-ended:
					running = false
				default:
				}
			}
			planted.leaked(t, fmt.Sprintf("%s %v", kind, args), out.String())
		}
	}
	if seen == 0 {
		t.Error("no command line was read")
	}
}

// commandLines returns the command lines of a process and all its descendants.
func commandLines(pid int) map[int]string {
	out := map[int]string{}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(line) == 0 {
		return out
	}
	out[pid] = strings.ReplaceAll(string(line), "\x00", " ")
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, _ := os.ReadFile(task)
		for _, child := range strings.Fields(string(children)) {
			var id int
			if _, err := fmt.Sscan(child, &id); err == nil {
				for k, v := range commandLines(id) {
					out[k] = v
				}
			}
		}
	}
	return out
}
