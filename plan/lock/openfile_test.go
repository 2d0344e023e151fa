//go:build unix

package lock

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/resetplan/resetplan/schema/diag"
)

func TestOnlyARegularFileIsALock(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, syscall.Mkfifo(fifo, 0o600))
	link := filepath.Join(t.TempDir(), "p.lock.yaml")
	check(t, os.Symlink("/dev/zero", link))
	for path, want := range map[string]string{fifo: "a FIFO", "/dev/zero": "a device", link: "a device", t.TempDir(): "a folder"} {
		var errs diag.Errors
		if _, err := Read(t.Context(), path); !errors.As(err, &errs) || len(errs) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: reading returns %v", path, err)
		}
		if strings.HasPrefix(path, "/dev") || path == link {
			continue
		}
		if _, err := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock}); !errors.As(err, &errs) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: opening returns %v", path, err)
		}
		if _, err := os.Lstat(JournalPath(path)); !os.IsNotExist(err) {
			t.Errorf("%s: the journal was not removed", path)
		}
	}
}

// TestAPlantedJournalIsNotTouched gives the journal's name to another file or to a
// link: the link is not followed, and the file is not emptied or removed.
func TestAPlantedJournalIsNotTouched(t *testing.T) {
	for name, c := range map[string]struct {
		plant func(journal, victim string) error
		want  string
	}{
		"a symbolic link":            {func(j, v string) error { return os.Symlink(v, j) }, "a symbolic link"},
		"a symbolic link to nothing": {func(j, v string) error { return os.Symlink(v+".not", j) }, "a symbolic link"},
		"a hard link":                {func(j, v string) error { return os.Link(v, j) }, "a hard link"},
		"a FIFO":                     {func(j, _ string) error { return syscall.Mkfifo(j, 0o600) }, "a FIFO"},
		"a folder":                   {func(j, _ string) error { return os.Mkdir(j, 0o700) }, "a folder"},
		"a link to a device":         {func(j, _ string) error { return os.Symlink("/dev/zero", j) }, "a symbolic link"},
		"another file":               {func(j, _ string) error { return os.WriteFile(j, []byte("precious\n"), 0o600) }, "not a journal"},
		"another file of one line":   {func(j, _ string) error { return os.WriteFile(j, []byte("precious"), 0o600) }, "not a journal"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, victim := filepath.Join(dir, "p.lock.yaml"), filepath.Join(dir, "victim")
			check(t, os.WriteFile(victim, []byte("precious"), 0o600))
			check(t, c.plant(JournalPath(path), victim))
			var errs diag.Errors
			_, err1 := Open(t.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
			_, err2 := Read(t.Context(), path)
			if name == "a hard link" {
				err2 = err1 // reading it is allowed
			}
			_, err3 := Holder(t.Context(), path)
			if strings.HasPrefix(name, "another") {
				err3 = err1 // Holder does not read the file
			}
			for _, err := range []error{err1, err2, err3} {
				if !errors.As(err, &errs) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v", err)
				}
			}
			if raw, err := os.ReadFile(victim); err != nil || string(raw) != "precious" {
				t.Errorf("the other file became %q", raw)
			}
			if s, err := os.Lstat(JournalPath(path)); err != nil || s.Mode().IsRegular() && s.Size() == 0 {
				t.Error("the planted file was changed")
			}
		})
	}
}

func TestLocksAndJournalsAreReadableByTheirOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	h := open(t, path)
	check(t, h.Begin("once", begun(RunApplied)))
	if s, err := os.Stat(JournalPath(path)); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("the journal has mode %v", s.Mode())
	}
	check(t, h.Close(20))
	if s, err := os.Stat(path); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("the lock has mode %v", s.Mode())
	}
}

func TestAPlanHasOneLockByEveryName(t *testing.T) {
	plan := func(names ...string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			check(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o755))
			for i, name := range names {
				switch at := filepath.Join(dir, name); {
				case i == 0:
					check(t, os.WriteFile(at, []byte("x"), 0o600))
				case strings.HasSuffix(name, ".lock.yaml"):
					check(t, os.WriteFile(at, nil, 0o600))
				default:
					check(t, os.Link(filepath.Join(dir, names[0]), at))
				}
			}
		}
	}
	for name, c := range map[string]struct {
		files func(*testing.T, string)
		plan  string
		want  string // or a part of the error
	}{
		"a file":  {plan("p.yaml"), "p.yaml", "p.lock.yaml"},
		"a .yml":  {plan("p.yml"), "p.yml", "p.lock.yaml"},
		"no file": {plan("p.yaml"), "q.yaml", "q.lock.yaml"},
		"a symbolic link": {func(t *testing.T, d string) {
			plan("sub/p.yaml")(t, d)
			check(t, os.Symlink("sub/p.yaml", filepath.Join(d, "l.yaml")))
		}, "l.yaml", "sub/p.lock.yaml"},
		"a linked folder": {func(t *testing.T, d string) {
			plan("sub/p.yaml")(t, d)
			check(t, os.Symlink("sub", filepath.Join(d, "other")))
		}, "other/p.yaml", "sub/p.lock.yaml"},
		"two names, none with a lock":        {plan("b.yaml", "a.yaml"), "b.yaml", "a.lock.yaml"},
		"two names, the other with a lock":   {plan("a.yaml", "b.yaml", "b.lock.yaml"), "a.yaml", "b.lock.yaml"},
		"two names, both with locks":         {plan("a.yaml", "b.yaml", "b.lock.yaml", "a.lock.yaml"), "a.yaml", "several names"},
		"a name elsewhere":                   {plan("a.yaml", "sub/b.yaml"), "a.yaml", "other folders"},
		"a name elsewhere, and this has one": {plan("a.yaml", "sub/b.yaml", "a.lock.yaml"), "a.yaml", "a.lock.yaml"},
		"a name elsewhere that has the lock": {plan("a.yaml", "sub/b.yaml", "sub/b.lock.yaml"), "a.yaml", "other folders"},
		"two names, a journal after a crash": {func(t *testing.T, d string) {
			plan("a.yaml", "b.yaml")(t, d)
			check(t, os.WriteFile(filepath.Join(d, "b.lock.journal"), nil, 0o600))
		}, "a.yaml", "b.lock.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := filepath.EvalSymlinks(t.TempDir())
			check(t, err)
			c.files(t, dir)
			got, err := For(filepath.Join(dir, c.plan))
			var errs diag.Errors
			refused := errors.As(err, &errs) && strings.Contains(err.Error(), c.want) && strings.Contains(err.Error(), "--lock")
			if err != nil && !refused || err == nil && got != filepath.Join(dir, c.want) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
