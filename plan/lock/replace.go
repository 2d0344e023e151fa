package lock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"
)

// write replaces the lock with f, atomically, and keeps its mode.
func write(path string, f *File) error {
	p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
	}
	defer p.Cleanup() //nolint:errcheck // after a replacement there is nothing to clean up
	if _, err := p.Write(marshal(f)); err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
	}
	if err := p.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// sweep removes what a replacement that was cut off has left beside the lock:
// its name with a dot before it and a number behind. Who holds the lock may.
func sweep(path string) error {
	dir := filepath.Dir(path)
	all, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	for _, f := range all {
		number, ours := strings.CutPrefix(f.Name(), "."+filepath.Base(path))
		if _, err := strconv.ParseUint(number, 10, 64); !ours || err != nil {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	defer d.Close() //nolint:errcheck // read only
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("lock: sync %s: %w", dir, err)
	}
	return nil
}
