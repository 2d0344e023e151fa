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
)

// maxBody limits a response, in bytes. The largest real ones, a group's progress
// over thousands of partitions, have a tenth of it.
const maxBody = 32 << 20

// Responses that no real service gives; a retry would get the same.
var (
	errTooLarge = errors.New("the response is too large")
	errRedirect = errors.New("redirect")
)

// maxValues limits the number of values in a response. Small values, such as {},
// need far more memory than their text.
const maxValues = 500_000

// tooManyValues reports whether a JSON text has more than maxValues values.
func tooManyValues(body []byte) bool {
	if len(body) < maxValues {
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
	return n > maxValues
}

// location returns the scheme, host and path of a redirect. The rest may repeat
// the request with its credentials.
func (c *Call) location(resp *http.Response) string {
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

// A Call is one request and its result. It is used once, by one goroutine.
type Call struct {
	client *Client
	ctx    context.Context //nolint:containedctx // the SDKs accept no context: the call passes it to the request
	action string
	writes bool

	sent   bool // the request's headers may have reached the service
	err    error
	signed providers.Secrets // credentials in this request: its signature, its token
	words  []string          // the same, one by one
	Status int               // of the response; 0 = no response
	Header http.Header       // of the response
	Body   []byte            // of the response, unchanged
}

var _ http.RoundTripper = (*Call)(nil)

// Client returns an HTTP client that makes this one call.
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
		err = fmt.Errorf("no response within %s: %w", c.client.timeout, err)
	}
	c.logRequest(r, c.client.now().Sub(started), err)
	return resp, err
}

// exchange sends the request and reads the whole response.
func (c *Call) exchange(ctx context.Context, r *http.Request) (*http.Response, error) {
	over := c.client.reads
	if c.writes {
		over = c.client.writes
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { c.sent = true }})
	resp, err := over.RoundTrip(r.Clone(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // the body was read
	if resp.StatusCode/100 == 3 {
		return nil, fmt.Errorf("status %d is a %w%s, which is not followed", resp.StatusCode, errRedirect, c.location(resp))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("the response was interrupted: %w", err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("%w: it is longer than %d MiB", errTooLarge, maxBody>>20)
	}
	if tooManyValues(body) {
		return nil, fmt.Errorf("%w: more than %d values", errTooLarge, maxValues)
	}
	c.Status, c.Header, c.Body = resp.StatusCode, resp.Header, body
	c.noteRepeated()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// logRequest logs the request without its query and headers, which may hold
// credentials.
func (c *Call) logRequest(r *http.Request, took time.Duration, err error) {
	if c.client.log == nil {
		return
	}
	address := c.hide(r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath())
	attrs := []any{
		"provider", c.client.options.Provider, "method", r.Method, "address", address,
		"request", c.action, "duration", took.Round(time.Microsecond).String(),
	}
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
