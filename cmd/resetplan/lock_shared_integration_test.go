//go:build integration && linux && amd64

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/locktest"
)

// A shared is a server of an object store that another project wrote, with a broker that
// counts commits.
type shared struct {
	t       *testing.T
	program string
	broker  *cluster
	server  *locktest.Server
	env     []string // without the variables of the server
}

// A lockCase is one lock in the server, which several processes use to reset one group.
type lockCase struct {
	*shared
	name    string
	plan    string
	effects *ledger
	run     string
	off     int
}

const (
	sharedPlan = `version: 1
name: p
params: {off: {type: integer}}
providers: {k: {type: kafka, bootstrapServers: "BROKER"}}
steps: [{id: s, provider: k, target: {group: GROUP, topic: orders}, to: {offset: "${off}"}, guards: {maxSkip: unlimited}}]
`
	partitions = 3 // of its topic
)

// newShared starts a server that `make integration` fetches, and a broker.
func newShared(t *testing.T, program, scheme string) *shared {
	t.Helper()
	return &shared{t: t, program: program, broker: newBroker(t), server: locktest.Servers[scheme](t), env: append(os.Environ(), "HOME="+t.TempDir())}
}

// lock creates a group and its plan.
func (s *shared) lock(name string) *lockCase {
	s.t.Helper()
	c := &lockCase{shared: s, name: name, effects: &ledger{}, run: "once", off: 100, plan: filepath.Join(s.t.TempDir(), "p.yaml")}
	group := s.broker.group(s.t, c.effects, itself, "orders", partitions, 300)
	noError(s.t, os.WriteFile(c.plan, []byte(strings.NewReplacer("BROKER", s.broker.Address(), "GROUP", group).Replace(sharedPlan)), 0o600))
	return c
}

// command applies the plan with the lock at the server, or at a proxy in front of it.
func (c *lockCase) command(address string) *exec.Cmd {
	apply := exec.CommandContext(c.t.Context(), c.program, "apply", c.plan, "--auto-approve", "--run", c.run, "--set", fmt.Sprint("off=", c.off),
		"--lock", c.url(address))
	apply.Env = append(c.env[:len(c.env):len(c.env)], c.server.Env(address)...)
	return apply
}

func (c *lockCase) url(address string) string {
	return c.server.URL(address, "locks/"+c.name) + "&lease=5s"
}

// untilApplied repeats an apply, as a scheduler does, until it succeeds.
func (c *lockCase) untilApplied(address string) {
	c.t.Helper()
	var out []byte
	var err error
	for range 120 {
		if out, err = c.command(address).CombinedOutput(); err == nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	c.t.Errorf("%s, run %s: %v: %s", c.name, c.run, err, out)
}

// sent is the number of resets that reached the broker.
func (c *lockCase) sent() int { return len(c.effects.all()) / partitions }

// ended checks that the reset of the only run was made exactly once, and what is left.
func (c *lockCase) ended() {
	c.t.Helper()
	c.untilApplied(c.server.Address)
	if n := c.sent(); n != 1 {
		c.t.Errorf("%s: its reset was sent %d times", c.name, n)
	}
	if n := c.objects(); n > 4 {
		c.t.Errorf("%s: %d objects are left", c.name, n)
	}
	show := exec.CommandContext(c.t.Context(), c.program, "lock", "show", c.url(c.server.Address))
	show.Env = c.command(c.server.Address).Env
	if out, err := show.CombinedOutput(); err != nil || bytes.Contains(out, []byte("in-doubt")) || bytes.Contains(out, []byte("not-a-secret")) {
		c.t.Errorf("%s: %v: %s", c.name, err, out)
	}
}

// objects counts the objects of the lock.
func (c *lockCase) objects() (n int) {
	all, err := c.server.Keys()
	noError(c.t, err)
	for _, key := range all {
		if strings.HasPrefix(key, "locks/"+c.name+"/") {
			n++
		}
	}
	return n
}

// TestIntegrationASharedLockOnRealServers uses servers of object stores that other
// projects wrote. Each case has a lock of its own, and they wait for leases at the same
// time.
func TestIntegrationASharedLockOnRealServers(t *testing.T) {
	program := buildProgram(t)
	for scheme := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			s := newShared(t, program, scheme)
			s.raced(2)
			s.raced(8)
			var wg sync.WaitGroup
			for records := range 5 {
				wg.Go(func() { s.killed(records) })
			}
			for records := range 5 {
				wg.Go(func() { s.suspended(records + 1) })
			}
			wg.Wait()
			s.throttled()
			s.refused()
		})
	}
}

func (s *shared) raced(processes int) {
	c := s.lock(fmt.Sprint("race-of-", processes))
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() { c.untilApplied(s.server.Address) })
	}
	wg.Wait()
	c.ended()
}

// killed ends an apply right after one of its records is durable, or before its first.
func (s *shared) killed(records int) {
	c := s.lock(fmt.Sprint("killed-", records))
	apply, _ := c.signalled(syscall.SIGKILL, func(r *http.Request, by int) bool { return by == records && (by > 0 || !isRecord(r)) })
	_ = apply.Wait()
	c.ended()
}

// suspended stops an apply right after one of its records is durable, until another apply
// has taken the lock over, and then lets it go on.
func (s *shared) suspended(records int) {
	c := s.lock(fmt.Sprint("suspended-", records))
	apply, out := c.signalled(syscall.SIGSTOP, func(r *http.Request, by int) bool { return by == records && isRecord(r) })
	c.untilApplied(s.server.Address)
	_ = apply.Process.Signal(syscall.SIGCONT)
	if err := apply.Wait(); err == nil && records < 5 {
		s.t.Errorf("%s: it ended without an error: %s", c.name, out.String())
	}
	c.ended()
}

// isRecord reports whether a request creates a record of a lock.
func isRecord(r *http.Request) bool {
	return (r.Method == http.MethodPut || r.Method == http.MethodPost) && strings.Contains(r.URL.Path+" "+r.URL.Query().Get("name"), "/log/")
}

// signalled starts an apply that gets a signal when the server has answered a request,
// before it gets the answer. at chooses the request; it gets the number of records by then.
func (c *lockCase) signalled(signal os.Signal, at func(r *http.Request, records int) bool) (*exec.Cmd, *bytes.Buffer) {
	var apply *exec.Cmd
	var records atomic.Int32
	var one sync.Once
	sent := make(chan struct{})
	proxy := c.proxied(pass, func(r *http.Response) error {
		if isRecord(r.Request) {
			records.Add(1)
		}
		if at(r.Request, int(records.Load())) {
			one.Do(func() {
				_ = apply.Process.Signal(signal)
				close(sent)
			})
		}
		return nil
	})
	apply = c.command(proxy.Listener.Addr().String())
	out := &bytes.Buffer{}
	apply.Stdout, apply.Stderr = out, out
	noError(c.t, apply.Start())
	<-sent
	return apply, out
}

// throttled answers every third request with 503, and does not answer every fourth
// after it took effect.
func (s *shared) throttled() {
	var all atomic.Int32
	proxy := s.proxied(func(*http.Request) int {
		if all.Add(1)%3 == 0 {
			return http.StatusServiceUnavailable
		}
		return 0
	}, func(*http.Response) error {
		if all.Load()%4 == 0 {
			return errors.New("lost")
		}
		return nil
	})
	for i := range 3 {
		c := s.lock(fmt.Sprint("throttled-", i))
		c.untilApplied(proxy.Listener.Addr().String())
		c.ended()
	}
}

// refused has wrong credentials, a bucket that does not exist, and a store that
// overwrites what must only be created.
func (s *shared) refused() {
	denying := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error": {"code": 401, "message": "Invalid Credentials"}}`)
	}))
	defer denying.Close()
	overwriting := httptest.NewServer(&overwritingStore{objects: map[string][]byte{}})
	defer overwriting.Close()
	refused := s.lock("refused")
	for name, c := range map[string]struct {
		address, bucket string
		env             []string
		want            string
	}{
		"wrong credentials":     {s.server.Address, locktest.Bucket, s.server.Wrong, s.server.Refusal},
		"refused credentials":   {denying.Listener.Addr().String(), locktest.Bucket, nil, "401"},
		"no such bucket":        {s.server.Address, "none", nil, s.server.NoBucket},
		"no conditional writes": {overwriting.Listener.Addr().String(), locktest.Bucket, nil, "If-None-Match"},
	} {
		if name == "wrong credentials" && c.env == nil {
			continue // this server checks none
		}
		apply := refused.command(c.address)
		last := len(apply.Args) - 1
		apply.Args[last] = strings.Replace(apply.Args[last], "://"+locktest.Bucket, "://"+c.bucket, 1)
		apply.Env = append(apply.Env, c.env...)
		out, err := apply.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte(c.want)) || bytes.Contains(out, []byte("wrong-secret")) {
			s.t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	if n := refused.sent(); n != 0 {
		s.t.Errorf("%d resets were sent without a lock", n)
	}
}
