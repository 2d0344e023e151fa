package providers

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of failure. Callers act on kinds, never on texts.
var (
	ErrNotFound     = errors.New("not found")
	ErrDenied       = errors.New("denied")       // credentials or permissions are missing
	ErrUnsupported  = errors.New("unsupported")  // the service cannot do this at all
	ErrPrecondition = errors.New("precondition") // the service refuses in its present state; nothing was done
	ErrThrottled    = errors.New("throttled")    // too many requests; nothing was done
	ErrUnavailable  = errors.New("unavailable")  // network, timeout, 5xx
	ErrInvalid      = errors.New("invalid")      // the service rejects the request, or its answer is not as documented
	ErrInDoubt      = errors.New("in doubt")     // a write may have happened
	ErrForbidden    = errors.New("forbidden")    // the operator does not permit it; no service was contacted
)

// An Error is a service's refusal or failure, with its own code and message. Its text is
// one line: "kafka: commit orders-billing: UNKNOWN_MEMBER_ID: the group has
// live members (request id …)".
type Error struct {
	Provider  string // the provider's type
	Address   string // set if the connection failed: the text then begins with it
	Op        string // "read offsets of orders-billing"
	Kind      error  // one of the kinds above; ErrInDoubt may be joined to another
	Code      string // the service's own code
	Message   string // the service's message; line breaks are folded
	RequestID string
	Err       error // the cause; may be nil
}

func (e *Error) Error() string {
	var parts []string
	for _, s := range []string{e.Provider, e.Op, e.Code, strings.Join(strings.Fields(e.Message), " ")} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if e.Message == "" && e.Err != nil {
		parts = append(parts, strings.Join(strings.Fields(e.Err.Error()), " "))
	}
	text := strings.Join(parts, ": ")
	if e.Address != "" {
		text = fmt.Sprintf("%s: %s (%s)", e.Address, parts[len(parts)-1], strings.Join(parts[:len(parts)-1], ": "))
	}
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// Unwrap makes both the kind and the cause visible to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// A KeyError is what is wrong with a key of a target, or of the provider's entry in a
// document. Its text is the reason and the remedy: "group is required".
type KeyError struct {
	Key        string // "partitions"
	InProvider bool   // the key is the provider's, not the target's
	Reason     string // names the key: "partitions is empty"
	Remedy     string // "remove it to select all"; "" = obvious from the reason
}

func (e *KeyError) Error() string { return sentence(e.Reason, e.Remedy) }

// sentence joins a fact and its remedy.
func sentence(fact, remedy string) string {
	if remedy == "" {
		return fact
	}
	return fact + ": " + remedy
}

// AllRefused returns the error of a reset of which every part was refused, and nil
// if one was applied, or if nothing is reported about parts.
func AllRefused(results []PartResult) error {
	for _, r := range results {
		if r.Err == nil {
			return nil
		}
	}
	if len(results) == 0 {
		return nil
	}
	return results[0].Err
}
