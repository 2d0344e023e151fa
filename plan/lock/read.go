package lock

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
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
		raw, err := whole(path, maxBytes)
		if err != nil {
			return nil, 0, false, err
		}
		written, err := whole(journalPath(path), maxJournal)
		if err != nil {
			return nil, 0, false, err
		}
		if after, _ := os.Stat(path); !same(before, after) {
			continue // an apply ended in between: lock and journal do not belong together
		}
		f, intact, err := parse(path, raw)
		if err != nil {
			return nil, 0, false, err
		}
		h, records, err := parseJournal(journalPath(path), written)
		if err != nil {
			if again, other := whole(journalPath(path), maxJournal); other == nil && !bytes.Equal(again, written) {
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

// whole returns a file's content, or nil if there is no such file.
func whole(path string, limit int64) ([]byte, error) {
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

// same reports whether a file, which may be missing, was not replaced.
func same(before, after fs.FileInfo) bool {
	if before == nil || after == nil {
		return before == nil && after == nil
	}
	return os.SameFile(before, after) && before.ModTime().Equal(after.ModTime())
}
