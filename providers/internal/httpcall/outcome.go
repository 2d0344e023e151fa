package httpcall

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// Do runs an SDK's function that sends this call. If the SDK panics on the answer,
// Do returns an error.
func (c *Call) Do(send func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.hideError(fmt.Errorf("unexpected response: the SDK failed on it: %v", p))
		}
	}()
	return send()
}

// An Answer is a refusal as the service reports it. Its Kind is one of the
// contract's, or nil if the code is unknown. Advice is what the user can check; it
// follows the service's message.
type Answer struct {
	Kind    error
	Code    string
	Message string
	Advice  string
}

// Failure returns the error of a call that failed: the network's if there was no
// answer, otherwise the service's refusal. If the refusal has no known code, the
// HTTP status decides.
//
// A call that writes is in doubt if its request may have arrived and no answer
// proves that it was refused.
func (c *Call) Failure(op string, refusal Answer, cause error) error {
	e := &providers.Error{
		Provider: c.client.options.Provider, Op: op, Kind: refusal.Kind,
		Code: shorten(c.hide(refusal.Code)), Message: shorten(c.hide(refusal.Message)),
		RequestID: c.requestID(), Err: c.hideError(cause),
	}
	if c.client.broken != nil {
		e.Kind, e.Err = providers.ErrInvalid, c.client.broken
		return e
	}
	if c.Status == 0 && errors.Is(c.err, providers.ErrForbidden) {
		e.Kind, e.Code, e.Message, e.Err = providers.ErrForbidden, "", "", c.err
		return e
	}
	if c.Status == 0 {
		e.Kind, e.Code, e.Message, e.Err = providers.ErrUnavailable, "", "", cmp.Or(c.err, e.Err)
		if errors.Is(c.err, errTooMuch) || errors.Is(c.err, errElsewhere) {
			e.Kind = providers.ErrInvalid
		}
		var failed *neterr.Error
		if errors.As(c.err, &failed) {
			e.Address, e.Message = failed.Address, c.hide(neterr.Explain(failed.Err))
		}
		return c.doubt(e, c.sent)
	}
	if e.Kind == nil {
		e.Kind = byStatus(c.Status)
	}
	if e.Code == "" && e.Message == "" {
		e.Message = "unexpected response: " + c.summary()
	}
	if refusal.Advice != "" {
		e.Message = strings.TrimLeft(strings.TrimRight(e.Message, " .;")+"; "+c.hide(refusal.Advice), "; ")
	}
	return c.doubt(e, errors.Is(e.Kind, providers.ErrUnavailable) || refusal.Kind == nil && refusal.Code == "" && c.Status < 400)
}

// shorten limits a service's text to a readable length.
func shorten(text string) string {
	const most = 1000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Unclear returns the error of an answer that reports success and lacks what it
// must have, or contradicts itself. What completes "unexpected response: …".
func (c *Call) Unclear(op, what string) error {
	e := &providers.Error{
		Provider: c.client.options.Provider, Op: op, Kind: providers.ErrInvalid,
		Message: shorten(c.hide("unexpected response: " + what)), RequestID: c.requestID(),
	}
	return c.doubt(e, true)
}

// doubt marks the error of a call that writes as in doubt if it may have taken effect.
func (c *Call) doubt(e *providers.Error, mayHaveHappened bool) error {
	if c.writes && mayHaveHappened {
		e.Kind = errors.Join(providers.ErrInDoubt, e.Kind)
	}
	return e
}

// Decode decodes the answer's JSON into a value of the caller.
func (c *Call) Decode(op string, into any) error {
	if err := json.Unmarshal(c.Body, into); err != nil {
		return c.Unclear(op, c.summary())
	}
	return nil
}

func byStatus(status int) error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return providers.ErrDenied
	case status == http.StatusNotFound:
		return providers.ErrNotFound
	case status == http.StatusTooManyRequests:
		return providers.ErrThrottled
	case status >= 500, status == http.StatusRequestTimeout:
		return providers.ErrUnavailable
	}
	return providers.ErrInvalid
}

// summary describes an unexpected answer in one line.
func (c *Call) summary() string {
	const most = 120
	const enough = 64 << 10 // credentials are hidden before the text is shortened
	body := c.hide(strings.ToValidUTF8(string(c.Body[:min(len(c.Body), enough)]), "\ufffd"))
	text := strings.Join(strings.Fields(strings.ToValidUTF8(body[:min(len(body), 4*most)], "")), " ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return fmt.Sprintf("status %d with %s: %q", c.Status, cmp.Or(shorten(c.hide(c.Header.Get("Content-Type"))), "no content type"), text)
}
