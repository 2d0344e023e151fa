package lock

import (
	"fmt"
	"os"

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
	if _, err := os.Stat(journal); os.IsNotExist(err) {
		return nil, nil
	}
	hold := flock.New(journal, flock.SetFlag(os.O_RDONLY))
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

// heldBy tells what the journal's first line says of its holder.
func heldBy(journal string) *HeldError {
	e := &HeldError{Path: journal}
	if raw, err := os.ReadFile(journal); err == nil {
		h, _, _ := parseJournal(journal, raw)
		e.Holder, e.Since = h.Holder, h.Since
	}
	return e
}
