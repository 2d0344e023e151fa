// Package lock keeps the proof of what was done: the lock file, its journal
// and the hold that keeps two applies apart.
//
// The lock is a sorted YAML file beside the plan. During an apply a journal
// stands beside it: one line a record, synced before Record returns. The
// invariant: what was recorded is on disk before the caller goes on, so that
// after a crash at any moment lock and journal together tell everything that
// may have happened. A journal line is an addition, whose cost does not grow
// with what was recorded before; the lock is written once, atomically, when
// the journal is folded into it.
//
// The journal is also what is held: an OS file lock on it keeps a second
// apply out, and its first line names the holder. It exists only during an
// apply and after a crash.
//
// The package decides nothing about steps; what an outcome means is decided
// in package plan.
package lock

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema"
)

// Version is the version of the lock's format.
const Version = 1

// Path returns the lock of a plan: orders.yaml -> orders.lock.yaml.
func Path(plan string) string {
	for _, ext := range []string{".yaml", ".yml"} {
		if stem, ok := strings.CutSuffix(plan, ext); ok {
			return stem + ".lock.yaml"
		}
	}
	return plan + ".lock.yaml"
}

// journalPath returns the journal of a lock: orders.lock.yaml ->
// orders.lock.journal.
func journalPath(lock string) string {
	return strings.TrimSuffix(strings.TrimSuffix(lock, ".yaml"), ".yml") + ".journal"
}

// resolve returns what a symbolic link in a lock's place points to, so that a
// lock has one journal whatever it is called.
func resolve(path string) (string, error) {
	if s, err := os.Lstat(path); err == nil && s.Mode()&fs.ModeSymlink != 0 {
		target, err := filepath.EvalSymlinks(path)
		if err != nil {
			return "", fmt.Errorf("lock: %s is a symbolic link: %w", path, err)
		}
		return target, nil
	}
	return path, nil // what is wrong with it shows when it is read
}

// Read returns what a lock and a journal left beside it tell, without holding
// them. A lock that does not exist is empty. The error is schema.Faults where
// a file's content is at fault.
func Read(path string) (*File, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	for {
		before, _ := os.Stat(path)
		f, raw, err := readBoth(path)
		if err != nil {
			return nil, err
		}
		if after, _ := os.Stat(path); !same(before, after) {
			continue // an apply ended in between, and the two do not fit
		}
		_, records, err := parseJournal(journalPath(path), raw)
		if err != nil {
			if again, other := os.ReadFile(journalPath(path)); other == nil && !bytes.Equal(again, raw) {
				continue // an apply was writing it
			}
			return nil, err
		}
		f.fold(records)
		return f, nil
	}
}

// readBoth reads a lock, and the journal's text where there is one.
func readBoth(path string) (*File, []byte, error) {
	f, err := readLock(path)
	if err != nil {
		return nil, nil, err
	}
	raw, err := os.ReadFile(journalPath(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("lock: %w", err)
	}
	return f, raw, nil
}

// same reports whether a file, which may be missing, was not replaced.
func same(before, after fs.FileInfo) bool {
	if before == nil || after == nil {
		return before == nil && after == nil
	}
	return os.SameFile(before, after) && before.ModTime().Equal(after.ModTime())
}

func readLock(path string) (*File, error) {
	f := &File{Version: Version, Runs: map[string]*Run{}}
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	}
	if own, ok := quick(raw); ok {
		return own, nil
	}
	if faults := schema.Decode(schema.Lock, path, raw, f); len(faults) > 0 {
		return nil, faults
	}
	return f, nil
}

// Newest returns the key of the run that began last, or "" where there is
// none.
func (f *File) Newest() string {
	keys := f.Keys()
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}

// Keys returns the runs' keys, the one that began last first.
func (f *File) Keys() []string {
	return slices.SortedFunc(maps.Keys(f.Runs), func(a, b string) int {
		if c := f.Runs[b].Started.Compare(f.Runs[a].Started); c != 0 {
			return c
		}
		return strings.Compare(b, a)
	})
}

// ByDigest returns what the run knows of the step that was asked in these
// words, or nil.
func (r *Run) ByDigest(digest string) *Step {
	return r.find(func(s *Step) bool { return s.Digest == digest })
}

// ByID returns the newest record of a step's id, or nil.
func (r *Run) ByID(id string) *Step { return r.find(func(s *Step) bool { return s.ID == id }) }

// IDs returns the ids of the run's steps, in the order first recorded.
func (r *Run) IDs() []string {
	var ids []string
	for _, s := range r.Steps {
		ids = append(ids, s.ID)
	}
	return ids
}

func (r *Run) find(is func(*Step) bool) *Step {
	if r == nil {
		return nil
	}
	for _, s := range slices.Backward(r.Steps) {
		if is(s) {
			return s
		}
	}
	return nil
}

// trim drops the parts of all but the newest runs. Runs with a step in doubt
// keep theirs: they are needed to settle it.
func (f *File) trim(history int) {
	for i, key := range f.Keys() {
		if i < history || f.Runs[key].doubtful() {
			continue
		}
		for _, s := range f.Runs[key].Steps {
			s.Parts = nil
			if s.Undo != nil {
				s.Undo.Parts = nil
			}
		}
	}
}

func (r *Run) doubtful() bool { return r.find((*Step).Doubtful) != nil }

// Doubtful reports whether the step, or the attempt to take it back, may or
// may not have happened.
func (s *Step) Doubtful() bool {
	return s.Outcome == InDoubt || s.Undo != nil && s.Undo.Outcome == InDoubt
}

// stamp cuts a time to what the lock keeps: milliseconds, UTC.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
