package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
)

// Path returns the lock for the path of a plan: orders.yaml -> orders.lock.yaml.
// For also resolves links.
func Path(plan string) string {
	for _, ext := range []string{".yaml", ".yml"} {
		if stem, ok := strings.CutSuffix(plan, ext); ok {
			return stem + ".lock.yaml"
		}
	}
	return plan + ".lock.yaml"
}

// JournalPath returns the journal of a lock: orders.lock.yaml ->
// orders.lock.journal.
func JournalPath(lock string) string {
	return strings.TrimSuffix(strings.TrimSuffix(lock, ".yaml"), ".yml") + ".journal"
}

// resolve follows symbolic links to a lock, so that a lock has one journal by
// whatever name it is reached. A link to a file that does not exist is refused: it
// usually means that the record was moved or is not mounted, and an apply with an
// empty lock would replay what was already applied.
func resolve(path string) (string, error) {
	if s, err := os.Lstat(path); err != nil || s.Mode()&fs.ModeSymlink == 0 {
		return path, nil //nolint:nilerr // reading it reports the error
	}
	target, err := filepath.EvalSymlinks(path)
	if err == nil {
		return target, nil
	}
	reason := "this symbolic link cannot be followed"
	if errors.Is(err, fs.ErrNotExist) {
		reason = "this is a symbolic link to a file that does not exist"
		if to, err := os.Readlink(path); err == nil {
			reason += ": " + text.Quote(to)
		}
	}
	return "", diag.Errors{{File: path, Reason: reason,
		Remedy: "restore the lock behind the link; if nothing of the plan was ever applied, remove the link or name another lock with --lock"}}
}

// For returns the lock of a plan by whatever name the plan is reached: the lock
// next to the file behind a symbolic link, and one lock for all names of a file
// with hard links. The error is diag.Errors if several names could each have a
// lock, so that only the caller can choose.
func For(plan string) (string, error) {
	real, unresolved := filepath.EvalSymlinks(plan)
	if unresolved != nil {
		real = plan // reading it will report the error
	}
	s, unread := os.Stat(real)
	if unread != nil {
		s = nil // as above
	}
	if s == nil || !s.Mode().IsRegular() || files.Names(real, s) < 2 {
		return Path(real), nil
	}
	siblings, err := siblings(real, s)
	if err != nil {
		return "", err
	}
	var locked []string
	for _, name := range siblings {
		if recorded(Path(name)) {
			locked = append(locked, name)
		}
	}
	switch {
	case len(locked) == 1:
		return Path(locked[0]), nil
	case len(locked) == 0 && uint64(len(siblings)) == files.Names(real, s):
		return Path(siblings[0]), nil
	}
	reason := fmt.Sprintf("this plan has several names (hard links), and more than one has a lock: %s", strings.Join(locked, ", "))
	if len(locked) == 0 {
		reason = "this plan has several names (hard links), some in other folders, so its lock may be in another folder"
	}
	return "", diag.Errors{{File: plan, Reason: reason, Remedy: "choose the lock with --lock"}}
}

// siblings returns the names of a file in its folder, sorted.
func siblings(path string, s os.FileInfo) ([]string, error) {
	dir := filepath.Dir(path)
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	var out []string
	for _, e := range all {
		if !e.Type().IsRegular() {
			continue
		}
		if other, err := e.Info(); err == nil && os.SameFile(s, other) {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(out)
	return out, nil
}

// recorded reports whether a lock exists, or the journal of a first apply that was
// interrupted.
func recorded(lock string) bool {
	_, err1 := os.Lstat(lock)
	_, err2 := os.Lstat(JournalPath(lock))
	return err1 == nil || err2 == nil
}
