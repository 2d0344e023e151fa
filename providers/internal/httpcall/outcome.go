package httpcall

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Do runs an SDK's function that makes this call. A panic of the SDK means that it
// could not parse the response.
func (c *Call) Do(send func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.hideError(fmt.Errorf("unreadable response: %v", p))
		}
	}()
	return send()
}

// An Answer is a refusal in the service's own words. Its Kind is one of package
// providers, or nil if the code is unknown.
type Answer struct {
	Kind    error
	Code    string
	Message string
}

// Failure returns the error of a call that failed: without a response, the
// network's error; otherwise the service's own code and message, or the status if
// the response cannot be parsed.
//
// A call that writes is in doubt as soon as its request may have arrived and no
// response proves that it was refused.
func (c *Call) Failure(op string, refusal Answer, cause error) error {
	e := &providers.Error{
		Provider: c.client.options.Provider, Op: op, Kind: refusal.Kind,
		Code: shorten(c.hide(refusal.Code)), Message: shorten(c.hide(refusal.Message)), RequestID: c.requestID(), Err: c.hideError(cause),
	}
	if c.client.broken != nil {
		e.Kind, e.Err = providers.ErrInvalid, c.client.broken
		return e
	}
	if c.Status == 0 {
		e.Kind, e.Code, e.Message, e.Err = providers.ErrUnavailable, "", "", cmp.Or(c.err, e.Err)
		if errors.Is(c.err, errTooLarge) || errors.Is(c.err, errRedirect) {
			e.Kind = providers.ErrInvalid
		}
		return c.doubt(e, c.sent)
	}
	if e.Kind == nil {
		e.Kind = byStatus(c.Status)
	}
	if e.Code == "" && e.Message == "" {
		e.Message = c.summary()
	}
	return c.doubt(e, errors.Is(e.Kind, providers.ErrUnavailable) || refusal.Kind == nil && refusal.Code == "" && c.Status < 400)
}

// shorten limits a text of a service to a length that a person reads.
func shorten(text string) string {
	const most = 1000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Unclear returns the error of a successful response that lacks a required value
// or has an impossible one.
func (c *Call) Unclear(op, what string) error {
	message := shorten(c.hide("unexpected response: " + what))
	e := &providers.Error{Provider: c.client.options.Provider, Op: op, Kind: providers.ErrInvalid, Message: message, RequestID: c.requestID()}
	return c.doubt(e, true)
}

func (c *Call) doubt(e *providers.Error, may bool) error {
	if c.writes && may {
		e.Kind = errors.Join(providers.ErrInDoubt, e.Kind)
	}
	return e
}

// Decode decodes the JSON of the response.
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

// summary returns the status and the start of an unexpected response.
func (c *Call) summary() string {
	const most = 120
	const enough = 64 << 10 // credentials are hidden in this much text before it is shortened
	body := c.hide(strings.ToValidUTF8(string(c.Body[:min(len(c.Body), enough)]), "\ufffd"))
	text := strings.Join(strings.Fields(strings.ToValidUTF8(body[:min(len(body), 4*most)], "")), " ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	contentType := cmp.Or(shorten(c.hide(c.Header.Get("Content-Type"))), "no content type")
	return fmt.Sprintf("status %d, %s: %q", c.Status, contentType, text)
}
