package lock

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// Holder tells which apply holds the lock at path; nil: none does. It looks by
// holding the journal together with other readers for a moment, and only where
// there is one; nothing is made or written.
func Holder(path string) (*HeldError, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	journal := journalPath(path)
	s, err := os.Lstat(journal)
	if err != nil {
		return nil, nil //nolint:nilerr // there is none; what else is wrong shows when it is read
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

// heldBy returns what the journal's first line says of its holder.
func heldBy(journal string) *HeldError {
	e := &HeldError{Path: journal}
	f, err := openRegular(journal, os.O_RDONLY)
	if err != nil {
		return e
	}
	defer f.Close() //nolint:errcheck // read only
	first := make([]byte, 64<<10)
	n, _ := io.ReadFull(f, first) // what is there is enough
	h, _, _ := parseJournal(journal, first[:n])
	e.Holder, e.Since = h.Holder, time.Time(h.Since)
	return e
}
