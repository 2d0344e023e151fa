package lock

import (
	"fmt"
	"io"
	"os"

	"github.com/gofrs/flock"
)

// Holder returns the apply that holds the lock at path, or nil. It checks by
// holding an existing journal for a moment with a shared lock; it creates and
// writes nothing.
func Holder(path string) (*HeldError, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	journal := journalPath(path)
	s, err := os.Lstat(journal)
	if err != nil {
		return nil, nil //nolint:nilerr // there is none; reading it reports any other error
	}
	if err := ours(journal, s); err != nil {
		return nil, err
	}
	hold := flock.New(journal, flock.SetFlag(os.O_RDONLY|careful))
	free, err := hold.TryRLock()
	switch {
	case os.IsNotExist(err):
		return nil, nil // it ended in between
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case !free:
		return heldBy(journal), nil
	}
	if err := hold.Close(); err != nil {
		return nil, fmt.Errorf("lock: %w", err)
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
	n, _ := io.ReadFull(f, first) // a part is enough
	h, _, _ := parseJournal(journal, first[:n])
	e.Holder, e.Since = h.Holder, h.Since.Time
	return e
}
