package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// acquireJournal holds the journal. If the last holder removed the journal between
// opening and locking, it tries again with the new one.
func acquireJournal(path string) (*files.Hold, error) {
	for {
		if s, err := os.Lstat(path); err == nil {
			if err := unshared(path, s); err != nil {
				return nil, err
			}
		}
		hold, err := files.Acquire(path, 0o600)
		if errors.Is(err, files.ErrHeld) {
			return nil, heldBy(path)
		}
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		locked, err1 := hold.Stat()
		present, err2 := os.Lstat(path)
		if err1 == nil && err2 == nil && os.SameFile(locked, present) {
			if err := unshared(path, locked); err != nil {
				return nil, errors.Join(err, hold.Close())
			}
			return hold, nil
		}
		if err := hold.Close(); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
	}
}

// Holder returns the apply that holds the lock, or nil. It checks by holding an
// existing journal for a moment with a shared lock; it creates and writes nothing.
func (s *Store) Holder(context.Context) (*store.HeldError, error) {
	path := JournalPath(s.path)
	info, err := os.Lstat(path)
	if err != nil {
		return nil, nil //nolint:nilerr // no journal; reading it reports any other error
	}
	if err := unshared(path, info); err != nil {
		return nil, err
	}
	held, err := files.Held(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // the apply ended in between
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case held:
		return heldBy(path), nil
	}
	return nil, nil
}

// heldBy returns the holder from the journal's first line.
func heldBy(path string) *store.HeldError {
	e := &store.HeldError{Path: path}
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return e
	}
	defer f.Close() //nolint:errcheck // read only
	first := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, first) // the first line is enough
	h, _, _ := journal.Parse(path, first[:n])
	e.Holder = h.Holder
	e.Since, _ = time.Parse(time.RFC3339Nano, h.Since)
	return e
}
