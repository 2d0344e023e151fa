//go:build unix

package lock

// On Windows, an account needs a privilege to create symbolic links.

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
)

func TestALockHasOneJournalByEveryName(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.lock.yaml"), filepath.Join(dir, "p.lock.yaml")
	check(t, os.WriteFile(real, []byte("version: 1\nplan: p\nruns: {}\n"), 0o600))
	check(t, os.Symlink(real, link))
	h := open(t, link)
	var busy *HeldError
	if _, err := Open(t.Context(), real, Options{Plan: "p", Holder: "bob@home", Now: clock}); !errors.As(err, &busy) {
		t.Errorf("the lock is held twice: %v", err)
	}
	check(t, h.Begin("once", begun(RunInterrupted)))
	if f, err := Read(t.Context(), real); err != nil || f.Runs["once"] == nil {
		t.Errorf("got %+v, %v", f, err)
	}
	check(t, h.Close(20))
}

// TestALinkToAMissingLockIsRefused follows links to a file, to a folder and to
// themselves: the lock behind them may only be unreachable, so it does not count
// as empty, and nothing is created.
func TestALinkToAMissingLockIsRefused(t *testing.T) {
	for target, want := range map[string]string{
		"gone.lock.yaml":      `a symbolic link to a file that does not exist: "gone.lock.yaml"`,
		"gone/shared.yaml":    `a symbolic link to a file that does not exist: "gone/shared.yaml"`,
		"p.lock.yaml":         "this symbolic link cannot be followed",
		"/gone\x1b[2J/p.yaml": `a symbolic link to a file that does not exist: "/gone\x1b[2J/p.yaml"`,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "p.lock.yaml")
		check(t, os.Symlink(target, path))
		_, err1 := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
		_, err2 := Read(t.Context(), path)
		_, err3 := Holder(t.Context(), path)
		for _, err := range []error{err1, err2, err3} {
			var errs diag.Errors
			if !errors.As(err, &errs) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--lock") {
				t.Errorf("got %v, want %s", err, want)
			}
		}
		if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
			t.Errorf("%d files are in the folder, %v", len(all), err)
		}
	}
}

func TestASymbolicLinkIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "p.lock.yaml")
	check(t, os.WriteFile(real, []byte("version: 1\nplan: p\nruns: {}\n"), 0o600))
	check(t, os.Symlink(real, link))
	h := open(t, link)
	check(t, h.Begin("once", begun(RunApplied)))
	check(t, h.Close(20))
	if s, err := os.Lstat(link); err != nil || s.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if s, err := os.Stat(real); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("the mode became %v", s.Mode())
	}
}
