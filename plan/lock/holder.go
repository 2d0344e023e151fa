package lock

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/resetplan/resetplan/files"
)

// A HeldError means that another apply holds the lock.
type HeldError struct {
	Path   string
	Holder string // "alice@build-7 (pid 4711)"; "" while it has not written its name yet
	Since  time.Time
}

func (e *HeldError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("%s is held by another apply", e.Path)
	}
	return fmt.Sprintf("%s is held by %s since %s", e.Path, e.Holder, e.Since.UTC().Format(time.RFC3339))
}

// acquireJournal holds the journal. If the last holder removed the journal between
// opening and locking, it tries again with the new one.
func acquireJournal(journal string) (*files.Hold, error) {
	for {
		if s, err := os.Lstat(journal); err == nil {
			if err := unshared(journal, s); err != nil {
				return nil, err
			}
		}
		hold, err := files.Acquire(journal, 0o600)
		if errors.Is(err, files.ErrHeld) {
			return nil, heldBy(journal)
		}
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		locked, err1 := hold.Stat()
		present, err2 := os.Lstat(journal)
		if err1 == nil && err2 == nil && os.SameFile(locked, present) {
			if err := unshared(journal, locked); err != nil {
				return nil, errors.Join(err, hold.Close())
			}
			return hold, nil
		}
		if err := hold.Close(); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
	}
}

// Holder returns the apply that holds the lock at path, or nil. It checks by
// holding an existing journal for a moment with a shared lock; it creates and
// writes nothing.
func Holder(path string) (*HeldError, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	journal := JournalPath(path)
	s, err := os.Lstat(journal)
	if err != nil {
		return nil, nil //nolint:nilerr // no journal; reading it reports any other error
	}
	if err := unshared(journal, s); err != nil {
		return nil, err
	}
	held, err := files.Held(journal)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // the apply ended in between
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case held:
		return heldBy(journal), nil
	}
	return nil, nil
}

// heldBy returns the holder from the journal's first line.
func heldBy(journal string) *HeldError {
	e := &HeldError{Path: journal}
	f, err := openRegular(journal, os.O_RDONLY)
	if err != nil {
		return e
	}
	defer f.Close() //nolint:errcheck // read only
	first := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, first) // the first line is enough
	h, _, _ := parseJournal(journal, first[:n])
	e.Holder, e.Since = h.Holder, h.Since.Time
	return e
}
