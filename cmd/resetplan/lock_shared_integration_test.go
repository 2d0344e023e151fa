//go:build integration && linux && amd64

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// A shared is a lock in a real S3 server, which several processes use at the same
// time, with a broker that counts commits.
type shared struct {
	t       *testing.T
	program string
	broker  *cluster
	folder  string // of the bucket
	server  string // host:port
	plan    string
	env     []string
	runs    int
}

const sharedPlan = `version: 1
name: p
params: {off: {type: integer}}
providers: {k: {type: kafka, bootstrapServers: "BROKER"}}
steps: [{id: s, provider: k, target: {group: orders-billing, topic: orders}, to: {offset: "${off}"}, guards: {maxSkip: unlimited}}]
`

// newShared starts the S3 server that `make integration` fetches, and a broker.
func newShared(t *testing.T) *shared {
	t.Helper()
	server, err := filepath.Abs("../../.bin/versitygw-v1.8.0")
	noError(t, err)
	if _, err := os.Stat(server); err != nil {
		t.Fatalf("%v: run make s3-server", err)
	}
	s := &shared{t: t, program: buildProgram(t), broker: newBroker(t), folder: filepath.Join(t.TempDir(), "acme")}
	noError(t, os.MkdirAll(s.folder, 0o755))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	s.server = free.Addr().String()
	noError(t, free.Close())
	s.env = append(os.Environ(), "AWS_ACCESS_KEY_ID=tester", "AWS_SECRET_ACCESS_KEY=not-a-secret", "AWS_EC2_METADATA_DISABLED=true", "HOME="+t.TempDir())
	c := exec.CommandContext(t.Context(), server, "--port", s.server, "--access", "tester", "--secret", "not-a-secret", "--quiet", "posix", filepath.Dir(s.folder))
	var log bytes.Buffer
	c.Stdout, c.Stderr = &log, &log
	noError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("the server printed: %s", log.String())
		}
	})
	for range 600 {
		if conn, err := net.Dial("tcp", s.server); err == nil {
			noError(t, conn.Close())
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.plan = filepath.Join(t.TempDir(), "p.yaml")
	noError(t, os.WriteFile(s.plan, []byte(strings.Replace(sharedPlan, "BROKER", s.broker.Address(), 1)), 0o600))
	return s
}

// url returns the lock's URL through a server or a proxy in front of it.
func (s *shared) url(address string) string {
	return "s3://acme/locks/p?region=us-east-1&use_path_style=true&lease=5s&endpoint=http://" + address
}

func (s *shared) command(lock, run string, off int) *exec.Cmd {
	c := exec.CommandContext(s.t.Context(), s.program, "apply", s.plan, "--auto-approve", "--run", run, "--set", fmt.Sprint("off=", off), "--lock", lock)
	c.Env = s.env
	return c
}

// untilApplied repeats an apply, as a scheduler does, until it succeeds.
func (s *shared) untilApplied(lock, run string, off int) {
	s.t.Helper()
	var out []byte
	var err error
	for range 120 {
		if out, err = s.command(lock, run, off).CombinedOutput(); err == nil {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	s.t.Errorf("run %s: %v: %s", run, err, out)
}

func (s *shared) commits() int { return s.broker.Requests()[kmsg.OffsetCommit] }

// once runs a test of one run key, after which its reset must have been made exactly once.
func (s *shared) once(name string, test func(run string, off int)) {
	s.t.Helper()
	s.runs++
	run, off, before := fmt.Sprintf("%s-%d", name, s.runs), 100+s.runs, s.commits()
	test(run, off)
	s.untilApplied(s.url(s.server), run, off)
	if n := s.commits() - before; n != 1 {
		s.t.Errorf("run %s: its reset was sent %d times", run, n)
	}
}

// objects counts the objects of the lock.
func (s *shared) objects() (n int) {
	_ = filepath.WalkDir(filepath.Join(s.folder, "locks"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return nil
	})
	return n
}

func TestIntegrationASharedLockOnARealS3Server(t *testing.T) {
	s := newShared(t)
	lock := s.url(s.server)
	for _, processes := range []int{2, 8} {
		s.once(fmt.Sprint("race of ", processes), func(run string, off int) {
			var wg sync.WaitGroup
			for range processes {
				wg.Go(func() { s.untilApplied(lock, run, off) })
			}
			wg.Wait()
		})
	}
	for kill := range 6 {
		s.once("killed", func(run string, off int) {
			c := s.command(lock, run, off)
			noError(t, c.Start())
			time.Sleep(time.Duration(kill) * 150 * time.Millisecond)
			_ = c.Process.Kill()
			_ = c.Wait()
		})
	}
	s.suspended()
	s.throttled()
	s.refused()
	if n := s.objects(); n > 4 {
		t.Errorf("%d objects are left", n)
	}
	c := exec.CommandContext(t.Context(), s.program, "lock", "show", lock)
	c.Env = s.env
	if out, err := c.CombinedOutput(); err != nil || bytes.Contains(out, []byte("in-doubt")) || bytes.Contains(out, []byte("not-a-secret")) {
		t.Errorf("%v: %s", err, out)
	}
}

// proxied serves the S3 server through a proxy. answered is called with each answer
// before it is passed on, and replaces it if it returns an error.
func (s *shared) proxied(before func(*http.Request) int, answered func(*http.Response) error) *httptest.Server {
	target := &url.URL{Scheme: "http", Host: s.server}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: answered,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // no answer
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := before(r); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code><Message>slow down</Message></Error>")
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	return server
}

func pass(*http.Request) int { return 0 }

// suspended stops an apply right after each of its records is durable, until another
// one has taken the lock over, and then lets it go on.
func (s *shared) suspended() {
	for at := 1; at <= 5; at++ {
		s.once("suspended", func(run string, off int) {
			var c *exec.Cmd
			var records atomic.Int32
			stopped := make(chan struct{})
			proxy := s.proxied(pass, func(r *http.Response) error {
				if r.Request.Method == http.MethodPut && strings.Contains(r.Request.URL.Path, "/log/") && records.Add(1) == int32(at) {
					_ = c.Process.Signal(syscall.SIGSTOP)
					close(stopped)
				}
				return nil
			})
			c = s.command(s.url(proxy.Listener.Addr().String()), run, off)
			var out bytes.Buffer
			c.Stdout, c.Stderr = &out, &out
			noError(s.t, c.Start())
			<-stopped
			s.untilApplied(s.url(s.server), run, off)
			_ = c.Process.Signal(syscall.SIGCONT)
			if err := c.Wait(); err == nil && at < 5 {
				s.t.Errorf("stopped after record %d: it ended without an error: %s", at, out.String())
			}
		})
	}
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
	for range 4 {
		s.once("throttled", func(run string, off int) { s.untilApplied(s.url(proxy.Listener.Addr().String()), run, off) })
	}
}

// refused has wrong credentials, a bucket that does not exist, and a store that
// ignores conditional writes.
func (s *shared) refused() {
	overwriting := httptest.NewServer(&overwritingStore{objects: map[string][]byte{}})
	defer overwriting.Close()
	before := s.commits()
	for name, c := range map[string]struct{ lock, secret, want string }{
		"wrong credentials":     {s.url(s.server), "wrong-secret", "SignatureDoesNotMatch"},
		"no such bucket":        {strings.Replace(s.url(s.server), "acme", "none", 1), "not-a-secret", "NoSuchBucket"},
		"no conditional writes": {s.url(overwriting.Listener.Addr().String()), "not-a-secret", "If-None-Match"},
	} {
		apply := s.command(c.lock, "refused", 7)
		apply.Env = append(apply.Env, "AWS_SECRET_ACCESS_KEY="+c.secret)
		out, err := apply.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte(c.want)) || bytes.Contains(out, []byte(c.secret)) {
			s.t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	if n := s.commits() - before; n != 0 {
		s.t.Errorf("%d resets were sent without a lock", n)
	}
}

// An overwritingStore is an S3 server that ignores If-None-Match.
type overwritingStore struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func (o *overwritingStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := strings.TrimPrefix(r.URL.Path, "/acme/")
	switch {
	case r.URL.Query().Get("list-type") == "2":
		fmt.Fprint(w, "<ListBucketResult>")
		for k := range o.objects {
			if strings.HasPrefix(k, r.URL.Query().Get("prefix")) {
				fmt.Fprintf(w, "<Contents><Key>%s</Key><LastModified>%s</LastModified></Contents>", k, time.Now().UTC().Format(time.RFC3339))
			}
		}
		fmt.Fprint(w, "</ListBucketResult>")
	case r.Method == http.MethodPut:
		o.objects[key], _ = io.ReadAll(r.Body)
	case r.Method == http.MethodDelete:
		delete(o.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = w.Write(o.objects[key])
	}
}
