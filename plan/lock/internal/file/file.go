// Package file keeps a lock in two files next to each other: the lock itself, a text
// file for people and version control, and its journal.
//
// A hold is an OS file lock on the journal, whose first line names the holder. The
// journal exists only during an apply and after a crash. Appending a record costs one
// sync, however large the lock is, and one for several records that wait together.
package file

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A Store is a lock in a file. Its methods do not observe the context: access to files
// cannot be interrupted.
type Store struct{ path string }

var _ store.Store = (*Store)(nil)

// At returns the store of the lock at a path, or behind the link at that path.
func At(path string) (*Store, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	return &Store{path}, nil
}

// Name returns the lock's path.
func (s *Store) Name() string { return s.path }

// Read reads lock and journal. If an apply writes them meanwhile, it reads them again.
func (s *Store) Read(context.Context) (store.Content, error) {
	for {
		before, _ := os.Stat(s.path)
		text, err := readAll(s.path, MaxBytes)
		if err != nil {
			return store.Content{}, err
		}
		written, err := readAll(JournalPath(s.path), journal.MaxBytes)
		if err != nil {
			return store.Content{}, err
		}
		if after, _ := os.Stat(s.path); !unchanged(before, after) {
			continue // an apply ended in between: lock and journal do not belong together
		}
		c := store.Content{Text: text}
		if len(written) == 0 {
			return c, nil
		}
		h, records, err := journal.Parse(JournalPath(s.path), written)
		if err != nil {
			if again, other := readAll(JournalPath(s.path), journal.MaxBytes); other == nil && !bytes.Equal(again, written) {
				continue // an apply was writing it
			}
			return store.Content{}, err
		}
		c.Journal = &store.Journal{Plan: h.Plan, Records: records}
		return c, nil
	}
}

// readAll returns a file's content, or nil if there is no such file.
func readAll(path string, limit int64) ([]byte, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	return limited(f, limit)
}

// unchanged reports whether a file, which may be missing, was not replaced.
func unchanged(before, after fs.FileInfo) bool {
	if before == nil || after == nil {
		return before == nil && after == nil
	}
	return os.SameFile(before, after) && before.ModTime().Equal(after.ModTime())
}

// replace replaces the lock atomically and keeps its mode.
func (s *Store) replace(write func(io.Writer) error) error {
	err := files.Rewrite(s.path, 0o600, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 128<<10)
		return errors.Join(write(out), out.Flush())
	})
	if err != nil {
		return fmt.Errorf("lock: write %s: %w", s.path, err)
	}
	return nil
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
		number, temporary := strings.CutPrefix(f.Name(), "."+filepath.Base(path))
		if _, err := strconv.ParseUint(number, 10, 64); !temporary || err != nil {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	return nil
}
