// Package notify posts the outcome of a command to the receivers of the operator's
// configuration.
//
// The invariants: a post never changes how a command ends, takes no longer than its
// timeout, and goes to no host but the one that the operator wrote. No secret, and no
// address of a receiver beyond its host, is in an error.
package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Post is one body to be posted.
type Post struct {
	Outcome string
	Body    []byte // JSON
	Getenv  func(string) string
	Secrets *providers.Secrets
}

// To posts to the receivers that the outcome concerns, at the same time. It returns
// one error for each that did not accept, in their order.
func (p Post) To(ctx context.Context, receivers []schema.Receiver) []error {
	errs := make([]error, len(receivers))
	var wg sync.WaitGroup
	for i, r := range receivers {
		if !slices.Contains(r.On, p.Outcome) {
			continue
		}
		wg.Go(func() {
			if err := p.one(ctx, r); err != nil {
				errs[i] = fmt.Errorf("notify[%d]: %w", i, err)
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (p Post) one(ctx context.Context, r schema.Receiver) error {
	address := r.URL
	if r.URLEnv != "" {
		if address = p.Getenv(r.URLEnv); address == "" {
			return fmt.Errorf("the variable %s, which has the address, is not set", r.URLEnv)
		}
		p.Secrets.Add(address)
		if reason, remedy := schema.InvalidReceiver(address); reason != "" {
			return fmt.Errorf("the variable %s: %s; %s", r.URLEnv, reason, remedy)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader([]byte(p.Secrets.Hide(string(p.Body)))))
	if err != nil {
		return errors.New("not a valid address")
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("User-Agent", "resetplan")
	for header, variable := range r.Headers {
		value := p.Getenv(variable)
		if value == "" {
			return fmt.Errorf("the variable %s, which has the header %s, is not set", variable, header)
		}
		p.Secrets.Add(value, strings.TrimPrefix(value, "Bearer "))
		q.Header.Set(header, value)
	}
	return p.send(q, r)
}

// mostRedirects is how often a receiver may redirect a post within its own host.
const mostRedirects = 3

// send posts once. It follows a redirect only if it repeats the post to the same host.
func (p Post) send(q *http.Request, r schema.Receiver) error {
	host := q.URL.Scheme + "://" + q.URL.Host
	client := &http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects || next.Method != http.MethodPost || next.URL.Scheme != q.URL.Scheme || next.URL.Host != q.URL.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := client.Do(q)
	if err != nil {
		var at *url.Error
		if errors.As(err, &at) {
			err = at.Err // the URL may be a secret
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%s did not answer within %s", host, r.Timeout)
		}
		return fmt.Errorf("%s: %w", host, p.Secrets.HideError(err))
	}
	defer resp.Body.Close()                                      //nolint:errcheck // the status is all that counts
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16)) // so that the receiver can finish
	switch {
	case resp.StatusCode/100 == 3:
		return fmt.Errorf("%s answered with status %d, a redirect that is not followed", host, resp.StatusCode)
	case resp.StatusCode/100 != 2:
		return fmt.Errorf("%s answered with status %d", host, resp.StatusCode)
	}
	return nil
}
