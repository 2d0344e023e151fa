//go:build integration && linux && amd64

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// TestIntegrationWorkload stops, rewinds and starts consumers of a real Kafka, which run in
// processes of their own and are delivered exactly the planned records, also after a kill.
func TestIntegrationWorkload(t *testing.T) {
	scripts(t, someScripts(t, "workload", "workload-left"), realKafka(t, kafkatest.Newest))
}

// TestIntegrationReplay rewinds consumers of a real Kafka, lets them read a window again,
// stops them and returns them to where they were: they are delivered exactly that window,
// what they read until the stop, and then what follows. The second scenario removes the step
// during its replay.
func TestIntegrationReplay(t *testing.T) {
	scripts(t, someScripts(t, "replay", "replay-left"), realKafka(t, kafkatest.Newest))
}

// A platform is what runs consumers, as far as the commands of a template reach it.
type platform struct {
	template string
	more     string // keys that the test adds to the template
	// open starts it. scale is how many consumers run from then on.
	open func(t *testing.T, dir, broker string, scale func(int)) (env []string, effects func() string)
	want string // the effects of stop and start
}

// TestIntegrationTemplates runs the templates of docs/workloads.md, as they are there, with the real programs that they
// name: before and after a reset, and the start once more while the consumers run.
func TestIntegrationTemplates(t *testing.T) {
	program := buildProgram(t)
	for _, p := range []platform{
		{"kubernetes", "", openKubernetes, "deployments/billing: 0, deployments/billing: 3"},
		{"keda", "", openKubernetes, "scaledobjects/billing: 0, scaledobjects/billing: 3"},
		{"strimzi-connector", "", openKubernetes, "kafkaconnectors/orders-sink: 0, kafkaconnectors/orders-sink: 1"},
		{"connect", "    env: http_proxy\n", openConnect, "PUT http://connect.internal:8083/connectors/orders-sink/stop, " +
			"PUT http://connect.internal:8083/connectors/orders-sink/resume"},
		{"systemd", "    env: XDG_RUNTIME_DIR\n", openSystemd, ""},
	} {
		t.Run(p.template, func(t *testing.T) { p.run(t, program) })
	}
}

func (p platform) run(t *testing.T, program string) {
	f, err := kafkafake.Start("127.0.0.1:0", kfake.GroupMinSessionTimeout(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if err := kafkafake.Seed(t.Context(), f.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env, effects := p.open(t, dir, f.Address(), func(n int) {
		if n == 0 {
			f.Leave()
		} else if err := f.Join("orders-billing", "orders"); err != nil {
			t.Error(err)
		}
	})
	for name, text := range map[string]string{
		"c.yaml": "version: 1\nworkloads:\n  " + p.template + ":\n" + template(t, p.template) + p.more,
		"p.yaml": fmt.Sprintf("version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
			"{group: orders-billing, topic: orders}, to: {offset: 20}, idle: {workload: %s}}\n", f.Address(), p.template),
	} {
		write(t, dir, name, text)
	}
	run := func(words ...string) string {
		c := exec.Command(words[0], words[1:]...)
		c.Dir, c.Env = dir, append([]string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir, "RESETPLAN_CONFIG=c.yaml"}, env...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(words, " "), err, out)
		}
		return string(out)
	}
	lines := strings.Split(strings.TrimSpace(run(program, "plan", "p.yaml", "--format", "commands")), "\n")
	if out := run(program, "apply", "p.yaml", "--auto-approve", "--verbose"); !strings.Contains(out, "1 verified") {
		t.Error(out)
	}
	if _, got, _ := strings.Cut(effects(), "; "); got != p.want {
		t.Errorf("the effects are %q, want %q", got, p.want)
	}
	run("sh", "-c", lines[len(lines)-1]) // the start, once more
	if out := run(program, "plan", "p.yaml", "--run", "again"); !strings.Contains(out, "consumers active") {
		t.Errorf("after the second start: %s", out)
	}
}

// openConnect is the REST API of Kafka Connect, reached through a proxy, because the host of the template does not exist.
func openConnect(t *testing.T, _, _ string, scale func(int)) (env []string, effects func() string) {
	var mu sync.Mutex
	var got []string
	running := true
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Method+" "+r.URL.String())
		resume := strings.HasSuffix(r.URL.Path, "/resume")
		switch {
		case r.Method != http.MethodPut || !strings.HasPrefix(r.URL.Path, "/connectors/orders-sink/"):
			w.WriteHeader(http.StatusNotFound)
		case !resume:
			scale(0)
			w.WriteHeader(http.StatusNoContent)
		default:
			if !running {
				scale(1)
			}
			w.WriteHeader(http.StatusAccepted)
		}
		running = resume
	}))
	t.Cleanup(api.Close)
	scale(1)
	return []string{"http_proxy=" + api.URL}, func() string {
		mu.Lock()
		defer mu.Unlock()
		return "; " + strings.Join(got, ", ")
	}
}

// openSystemd is the systemd of a user with a unit that runs a consumer. The template's commands reach it through a
// systemctl that adds --user.
func openSystemd(t *testing.T, dir, broker string, _ func(int)) (env []string, effects func() string) {
	consumer, err := exec.LookPath("consumer")
	if err != nil {
		t.Fatal(err)
	}
	own := func(name string) string {
		folder := filepath.Join(dir, name)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	write(t, own(".config/systemd/user"), "billing.service", fmt.Sprintf("[Service]\nExecStart=%s %s orders-billing orders %s/read\n", consumer, broker, dir))
	real, err := exec.LookPath("systemctl")
	if err != nil {
		t.Fatalf("systemctl is missing: %v", err)
	}
	write(t, dir, "systemctl", "#!/bin/sh\nexec "+real+" --user \"$@\"\n")
	if err := os.Chmod(filepath.Join(dir, "systemctl"), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	env = []string{"XDG_RUNTIME_DIR=" + own("run"), "PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + dir}
	// A systemd of a user refuses to run in a system that systemd has not started, as in a container.
	c := exec.Command("unshare", "--map-root-user", "--mount", "sh", "-c", "mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && "+
		"mkdir /run/systemd/system && exec /lib/systemd/systemd --user")
	c.Env, c.SysProcAttr = env, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM) // it stops its units, and then itself
		_ = c.Wait()
	})
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		start := exec.Command(real, "--user", "start", "billing.service")
		start.Env = env
		out, err := start.CombinedOutput()
		if err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("systemd does not start: %v\n%s", err, out)
		}
	}
	awaitRead(t, filepath.Join(dir, "read"))
	return env[:1], func() string { return "; " }
}

// awaitRead waits until a consumer has read something.
func awaitRead(t *testing.T, file string) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if s, err := os.Stat(file); err == nil && s.Size() > 0 {
			return
		}
		if time.Now().After(until) {
			t.Fatal("the consumer reads nothing")
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
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
