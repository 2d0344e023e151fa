package httpcall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// mostBody is the most bytes of an answer that are read. The largest honest
// answers, a group's progress over thousands of partitions, have a tenth of it.
const mostBody = 32 << 20

// Answers that no honest service gives. Sending the request again would not help.
var (
	errTooMuch   = errors.New("the response is too large")
	errElsewhere = errors.New("unexpected response")
)

// mostValues is the most values that an answer may have. Small values, such as {},
// need far more memory than their text.
const mostValues = 500_000

// crowded reports whether a JSON text has more values than that.
func crowded(body []byte) bool {
	if len(body) < mostValues {
		return false
	}
	n, inText := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case b == '"':
			inText = !inText
		case inText && b == '\\':
			i++
		case !inText && (b == ',' || b == '{' || b == '['):
			n++
		}
	}
	return n > mostValues
}

// target returns where a redirect leads: its scheme, host and path. The rest of the
// URL may repeat the request, including its credentials.
func (c *Call) target(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return ""
	}
	path := u.EscapedPath()
	if hidden := c.hide(u.Path); hidden != u.Path {
		path = hidden
	}
	return " to " + c.hide(u.Scheme+"://"+u.Host) + path
}

// A Call is one request and its outcome. It is used once, by one goroutine.
type Call struct {
	client *Client
	ctx    context.Context //nolint:containedctx // the SDKs accept none: the call carries it to the request
	action string
	writes bool

	sent   bool // the request's headers may have reached the service
	err    error
	signed providers.Secrets // the request's own secrets: its signature, the token
	words  []string          // the same secrets, one by one
	Status int               // of the answer; 0 = no answer
	Header http.Header       // of the answer
	Body   []byte            // of the answer, verbatim
}

var _ http.RoundTripper = (*Call)(nil)

// Client returns an HTTP client that sends only this call.
func (c *Call) Client() *http.Client { return &http.Client{Transport: c} }

// RoundTrip sends the request under the call's own context.
func (c *Call) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.sent || c.Status != 0 {
		return nil, fmt.Errorf("%s: the SDK tried to send the request twice", c.action)
	}
	if c.client.broken != nil {
		c.err = c.client.broken
		return nil, c.err
	}
	if err := c.client.reach(r.URL); err != nil {
		c.err = err
		return nil, err
	}
	c.noteSigned(r)
	resp, err := c.roundTrip(r)
	if err != nil {
		c.err = c.hideError(err)
		return nil, err
	}
	return resp, nil
}

func (c *Call) roundTrip(r *http.Request) (*http.Response, error) {
	if err := c.client.limit.Wait(c.ctx); err != nil {
		if cause := context.Cause(c.ctx); cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("the rate limit would exceed the deadline: %w", context.DeadlineExceeded)
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.client.timeout)
	defer cancel()
	started := c.client.now()
	resp, err := c.exchange(ctx, r)
	if err != nil && c.ctx.Err() != nil {
		err = context.Cause(c.ctx)
	} else if err != nil && ctx.Err() != nil {
		err = &late{c.client.timeout}
	}
	c.log(r, c.client.now().Sub(started), err)
	return resp, err
}

// late is a call that took longer than the provider's timeout.
type late struct{ timeout time.Duration }

func (e *late) Error() string { return fmt.Sprintf("no answer within %s", e.timeout) }
func (e *late) Unwrap() error { return context.DeadlineExceeded }

// exchange sends the request and reads its whole answer.
func (c *Call) exchange(ctx context.Context, r *http.Request) (*http.Response, error) {
	over := c.client.reads
	if c.writes {
		over = c.client.writes
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { c.sent = true }})
	resp, err := over.RoundTrip(r.Clone(ctx))
	if err != nil {
		return nil, &neterr.Error{Address: r.URL.Scheme + "://" + r.URL.Host, Err: err}
	}
	defer resp.Body.Close() //nolint:errcheck // only reading the body can fail in a way that matters
	if resp.StatusCode/100 == 3 {
		return nil, fmt.Errorf("%w: status %d, a redirect%s, which is not followed", errElsewhere, resp.StatusCode, c.target(resp))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody+1))
	if err != nil {
		return nil, fmt.Errorf("the response was truncated: %w", err)
	}
	if len(body) > mostBody {
		return nil, fmt.Errorf("%w: longer than %d MiB", errTooMuch, mostBody>>20)
	}
	if crowded(body) {
		return nil, fmt.Errorf("%w: more than %d values", errTooMuch, mostValues)
	}
	c.Status, c.Header, c.Body = resp.StatusCode, resp.Header, body
	c.noteRepeated()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// log logs the request, without its query and headers, which may hold
// credentials.
func (c *Call) log(r *http.Request, took time.Duration, err error) {
	if c.client.log == nil {
		return
	}
	address := c.hide(r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath())
	attrs := []any{"provider", c.client.options.Provider, "method", r.Method, "address", address,
		"request", c.action, "duration", took.Round(time.Microsecond).String()}
	if c.Status != 0 {
		attrs = append(attrs, "status", c.Status)
	}
	if id := c.requestID(); id != "" {
		attrs = append(attrs, "requestId", id)
	}
	if err != nil {
		attrs = append(attrs, "error", c.hide(err.Error()))
	}
	c.client.log.Debug("request", attrs...)
}

func (c *Call) requestID() string {
	if c.client.options.RequestID == nil || c.Status == 0 {
		return ""
	}
	return shorten(c.hide(c.client.options.RequestID(c.Header, c.Body)))
}
