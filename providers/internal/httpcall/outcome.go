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

// Do runs an SDK's function that makes this call. An SDK that panics over an
// answer has not understood it.
func (c *Call) Do(send func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.hideError(fmt.Errorf("its answer cannot be read: %v", p))
		}
	}()
	return send()
}

// An Answer is a refusal in the service's own words. Its Kind is one of the
// contract's, or nil where the code is not known.
type Answer struct {
	Kind    error
	Code    string
	Message string
}

// Failure returns the error of a call that did not succeed. Where no answer
// came, that is the network's. Else it is what the service said; and where it
// said nothing that can be understood, its status speaks.
//
// A call that writes is in doubt as soon as its request may have arrived and
// no answer proves that it was refused.
func (c *Call) Failure(op string, said Answer, cause error) error {
	e := &providers.Error{Provider: c.client.options.Provider, Op: op, Kind: said.Kind, Code: shorten(c.hide(said.Code)), Message: shorten(c.hide(said.Message)), RequestID: c.requestID(), Err: c.hideError(cause)}
	if c.client.broken != nil {
		e.Kind, e.Err = providers.ErrInvalid, c.client.broken
		return e
	}
	if c.Status == 0 {
		e.Kind, e.Code, e.Message, e.Err = providers.ErrUnavailable, "", "", cmp.Or(c.err, e.Err)
		if errors.Is(c.err, errTooMuch) || errors.Is(c.err, errElsewhere) {
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
	return c.doubt(e, errors.Is(e.Kind, providers.ErrUnavailable) || said.Kind == nil && said.Code == "" && c.Status < 400)
}

// shorten bounds what a service says to what a person reads of it.
func shorten(text string) string {
	const most = 1000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Unclear returns the error of an answer that came with success and lacks
// what it must have, or tells what cannot be.
func (c *Call) Unclear(op, what string) error {
	e := &providers.Error{Provider: c.client.options.Provider, Op: op, Kind: providers.ErrInvalid, Message: shorten(c.hide("its answer cannot be understood: " + what)), RequestID: c.requestID()}
	return c.doubt(e, true)
}

func (c *Call) doubt(e *providers.Error, may bool) error {
	if c.writes && may {
		e.Kind = errors.Join(providers.ErrInDoubt, e.Kind)
	}
	return e
}

// Decode reads the answer's JSON into a value of the caller's own.
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

// summary shows an answer that was not understood as far as a line allows.
func (c *Call) summary() string {
	const most = 120
	const enough = 64 << 10 // a credential is found in what is read of it, and only then is it shortened
	body := c.hide(strings.ToValidUTF8(string(c.Body[:min(len(c.Body), enough)]), "\ufffd"))
	text := strings.Join(strings.Fields(strings.ToValidUTF8(body[:min(len(body), 4*most)], "")), " ")
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return fmt.Sprintf("it answers %d with %s: %q", c.Status, cmp.Or(shorten(c.hide(c.Header.Get("Content-Type"))), "no content type"), text)
}
