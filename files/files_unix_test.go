//go:build unix

package files_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/resetplan/resetplan/files"
)

// kinds creates a folder with one file of each kind.
func kinds(t *testing.T) (dir string, at func(string) string) {
	t.Helper()
	dir = t.TempDir()
	at = func(name string) string { return filepath.Join(dir, name) }
	check(t, os.WriteFile(at("file"), []byte("content"), 0o644))
	check(t, os.WriteFile(at("large"), bytes.Repeat([]byte("x"), 11), 0o644))
	check(t, os.Mkdir(at("folder"), 0o755))
	check(t, syscall.Mkfifo(at("pipe"), 0o644))
	for link, to := range map[string]string{"link": "file", "dangling": "nothing", "zero": "/dev/zero", "to-pipe": "pipe"} {
		check(t, os.Symlink(to, at(link)))
	}
	return dir, at
}

func TestOnlyRegularFilesWithinTheLimitAreRead(t *testing.T) {
	_, at := kinds(t)
	for name, want := range map[string]string{
		"file": "", "link": "", "large": "is larger than", "folder": "is a directory", "pipe": "is a pipe", "to-pipe": "is a pipe", "zero": "is a device",
	} {
		text, err := files.Read(at(name), 10)
		var unfit *files.Unfit
		switch {
		case want == "" && (err != nil || string(text) != "content"):
			t.Errorf("%s: got %q, %v", name, text, err)
		case want != "" && (!errors.As(err, &unfit) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := files.Read(at("none"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestAPipeIsReadAndWaitingForItEndsWithTheContext(t *testing.T) {
	_, at := kinds(t)
	go func() { _ = os.WriteFile(at("pipe"), []byte("content"), 0) }()
	if text, err := files.ReadInput(t.Context(), at("to-pipe"), 10); err != nil || string(text) != "content" {
		t.Errorf("got %q, %v", text, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := files.ReadInput(ctx, at("pipe"), 10); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"zero", "folder", "large"} {
		var unfit *files.Unfit
		if _, err := files.ReadInput(t.Context(), at(name), 10); !errors.As(err, &unfit) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOnlyARegularFileIsReplaced(t *testing.T) {
	dir, at := kinds(t)
	check(t, files.Replace(at("file"), []byte("new"), 0o600))
	check(t, files.Replace(at("fresh"), []byte("new"), 0o600))
	for _, name := range []string{"file", "fresh"} {
		text, err := os.ReadFile(at(name))
		info, _ := os.Stat(at(name))
		if err != nil || string(text) != "new" || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %q, %v, %v", name, text, err, info.Mode())
		}
	}
	for _, name := range []string{"link", "dangling", "zero", "pipe", "folder"} {
		before, _ := os.Lstat(at(name))
		var unfit *files.Unfit
		if err := files.Replace(at(name), []byte("new"), 0o600); !errors.As(err, &unfit) {
			t.Errorf("%s: got %v", name, err)
		}
		if after, err := os.Lstat(at(name)); err != nil || !os.SameFile(before, after) {
			t.Errorf("%s was changed", name)
		}
	}
	leftovers(t, dir)
}

func TestCreateReplacesNothing(t *testing.T) {
	dir, at := kinds(t)
	check(t, files.Create(at("fresh"), []byte("new"), 0o644))
	if text, err := os.ReadFile(at("fresh")); err != nil || string(text) != "new" {
		t.Errorf("got %q, %v", text, err)
	}
	for _, name := range []string{"file", "link", "dangling", "zero", "pipe", "folder", "fresh"} {
		if err := files.Create(at(name), []byte("x"), 0o644); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	missing := filepath.Join(dir, "none", "x")
	if err := files.Create(missing, nil, 0o644); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
	leftovers(t, dir)
}

func TestALinkIsNeitherOpenedNorExtended(t *testing.T) {
	_, at := kinds(t)
	for _, name := range []string{"link", "dangling"} {
		var unfit *files.Unfit
		if err := files.Append(at(name), []byte("x"), 0o600); !errors.As(err, &unfit) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := files.OpenNoFollow(at(name), os.O_RDWR|os.O_CREATE, 0o600); !errors.Is(err, syscall.ELOOP) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	content(t, at("file"), "content")
}
