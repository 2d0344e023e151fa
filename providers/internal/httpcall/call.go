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

// mostBody is how much of an answer is read, in bytes. The largest honest
// ones, a group's progress over thousands of partitions, have a tenth of it.
const mostBody = 32 << 20

// Answers that no honest service gives, and that would be the same again.
var (
	errTooMuch   = errors.New("its answer is too much to read")
	errElsewhere = errors.New("it answers")
)

// mostValues is of how many values an answer may consist. Small ones, such as
// {}, take far more memory than their text.
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

// target names where a redirect leads: its scheme, host and path. The rest may
// repeat the request, credentials and all.
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

// A Call is one request and what became of it. It is used once, by one
// goroutine.
type Call struct {
	client *Client
	ctx    context.Context //nolint:containedctx // the SDKs take none: the call carries it to the request
	action string
	writes bool

	sent   bool // its head may have reached the service
	err    error
	signed providers.Secrets // what this one request carries: its signature, the token
	words  []string          // the same, one by one
	Status int               // of the answer; 0 = there is none
	Header http.Header       // of the answer
	Body   []byte            // of the answer, to the letter
}

var _ http.RoundTripper = (*Call)(nil)

// Client returns an HTTP client that makes this one call.
func (c *Call) Client() *http.Client { return &http.Client{Transport: c} }

// RoundTrip sends the request under the call's own context.
func (c *Call) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.sent || c.Status != 0 {
		return nil, fmt.Errorf("%s: the SDK wants to send it a second time", c.action)
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
		return nil, fmt.Errorf("the service's rate leaves no time for it: %w", context.DeadlineExceeded)
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.client.timeout)
	defer cancel()
	started := c.client.now()
	resp, err := c.exchange(ctx, r)
	if err != nil && c.ctx.Err() != nil {
		err = context.Cause(c.ctx)
	} else if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("no answer within %s: %w", c.client.timeout, err)
	}
	c.tell(r, c.client.now().Sub(started), err)
	return resp, err
}

// exchange sends the request and reads its whole answer.
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
	defer resp.Body.Close() //nolint:errcheck // what was read of it counts
	if resp.StatusCode/100 == 3 {
		return nil, fmt.Errorf("%w %d, a redirect%s, which is not followed", errElsewhere, resp.StatusCode, c.target(resp))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBody+1))
	if err != nil {
		return nil, fmt.Errorf("its answer breaks off: %w", err)
	}
	if len(body) > mostBody {
		return nil, fmt.Errorf("%w: it is longer than %d MiB", errTooMuch, mostBody>>20)
	}
	if crowded(body) {
		return nil, fmt.Errorf("%w: it has more than %d values", errTooMuch, mostValues)
	}
	c.Status, c.Header, c.Body = resp.StatusCode, resp.Header, body
	c.noteRepeated()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// tell logs the request. Its query and headers, which may hold credentials,
// are left out.
func (c *Call) tell(r *http.Request, took time.Duration, err error) {
	if c.client.log == nil {
		return
	}
	attrs := []any{"provider", c.client.options.Provider, "method", r.Method, "address", c.hide(r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath()), "request", c.action, "duration", took.Round(time.Microsecond).String()}
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
