// Package httpcall carries the requests of services that speak HTTP, whichever
// SDK writes them.
//
// A Client belongs to a connection: it keeps to the service's rate, tells of
// each request in the log and stops at the caller's context, which no vendor's
// SDK does by itself. A Call is one request. It is the http.RoundTripper of an
// SDK client that is made for it, and remembers what the SDK forgets: whether
// the request left, and what came back to the letter.
//
// The invariant: a request that writes leaves once. Nothing here repeats one or
// follows a redirect, and a write has a connection of its own: Go itself sends
// a request again where a connection that was kept turns out to be closed.
package httpcall

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"golang.org/x/net/http/httpproxy"
	"golang.org/x/time/rate"
)

// Options describe a service to a Client.
type Options struct {
	Provider string  // its type
	Rate     float64 // requests a second that it documents; 0 = 10
	// RequestID finds the service's id of a request in its answer.
	RequestID func(http.Header, []byte) string
}

// A Client carries the requests of one connection. Its methods may be called
// from several goroutines.
type Client struct {
	options Options
	timeout time.Duration // of one request
	limit   *rate.Limiter
	reads   *http.Transport
	writes  *http.Transport
	log     *slog.Logger
	now     func() time.Time
	secrets *providers.Secrets
	broken  error // no request is sent
}

// New returns a Client. It opens no connection.
func New(c providers.Config, env providers.Process, o Options) *Client {
	perSecond := c.RateLimit
	if perSecond == 0 {
		perSecond = o.Rate
	}
	if perSecond == 0 {
		perSecond = 10
	}
	client := &Client{options: o, timeout: c.Timeout, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond))), log: env.Log, now: env.Now, secrets: env.Secrets}
	proxy, err := proxies(env)
	client.broken = err
	client.reads = transport(proxy)
	client.writes = transport(proxy)
	client.writes.DisableKeepAlives = true
	return client
}

// Secret notes a credential that a service has issued.
func (c *Client) Secret(value string) { c.secrets.Add(value) }

func transport(proxy func(*url.URL) (*url.URL, error)) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	t.MaxIdleConnsPerHost = 8
	return t
}

// proxies reads the variables that every tool reads. One that is not a proxy's
// address is an error: to go around a proxy is not what was meant.
func proxies(env providers.Process) (func(*url.URL) (*url.URL, error), error) {
	var wrong []error
	either := func(name, lower string) string {
		for _, n := range []string{name, lower} {
			if v := env.Getenv(n); v != "" {
				if err := proxy(n, v, env.Secrets); err != nil {
					wrong = append(wrong, err)
				}
				return v
			}
		}
		return ""
	}
	c := httpproxy.Config{HTTPProxy: either("HTTP_PROXY", "http_proxy"), HTTPSProxy: either("HTTPS_PROXY", "https_proxy"), NoProxy: cmp.Or(env.Getenv("NO_PROXY"), env.Getenv("no_proxy"))}
	return c.ProxyFunc(), errors.Join(wrong...)
}

// proxy checks a variable's value, which may hold a password and is not
// repeated.
func proxy(name, value string, secrets *providers.Secrets) error {
	full := value
	if !strings.Contains(value, "://") {
		full = "http://" + value
	}
	u, err := url.Parse(full)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		secrets.Add(value)
		return fmt.Errorf("the variable %s is not the address of a proxy, such as http://proxy.example.com:3128: correct or unset it", name)
	}
	if password, set := u.User.Password(); set {
		secrets.Add(password)
	}
	return nil
}

// Close drops the connections that are kept open.
func (c *Client) Close() {
	c.reads.CloseIdleConnections()
	c.writes.CloseIdleConnections()
}

// Read returns a call that changes nothing. Action is the name by which the
// service's manual knows it.
func (c *Client) Read(ctx context.Context, action string) *Call {
	return &Call{client: c, ctx: ctx, action: action}
}

// Write returns a call that changes something.
func (c *Client) Write(ctx context.Context, action string) *Call {
	return &Call{client: c, ctx: ctx, action: action, writes: true}
}
