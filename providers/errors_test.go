package providers

import (
	"errors"
	"io"
	"testing"
)

func TestErrorIsOneLineThatKeepsTheServicesWords(t *testing.T) {
	for want, e := range map[string]*Error{
		"kafka: commit g: UNKNOWN_MEMBER_ID: live members (request id r-1)": {Provider: "kafka", Op: "commit g", Code: "UNKNOWN_MEMBER_ID",
			Message: "live\n  members\r\n", RequestID: "r-1"},
		"kafka: commit g: unexpected EOF": {Provider: "kafka", Op: "commit g", Err: io.ErrUnexpectedEOF},
		"kafka: commit g: the words win":  {Provider: "kafka", Op: "commit g", Message: "the words win", Err: io.EOF},
		"kafka: commit g: a b":            {Provider: "kafka", Op: "commit g", Err: errors.New("a\n\tb\n")},
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestErrorIsBothItsKindAndItsCause(t *testing.T) {
	var err error = &Error{Kind: errors.Join(ErrInDoubt, ErrUnavailable), Err: io.EOF}
	for _, kind := range []error{ErrInDoubt, ErrUnavailable, io.EOF} {
		if !errors.Is(err, kind) {
			t.Errorf("it is not %v", kind)
		}
	}
	for _, kind := range []error{ErrThrottled, ErrNotFound, nil} {
		if errors.Is(err, kind) {
			t.Errorf("it is %v", kind)
		}
	}
}
