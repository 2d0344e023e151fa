package plan

import (
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/plan/lock"
)

// A Refusal means that nothing was sent because something that was asked for
// must not be done as things stand: a blocked step, a stale plan, another
// digest, a lock held by somebody else.
type Refusal struct {
	Reason string // what is refused and why
	Remedy string // what to do instead; may be empty
}

func (r *Refusal) Error() string {
	if r.Remedy == "" {
		return r.Reason
	}
	return r.Reason + "; " + r.Remedy
}

func refuse(remedy, format string, args ...any) *Refusal {
	return &Refusal{Reason: fmt.Sprintf(format, args...), Remedy: remedy}
}

// Incomplete means that an apply stopped part-way, that a step is in doubt or
// that somebody committed over a reset. The lock says which.
type Incomplete struct {
	Reason string
	Err    error // what stopped it; may be nil
}

func (i *Incomplete) Error() string { return i.Reason }
func (i *Incomplete) Unwrap() error { return i.Err }

// Busy makes a Refusal of a lock that another holds, and returns any other
// error as it is.
func Busy(err error) error {
	var busy *lock.HeldError
	if errors.As(err, &busy) {
		return refuse("wait until it has ended", "%v", busy)
	}
	return err
}
