//go:build unix

package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// nonBlocking opens a pipe without waiting for its other end.
const nonBlocking = syscall.O_NONBLOCK

// OpenNoFollow opens a file. It follows no link in the last element of the name, and
// does not wait for the other end of a pipe. The caller checks what kind of file it is.
func OpenNoFollow(name string, flag int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag|syscall.O_NOFOLLOW|nonBlocking, mode)
}

// Names returns how many names (hard links) a file has.
func Names(_ string, info fs.FileInfo) uint64 {
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Nlink) //nolint:unconvert // the type differs between systems
	}
	return 1
}

// Rewrite replaces a file by what write writes, or leaves it as it was. A new file
// has the given mode, an existing one keeps its own. When Rewrite returns nil, the
// file and its name are on disk. An interrupted Rewrite leaves a file next to it whose
// name is a dot, the name and a number.
func Rewrite(name string, mode fs.FileMode, write func(io.Writer) error) error {
	p, err := renameio.NewPendingFile(name, renameio.WithTempDir(filepath.Dir(name)),
		renameio.WithPermissions(mode), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer p.Cleanup() //nolint:errcheck // after a replacement there is nothing to clean up
	if err := write(p); err != nil {
		return err
	}
	if err := p.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(name))
}

// SyncFolder puts the names of a folder on disk.
func SyncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // read only
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("sync %s: %w", name, err)
	}
	return nil
}

// rename gives a file another name, which may be the name of another file.
func rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file.
func Remove(name string) error { return os.Remove(name) }

// IsClosedPipe reports whether a write failed because its reader has closed the pipe.
func IsClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// A Hold keeps other holders from a file until it is closed or its process ends.
type Hold struct{ *flock.Flock }

// Acquire holds a file, which it creates if there is none. The error is ErrHeld if the
// file has another holder.
func Acquire(name string, mode fs.FileMode) (*Hold, error) {
	h := flock.New(name, flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW|nonBlocking), flock.SetPermissions(mode))
	switch free, err := h.TryLock(); {
	case err != nil:
		return nil, err
	case !free:
		return nil, ErrHeld
	}
	return &Hold{h}, nil
}

// Held reports whether a file has a holder. It holds the file for a moment with a shared
// lock, and creates and writes nothing.
func Held(name string) (bool, error) {
	h := flock.New(name, flock.SetFlag(os.O_RDONLY|syscall.O_NOFOLLOW|nonBlocking))
	free, err := h.TryRLock()
	if err != nil || !free {
		return err == nil, err
	}
	return false, h.Close()
}
