package lock

import (
	"fmt"
	"os"

	"github.com/gofrs/flock"
)

// Busy reports whether an apply holds the lock at path. It looks by holding
// the journal together with other readers for a moment, and only where there
// is one; nothing is made or written.
func Busy(path string) (bool, error) {
	path, err := resolve(path)
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(journalPath(path)); os.IsNotExist(err) {
		return false, nil
	}
	hold := flock.New(journalPath(path), flock.SetFlag(os.O_RDONLY))
	free, err := hold.TryRLock()
	switch {
	case os.IsNotExist(err):
		return false, nil // it ended in between
	case err != nil:
		return false, fmt.Errorf("lock: %w", err)
	case !free:
		return true, nil
	}
	if err := hold.Close(); err != nil {
		return false, fmt.Errorf("lock: %w", err)
	}
	return false, nil
}
