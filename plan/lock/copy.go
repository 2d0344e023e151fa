package lock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// An ExistsError means that a lock cannot be copied to a place that has one.
type ExistsError struct{ Name string }

func (e *ExistsError) Error() string {
	return e.Name + " exists; name a lock that does not, or remove that one after looking at it"
}

// Copy writes a lock and what its journal records to another place, which has no lock
// yet, and returns the copy. The first lock is not changed, and must have the right
// checksum. The error is an *ExistsError if the other place has a lock.
func Copy(ctx context.Context, from, to, holder string, now func() time.Time) (*File, error) {
	f, err := Read(ctx, from)
	if err != nil {
		return nil, err
	}
	if len(f.Runs) == 0 {
		return f, nil
	}
	s, err := storeAt(to)
	if err != nil {
		return nil, err
	}
	hold, err := s.Hold(ctx, store.Owner{Name: holder, Since: now()})
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	c, err := hold.Read(ctx)
	if err == nil && (c.Text != nil || c.Journal != nil) {
		err = &ExistsError{s.Name()}
	}
	if err != nil {
		return nil, errors.Join(err, hold.Release(ctx, false))
	}
	sum := measure(f)
	err = hold.Replace(ctx, func(w io.Writer) error { return f.writeTo(w, sum.checksum()) })
	return f, errors.Join(err, hold.Release(ctx, err == nil))
}
