// Package objects keeps a lock in an object store, for machines that share it: S3,
// Google Cloud Storage, Azure, or a folder.
//
// The lock is a sequence of records. Record N is one object, which is created only if
// it does not exist and never overwritten, so that two writers cannot both write it.
// The newest record says who holds the lock, and which records are its text and its
// journal. A holder whose process was suspended while another one took the lock over
// fails at its next record.
//
// The invariants:
//
//   - the highest number never decreases: the newest record is never deleted. A
//     record that was created counts only if it is the newest one afterwards; otherwise
//     it took the place of one that was deleted, and its writer lost the lock;
//   - a record is deleted only after a newer one that does not refer to it is durable;
//   - a lock is taken over only if its newest record is older than its lease, by the
//     clock of the store: the time of an object created now is compared with that
//     of the record. No clock of a machine decides.
package objects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A Store is a lock in an object store.
type Store struct {
	place
	open func(context.Context) (drivers.Bucket, error)
	now  func() time.Time // of this machine; it ends sending early, and shows who holds a folder
	wait func(context.Context, time.Duration) error
}

var _ store.Store = (*Store)(nil)

// At returns the store of the lock at a URL. Nothing is contacted yet.
func At(location string) (*Store, error) {
	p, err := parse(location)
	if err != nil {
		return nil, err
	}
	return &Store{place: p, now: time.Now, wait: sleep, //nolint:forbidigo // a lease needs the monotonic clock
		open: func(ctx context.Context) (drivers.Bucket, error) { return drivers.Open(ctx, p.bucket) }}, nil
}

// Name returns the lock's URL.
func (s *Store) Name() string { return s.url }

// connect opens the bucket.
func (s *Store) connect(ctx context.Context) (*client, error) {
	b, err := s.open(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	return &client{Store: s, bucket: b}, nil
}

// Read returns text and journal of the newest record.
func (s *Store) Read(ctx context.Context) (store.Content, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return store.Content{}, err
	}
	at, err := c.latest(ctx)
	if err == nil {
		err = c.fill(ctx, &at)
	}
	return at.content, errors.Join(err, c.close())
}

// Holder returns the holder that the newest record names, unless its lease has expired
// by the clock of the store. A folder reports no time to a reader; the clock of this
// machine takes its place.
func (s *Store) Holder(ctx context.Context) (*store.HeldError, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	by, err := c.holder(ctx)
	return by, errors.Join(err, c.close())
}

func (c *client) holder(ctx context.Context) (*store.HeldError, error) {
	at, err := c.latest(ctx)
	if err != nil || !at.held() {
		return nil, err
	}
	var now time.Time
	err = c.try(ctx, func(ctx context.Context) error {
		now, err = c.bucket.Now(ctx, c.prefix+"log/")
		return err //nolint:wrapcheck // the lock's name is added below
	})
	if err != nil {
		return nil, c.failed(err)
	}
	if now.IsZero() {
		now = c.now()
	}
	if now.Sub(at.modified) > at.lease()+margin {
		return nil, nil //nolint:nilnil // no holder is no error
	}
	return c.heldBy(at.header), nil
}

func (s *Store) heldBy(h header) *store.HeldError {
	return &store.HeldError{Path: s.url, Holder: h.Holder, Since: h.Since, Lease: h.lease()}
}

// failed adds the lock's name to an error of the store.
func (s *Store) failed(err error) error { return fmt.Errorf("lock: %s: %w", s.url, err) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // the caller's own
	case <-t.C:
		return nil
	}
}
