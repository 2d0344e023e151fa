package aliyun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/neterr"
)

// A Source has the keys of one account. Its methods may be called from several
// goroutines.
type Source struct {
	provider string // the provider's type, for errors
	from     string // the variables, or the profile and its file, for messages
	env      providers.Process
	issue    issuer
	keys     Keys // if the place holds them; else issue is called for each request, and keeps what is valid

	mu sync.Mutex // the vendor's library is not safe for several goroutines
}

// Keys returns the keys for one request. If they are issued for a while, it requests
// new ones shortly before they expire.
func (s *Source) Keys(ctx context.Context, timeout time.Duration) (Keys, error) {
	if s.keys.complete() {
		return s.keys, nil
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s: %w", timeout, context.DeadlineExceeded))
		defer cancel()
	}
	type answer struct {
		keys Keys
		err  error
	}
	done := make(chan answer, 1) // the library knows no context: a call that is given up ends by its own timeouts
	go func() {
		k, err := s.request()
		done <- answer{k, err}
	}()
	select {
	case <-ctx.Done():
		return Keys{}, s.failure(context.Cause(ctx))
	case a := <-done:
		s.env.Secrets.Add(a.keys.AccessKeyID, a.keys.AccessKeySecret, a.keys.SecurityToken)
		if a.err == nil && !a.keys.complete() {
			a.err = errors.New("unexpected response: it has no access key")
		}
		if a.err != nil {
			return Keys{}, s.failure(a.err)
		}
		return a.keys, nil
	}
}

// request calls the issuer. The vendor's library panics on some answers.
func (s *Source) request() (k Keys, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			k, err = Keys{}, errors.New("unexpected response: the vendor's library failed on it")
		}
	}()
	return s.issue()
}

// metadataStatus matches the status of an answer of the metadata service in the
// library's errors, and unreachable its errors without an answer.
var (
	metadataStatus = pattern.New(`^(?:refresh Ecs sts token err, httpStatus: |get role name failed: GET \S+ )(\d{3})`)
	unreachable    = pattern.New(`^(?:refresh Ecs sts token err: |get role name failed: )(?:Get|Put) `)
)

// failure returns the error of a request for keys, which names the place. The
// library's errors are texts that quote the answer.
func (s *Source) failure(err error) error {
	e := &providers.Error{Provider: s.provider, Op: "request temporary keys", Kind: providers.ErrDenied, Err: s.env.Secrets.HideError(err)}
	var failed *url.Error
	var text string
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), isNetwork(err):
		e.Kind = providers.ErrUnavailable
		text = neterr.Explain(err)
		if errors.As(err, &failed) {
			if at, bad := url.Parse(failed.URL); bad == nil {
				text = at.Scheme + "://" + at.Host + ": " + text
			}
		} else if text == "" {
			text = err.Error()
		}
	default:
		text = s.quoted(e, err.Error())
	}
	e.Message = s.env.Secrets.Hide(strings.TrimSuffix(text, ": ")) + "; the keys are requested for " + s.from
	return e
}

// quoted fills in what the answer that a text quotes says, and returns the text
// without the answer.
func (s *Source) quoted(e *providers.Error, text string) string {
	before, body, found := strings.Cut(text, "{")
	var answer struct{ Code, Message, RequestID string }
	if found && json.Unmarshal([]byte("{"+body), &answer) == nil && answer.Code != "" {
		e.Code, e.RequestID = answer.Code, answer.RequestID
		e.Kind = kindOf(answer.Code)
		return answer.Message
	}
	if unreachable.MatchString(text) {
		e.Kind = providers.ErrUnavailable
		return "the metadata service of the instance, " + metadataURL + ", does not answer; it exists only on ECS instances"
	}
	if status := metadataStatus.FindStringSubmatch(text); status != nil {
		if status[1][0] == '5' {
			e.Kind = providers.ErrUnavailable
		}
		return "the metadata service of the instance answers with status " + status[1] + ": check that the instance has this RAM role"
	}
	return strings.TrimRight(before, " :")
}

// kindOf returns the kind of an error code of the service that issues keys.
func kindOf(code string) error {
	family, _, _ := strings.Cut(code, ".")
	switch family {
	case "Throttling":
		return providers.ErrThrottled
	case "InternalError", "ServiceUnavailable":
		return providers.ErrUnavailable
	}
	return providers.ErrDenied
}
