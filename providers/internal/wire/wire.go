// Package wire carries the requests of services that speak HTTP, whichever
// SDK writes them.
//
// A Wire belongs to a connection: it keeps to the service's rate, tells of
// each request in the log and stops at the caller's context, which no vendor's
// SDK does by itself. A Call is one request. It is the http.RoundTripper of an
// SDK client that is made for it, and remembers what the SDK forgets: whether
// the request left, and what came back to the letter.
//
// The invariant: a request that writes leaves once. Nothing here repeats one or
// follows a redirect, and a write has a connection of its own: Go itself sends
// a request again where a connection that was kept turns out to be closed.
package wire

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/resetplan/resetplan/providers"
	"golang.org/x/net/http/httpproxy"
	"golang.org/x/time/rate"
)

// Options describe a service to a Wire.
type Options struct {
	Provider string  // its type
	Rate     float64 // requests a second that it documents; 0 = 10
	// RequestID finds the service's id of a request in its answer.
	RequestID func(http.Header, []byte) string
}

// A Wire carries the requests of one connection. Its methods may be called
// from several goroutines.
type Wire struct {
	options Options
	timeout time.Duration // of one request
	limit   *rate.Limiter
	reads   *http.Transport
	writes  *http.Transport
	log     *slog.Logger
	now     func() time.Time
}

// New returns a Wire. It opens no connection.
func New(c providers.Config, env providers.Env, o Options) *Wire {
	perSecond := c.RateLimit
	if perSecond == 0 {
		perSecond = o.Rate
	}
	if perSecond == 0 {
		perSecond = 10
	}
	w := &Wire{options: o, timeout: c.Timeout, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))), log: env.Log, now: env.Now}
	w.reads = transport(env)
	w.writes = transport(env)
	w.writes.DisableKeepAlives = true
	return w
}

func transport(env providers.Env) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	proxy := proxies(env.Getenv)
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	t.MaxIdleConnsPerHost = 8
	return t
}

// proxies reads the variables that every tool reads.
func proxies(getenv func(string) string) func(*url.URL) (*url.URL, error) {
	either := func(name, lower string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return getenv(lower)
	}
	c := httpproxy.Config{HTTPProxy: either("HTTP_PROXY", "http_proxy"), HTTPSProxy: either("HTTPS_PROXY", "https_proxy"), NoProxy: either("NO_PROXY", "no_proxy")}
	return c.ProxyFunc()
}

// Close drops the connections that are kept open.
func (w *Wire) Close() {
	w.reads.CloseIdleConnections()
	w.writes.CloseIdleConnections()
}

// Read returns a call that changes nothing. Action is the name by which the
// service's manual knows it.
func (w *Wire) Read(ctx context.Context, action string) *Call {
	return &Call{wire: w, ctx: ctx, action: action}
}

// Write returns a call that changes something.
func (w *Wire) Write(ctx context.Context, action string) *Call {
	return &Call{wire: w, ctx: ctx, action: action, writes: true}
}
