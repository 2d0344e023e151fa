package files_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/resetplan/resetplan/files"
)

// These tests hold on every operating system; files_unix_test.go has those that need a
// FIFO, a device or modes.

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, name, want string) {
	t.Helper()
	if text, err := os.ReadFile(name); err != nil || string(text) != want {
		t.Errorf("%s: got %q, %v, want %q", filepath.Base(name), text, err, want)
	}
}

func TestFilesAreCreatedReplacedAndExtended(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	check(t, files.Create(name, []byte("one\n"), 0o600))
	if err := files.Create(name, nil, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	content(t, name, "one\n")
	check(t, files.Append(name, []byte("two\n"), 0o600))
	content(t, name, "one\ntwo\n")
	check(t, files.Replace(name, []byte("three\n"), 0o600))
	content(t, name, "three\n")
	check(t, files.Rewrite(name, 0o600, text("four\n")))
	content(t, name, "four\n")
	if text, err := files.Read(name, 5); err != nil || string(text) != "four\n" {
		t.Errorf("got %q, %v", text, err)
	}
	var unfit *files.Unfit
	for what, err := range map[string]error{"replacing a folder": files.Replace(dir, nil, 0o600), "extending a folder": files.Append(dir, nil, 0o600)} {
		if !errors.As(err, &unfit) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	check(t, files.Remove(name))
	leftovers(t, dir)
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func TestAnInterruptedRewriteChangesNothing(t *testing.T) {
	dir := t.TempDir()
	name, failed := filepath.Join(dir, "file"), errors.New("interrupted")
	check(t, files.Rewrite(name, 0o600, text("old")))
	err := files.Rewrite(name, 0o600, func(w io.Writer) error { return errors.Join(text("new")(w), failed) })
	if !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	content(t, name, "old")
	leftovers(t, dir)
}

func TestAHoldKeepsOthersOutAndLetsThemRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if _, err := files.Held(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	h, err := files.Acquire(name, 0o600)
	check(t, err)
	if _, err := files.Acquire(name, 0o600); !errors.Is(err, files.ErrHeld) {
		t.Errorf("got %v", err)
	}
	if held, err := files.Held(name); err != nil || !held {
		t.Errorf("got %v, %v", held, err)
	}
	out, err := files.OpenNoFollow(name, os.O_RDWR, 0) // the holder writes through another handle
	check(t, err)
	_, err = out.WriteAt([]byte("record"), 0)
	check(t, errors.Join(err, out.Truncate(3), out.Sync()))
	content(t, name, "rec")
	check(t, h.Close())
	if held, err := files.Held(name); err != nil || held {
		t.Errorf("got %v, %v", held, err)
	}
	h, err = files.Acquire(name, 0o600)
	check(t, err)
	check(t, errors.Join(files.Remove(name), out.Close(), h.Close())) // removed while it is held and open
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestHardLinksAreCounted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(name, nil, 0o600))
	for want := uint64(1); want < 4; want++ {
		info, err := os.Lstat(name)
		check(t, err)
		if got := files.Names(name, info); got != want {
			t.Errorf("got %d names, want %d", got, want)
		}
		check(t, os.Link(name, name+string('a'+rune(want))))
	}
}

func TestAClosedPipeIsRecognised(t *testing.T) {
	r, w, err := os.Pipe()
	check(t, err)
	check(t, r.Close())
	if _, err := w.WriteString("x"); !files.IsClosedPipe(err) {
		t.Errorf("got %v", err)
	}
	check(t, w.Close())
}

// leftovers fails if a temporary file remains.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		if e.Name()[0] == '.' {
			t.Errorf("%s is left", e.Name())
		}
	}
}
