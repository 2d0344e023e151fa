// Package httpcall sends the requests of services that speak HTTP, whichever SDK
// builds them.
//
// A Client belongs to a connection: it keeps to the service's rate limit, logs
// each request and obeys the caller's context, which no vendor's SDK does by
// itself. A Call is one request. It is the http.RoundTripper of an SDK client
// created for it, and keeps what the SDK drops: whether the request was sent, and
// the verbatim answer.
//
// The invariant: a request that writes is sent once. Nothing here repeats one or
// follows a redirect, and writes never reuse connections, because net/http
// silently retries a request on a stale keep-alive connection.
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
	Provider string  // the provider's type
	Rate     float64 // requests per second that the service documents; 0 = 10
	// RequestID returns the service's id of a request from its answer.
	RequestID func(http.Header, []byte) string
}

// A Client sends the requests of one connection. Its methods may be called
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
	broken  error // if not nil, no request is sent
	reach   func(*url.URL) error
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
	limit := rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
	client := &Client{options: o, timeout: c.Timeout, limit: limit, log: env.Log, now: env.Now, secrets: env.Secrets,
		reach: env.MayReachURL}
	proxy, err := proxies(env)
	client.broken = err
	client.reads = transport(proxy)
	client.writes = transport(proxy)
	client.writes.DisableKeepAlives = true
	return client
}

// Permitted returns an error of kind ErrForbidden if the operator does not permit to
// contact the service's URL.
func Permitted(provider string, u *url.URL, env providers.Process) error {
	if err := env.MayReachURL(u); err != nil {
		return &providers.Error{Provider: provider, Op: "connect", Kind: providers.ErrForbidden, Err: err}
	}
	return nil
}

// Secret notes a credential that a service has issued.
func (c *Client) Secret(value string) { c.secrets.Add(value) }

func transport(proxy func(*url.URL) (*url.URL, error)) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	t.MaxIdleConnsPerHost = 8
	return t
}

// Proxies returns the proxy of an address by the variables that most tools read, for
// requests that a vendor's library sends by itself.
func Proxies(env providers.Process) (func(*url.URL) (*url.URL, error), error) { return proxies(env) }

// proxies reads the proxy variables that most tools read. An invalid value is an
// error: bypassing the proxy is not what the user intended.
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
	c := httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
		NoProxy:    cmp.Or(env.Getenv("NO_PROXY"), env.Getenv("no_proxy")),
	}
	return c.ProxyFunc(), errors.Join(wrong...)
}

// proxy checks a variable's value. The value may hold a password, so the error does
// not quote it.
func proxy(name, value string, secrets *providers.Secrets) error {
	full := value
	if !strings.Contains(value, "://") {
		full = "http://" + value
	}
	u, err := url.Parse(full)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		secrets.Add(value)
		return fmt.Errorf("the variable %s is not a valid proxy address, such as http://proxy.example.com:3128: correct or unset it", name)
	}
	if password, set := u.User.Password(); set {
		secrets.Add(password)
	}
	return nil
}

// Close drops idle connections.
func (c *Client) Close() {
	c.reads.CloseIdleConnections()
	c.writes.CloseIdleConnections()
}

// Read returns a call that changes nothing. Action is its name in the service's
// manual.
func (c *Client) Read(ctx context.Context, action string) *Call {
	return &Call{client: c, ctx: ctx, action: action}
}

// Write returns a call that changes something.
func (c *Client) Write(ctx context.Context, action string) *Call {
	return &Call{client: c, ctx: ctx, action: action, writes: true}
}
