package lock

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"github.com/resetplan/resetplan/plan/text"
)

// write replaces the lock atomically and keeps its mode. If the text would be too
// large to be read again, fewer runs keep their parts.
func write(path string, f *File) error {
	m := measure(f)
	for history := len(f.Runs) / 2; m.size > maxBytes; history /= 2 {
		if history == 0 {
			return fmt.Errorf("lock: %s would exceed its limit of %d MiB; drop old runs with `resetplan lock prune %s`", path, maxBytes>>20, text.ShellWord(path))
		}
		f.trim(history)
		m = measure(f)
	}
	p, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)),
		renameio.WithPermissions(0o600), renameio.WithExistingPermissions())
	if err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
	}
	defer p.Cleanup() //nolint:errcheck // after a replacement there is nothing to clean up
	out := bufio.NewWriterSize(p, 1<<20)
	_, err = out.WriteString(preamble(f, m.checksum()))
	f.emit(func(chunk []byte) bool {
		if err == nil {
			_, err = out.Write(chunk)
		}
		return err == nil
	})
	if err = errors.Join(err, out.Flush()); err == nil {
		err = p.CloseAtomicallyReplace()
	}
	if err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
	}
	return syncDir(filepath.Dir(path))
}

// sweep removes temporary files that an interrupted replacement left next to the
// lock: the lock's name with a leading dot and a trailing number. Only the holder
// of the lock may call it.
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
