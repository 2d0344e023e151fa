package httpcall_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/httpcall"
	"github.com/resetplan/resetplan/providers/internal/inject"
)

// start runs a service that answers {"ok":true}, with injected faults.
func start(t *testing.T, env providers.Process) (*httpcall.Client, *inject.Front, string) {
	t.Helper()
	f := inject.Before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "r-1")
		_, _ = w.Write([]byte(`{"ok":true}`))
	}), inject.Vendor{
		Action:    func(r *http.Request) (string, bool) { return r.URL.Path, r.Method == http.MethodPost },
		Throttled: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		Failed:    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	})
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	env.Now = time.Now
	w := httpcall.New(providers.Config{Timeout: 5 * time.Second, RateLimit: 1000}, env, httpcall.Options{
		Provider: "some-service", RequestID: func(h http.Header, _ []byte) string { return h.Get("X-Request-Id") }})
	t.Cleanup(w.Close)
	return w, f, s.URL
}

// call sends one request and returns its error as a provider would.
func call(c *httpcall.Call, method, url string) error {
	err := c.Do(func() error {
		r, err := http.NewRequest(method, url+"/thing?secret=s3cret", nil)
		if err != nil {
			return err
		}
		resp, err := c.Client().Do(r)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	if err != nil || c.Status >= 300 {
		return c.Failure("do the thing", httpcall.Answer{}, err)
	}
	var into struct{ OK bool }
	return c.Decode("do the thing", &into)
}

func TestAFailedCallIsInDoubtIfItMayHaveHappened(t *testing.T) {
	for name, c := range map[string]struct {
		kind  inject.Kind
		want  error
		doubt bool
	}{
		"throttled":                  {inject.Throttle, providers.ErrThrottled, false},
		"failed inside":              {inject.Error, providers.ErrUnavailable, true},
		"connection ends":            {inject.Drop, providers.ErrUnavailable, true},
		"truncated answer":           {inject.Truncate, providers.ErrUnavailable, true},
		"a proxy answers":            {inject.Foreign, providers.ErrUnavailable, true},
		"success that is not JSON":   {inject.Garbled, providers.ErrInvalid, true},
		"an answer that is too long": {inject.Huge, providers.ErrInvalid, true},
		"success":                    {"", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			for scope, method := range map[inject.Scope]string{inject.Reads: http.MethodGet, inject.Writes: http.MethodPost} {
				w, f, url := start(t, providers.Process{})
				if c.kind != "" {
					f.Arm(c.kind, scope, 1)
				}
				one := w.Read(t.Context(), "Thing")
				if scope == inject.Writes {
					one = w.Write(t.Context(), "Thing")
				}
				err := call(one, method, url)
				if !errors.Is(err, c.want) || errors.Is(err, providers.ErrInDoubt) != (c.doubt && scope == inject.Writes) {
					t.Errorf("%s: got %v", method, err)
				}
				if n := f.Requests()["/thing"]; n != 1 {
					t.Errorf("%s: it was sent %d times", method, n)
				}
				if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret")) {
					t.Errorf("%s: the error is %q", method, err)
				}
			}
		})
	}
}

func TestARequestThatWasNotSentIsNotInDoubt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	w, _, _ := start(t, providers.Process{})
	err = call(w.Write(t.Context(), "Thing"), http.MethodPost, "http://"+address)
	if !errors.Is(err, providers.ErrUnavailable) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = call(w.Write(ctx, "Thing"), http.MethodPost, "http://"+address)
	if !errors.Is(err, context.Canceled) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	w, f, url := start(t, providers.Process{})
	release := f.Block()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- call(w.Write(ctx, "Thing"), http.MethodPost, url) }()
	f.Hangs()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
}

func TestAPanicOfAnSDKIsAnError(t *testing.T) {
	w, _, _ := start(t, providers.Process{})
	if err := w.Read(t.Context(), "Thing").Do(func() error { panic("interface conversion") }); err == nil {
		t.Error("no error")
	}
}

// answering calls a service that answers with a status, headers and a body.
func answering(t *testing.T, env providers.Process, status int, header http.Header, body []byte) error {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	defer s.Close()
	w, _, _ := start(t, env)
	return call(w.Read(t.Context(), "Thing"), http.MethodGet, s.URL)
}

func TestTheErrorForARedirectHasNoQuery(t *testing.T) {
	err := answering(t, providers.Process{}, http.StatusFound,
		http.Header{"Location": {"https://user:pw@elsewhere.example/path?token=s3cret#part"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "a redirect to https://elsewhere.example/path, which") || strings.Contains(err.Error(),
		"s3cret") || strings.Contains(err.Error(), "pw") {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerThatIsTooLargeIsAnError(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 40 {
		_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	check(t, z.Close())
	gzipped := http.Header{"Content-Encoding": {"gzip"}}
	for name, c := range map[string]struct {
		header http.Header
		body   []byte
		want   string
	}{
		"compressed":  {gzipped, packed.Bytes(), "longer than 32 MiB"},
		"many values": {nil, append([]byte(`{"ok":[`), bytes.Repeat([]byte("{},"), 600_000)...), "more than 500000 values"},
		"a long text": {nil, []byte(`{"ok": true, "text": "` + strings.Repeat(`,{[\"`, 300_000) + `"}`), ""},
	} {
		err := answering(t, providers.Process{}, http.StatusOK, c.header, c.body)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnInvalidProxyIsNotBypassed(t *testing.T) {
	for _, value := range []string{"://user:s3cret@proxy", "http://us er:s3cret@", "ftp://user:s3cret@proxy", "http://proxy:po:rt", "%zz"} {
		env := providers.Process{Getenv: func(name string) string { return map[string]string{"https_proxy": value}[name] }}
		w, f, url := start(t, env)
		err := call(w.Read(t.Context(), "Thing"), http.MethodGet, url)
		if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "https_proxy") || strings.Contains(err.Error(), "s3cret") ||
			len(f.Requests()) != 0 {
			t.Errorf("%s: got %v", value, err)
		}
	}
	for _, value := range []string{"proxy.example.com:3128", "socks5://proxy", "http://user:pw@proxy:3128/"} {
		env := providers.Process{Getenv: func(name string) string { return map[string]string{"https_proxy": value}[name] }}
		w, _, url := start(t, env)
		check(t, call(w.Read(t.Context(), "Thing"), http.MethodGet, url))
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	other := 0
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other++ }))
	defer away.Close()
	s := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer s.Close()
	w, _, _ := start(t, providers.Process{})
	if err := call(w.Read(t.Context(), "Thing"), http.MethodGet, s.URL); err == nil || other != 0 {
		t.Errorf("got %v, %d requests went elsewhere", err, other)
	}
}

func TestTheLogHasEachRequestAndNoSecret(t *testing.T) {
	var out bytes.Buffer
	w, _, url := start(t, providers.Process{Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err := call(w.Read(t.Context(), "Thing"), http.MethodGet, url); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"provider=some-service", "method=GET", "address=" + url + "/thing", "request=Thing", "status=200",
		"requestId=r-1", "duration="} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in %s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "s3cret") {
		t.Error("the log has the query")
	}
}

func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	seen := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.URL.String()
		_, _ = w.Write([]byte("{}"))
	}))
	defer proxy.Close()
	w, _, _ := start(t, providers.Process{Getenv: func(name string) string { return map[string]string{"http_proxy": proxy.URL}[name] }})
	if err := call(w.Read(t.Context(), "Thing"), http.MethodGet, "http://service.example"); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; !strings.HasPrefix(got, "http://service.example/thing") {
		t.Errorf("the proxy saw %s", got)
	}
}

// TestAnAddressThatIsNotPermittedIsNotContacted has a read and a write.
func TestAnAddressThatIsNotPermittedIsNotContacted(t *testing.T) {
	asked := 0
	w, _, url := start(t, providers.Process{Reach: func(address string) error {
		asked++
		return &providers.Error{Kind: providers.ErrForbidden, Message: address + " is not permitted"}
	}})
	for method, one := range map[string]*httpcall.Call{http.MethodGet: w.Read(t.Context(), "Thing"), http.MethodPost: w.Write(t.Context(), "Thing")} {
		err := call(one, method, url)
		if !errors.Is(err, providers.ErrForbidden) || errors.Is(err, providers.ErrInDoubt) || errors.Is(err, providers.ErrUnavailable) || one.Status != 0 {
			t.Errorf("%s: %v", method, err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}
