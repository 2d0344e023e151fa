package plan

import (
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
)

// A Refusal means that nothing was sent because what was requested must not be
// done in the present state: a blocked step, a stale plan, another digest, a
// lock that another apply holds.
type Refusal struct {
	Reason string // what is refused and why
	Remedy string // what to do instead; may be empty
	Step   string // the only step with this reason; empty if there are several, or none
}

func (r *Refusal) Error() string {
	if r.Remedy == "" {
		return r.Reason
	}
	return r.Reason + "; " + r.Remedy
}

// Refuse returns a Refusal with a formatted reason.
func Refuse(remedy, format string, args ...any) *Refusal {
	return &Refusal{Reason: fmt.Sprintf(format, args...), Remedy: remedy}
}

// A StepError is the error of one step.
type StepError struct {
	Step string
	Err  error
}

func (e *StepError) Error() string { return "step " + e.Step + ": " + e.Err.Error() }

func (e *StepError) Unwrap() error { return e.Err }

// Incomplete means that an apply stopped part-way, that a step is in doubt or
// overwritten, or that consumers are left paused. The lock has the details.
type Incomplete struct {
	Reason string
	Err    error // what stopped it; may be nil
}

func (i *Incomplete) Error() string { return i.Reason }

func (i *Incomplete) Unwrap() error { return i.Err }

// RefuseLock returns a Refusal for the error of a lock that must not be used: another
// apply holds it, it belongs to another plan, or it was changed since it was written.
// It returns any other error unchanged.
func RefuseLock(err error) error {
	var busy *lock.HeldError
	var foreign *lock.ForeignError
	var edited *lock.ChecksumError
	switch {
	case errors.As(err, &busy):
		remedy := "wait until that apply has ended"
		if busy.Lease > 0 {
			remedy += "; if its process has stopped without ending it, the lease expires within " + text.Span(busy.Lease)
		}
		return Refuse(remedy, "%v", busy)
	case errors.As(err, &foreign), errors.As(err, &edited):
		return &Refusal{Reason: err.Error()}
	}
	return err
}
