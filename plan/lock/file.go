package lock

import (
	"bufio"
	"bytes"
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
	"github.com/resetplan/resetplan/plan/text"
)

// Read returns what a lock and a journal left next to it record, without
// holding them. A lock that does not exist is empty. The error is diag.Errors if
// a file is not a valid lock, and a *ChecksumError if a lock was truncated, edited
// or merged.
func Read(path string) (*File, error) {
	f, _, intact, err := read(path)
	if err == nil && !intact {
		return nil, &ChecksumError{Path: path}
	}
	return f, err
}

// ReadUnchecked reads a lock like Read, but reports whether its checksum matches
// instead of refusing it.
func ReadUnchecked(path string) (f *File, intact bool, err error) {
	f, _, intact, err = read(path)
	return f, intact, err
}

// read reads lock and journal. It also returns the length of the lock's text.
func read(path string) (f *File, size int, intact bool, err error) {
	path, err = resolve(path)
	if err != nil {
		return nil, 0, false, err
	}
	for {
		before, _ := os.Stat(path)
		raw, err := readAll(path, maxBytes)
		if err != nil {
			return nil, 0, false, err
		}
		written, err := readAll(JournalPath(path), journal.MaxBytes)
		if err != nil {
			return nil, 0, false, err
		}
		if after, _ := os.Stat(path); !unchanged(before, after) {
			continue // an apply ended in between: lock and journal do not belong together
		}
		f, intact, err := parse(path, raw)
		if err != nil {
			return nil, 0, false, err
		}
		h, records, err := parseJournal(JournalPath(path), written)
		if err != nil {
			if again, other := readAll(JournalPath(path), journal.MaxBytes); other == nil && !bytes.Equal(again, written) {
				continue // an apply was writing it
			}
			return nil, 0, false, err
		}
		if h.Plan != "" {
			f.Plan = h.Plan // the lock gets its new name at the end of an apply
		}
		f.fold(records)
		return f, len(raw), intact, nil
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

// write replaces the lock atomically and keeps its mode. If the text would be too
// large to be read again, fewer runs keep their parts.
func write(path string, f *File) error {
	m := measure(f)
	for history := len(f.Runs) / 2; m.size > maxBytes; history /= 2 {
		if history == 0 {
			return fmt.Errorf("lock: %s would exceed its limit of %d MiB; drop old runs with `resetplan lock prune %s`",
				path, maxBytes>>20, text.ShellWord(path))
		}
		f.trim(history)
		m = measure(f)
	}
	err := files.Rewrite(path, 0o600, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		_, err := out.WriteString(preamble(f, m.checksum()))
		f.emit(func(chunk []byte) bool {
			if err == nil {
				_, err = out.Write(chunk)
			}
			return err == nil
		})
		return errors.Join(err, out.Flush())
	})
	if err != nil {
		return fmt.Errorf("lock: write %s: %w", path, err)
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
