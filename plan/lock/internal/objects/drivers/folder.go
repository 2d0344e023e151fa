package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/files"
)

// A folder keeps objects in files. An object is on disk when Create returns: it is
// written under another name, and gets its own by a hard link, which fails if there is
// one already, on every file system that has links, network shares included.
type folder struct {
	root string
	mode os.FileMode // of folders that are created
}

// openFolder opens a folder, which is created with its first object. The folder above
// it must exist, because an absent one may be a network share that is not mounted.
func openFolder(u *url.URL) (Bucket, error) {
	f := folder{filepath.FromSlash(u.Path), 0o700}
	if filepath.Separator == '\\' {
		f.root = strings.TrimPrefix(f.root, `\`)
	}
	if given := u.Query().Get("dir_file_mode"); given != "" {
		mode, err := strconv.ParseUint(given, 0, 9)
		if err != nil {
			return nil, fmt.Errorf("%w: dir_file_mode: %w", ErrPermanent, err)
		}
		f.mode = os.FileMode(mode)
	}
	if u.Query().Get("create_dir") == "" {
		if _, err := os.Stat(filepath.Dir(f.root)); err != nil {
			return nil, fmt.Errorf("%w: the folder above the lock cannot be read: %w; mount or create it, or add create_dir=true to the URL",
				ErrPermanent, err)
		}
	}
	return f, nil
}

func (f folder) path(key string) string { return filepath.Join(f.root, filepath.FromSlash(key)) }

func (folder) Close() error { return nil }

func (f folder) Create(ctx context.Context, key string, body []byte) error {
	if err := ctx.Err(); err != nil {
		return err //nolint:wrapcheck // the caller's own
	}
	path := f.path(key)
	if err := os.MkdirAll(filepath.Dir(path), f.mode); err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	written, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	defer os.Remove(written.Name()) //nolint:errcheck // a file that is left is not listed
	_, err = written.Write(body)
	if err == nil {
		err = written.Sync()
	}
	if err = errors.Join(err, written.Close()); err != nil {
		return err
	}
	err = os.Link(written.Name(), path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrExists
	case err != nil:
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return files.SyncFolder(filepath.Dir(path)) //nolint:wrapcheck // it names the folder
}

func (f folder) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	s, err := os.Lstat(f.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	case !s.Mode().IsRegular() || s.Size() > limit:
		return nil, fmt.Errorf("%w: %s is not a regular file of at most %d MiB", ErrPermanent, f.path(key), limit>>20)
	}
	body, err := os.ReadFile(f.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	return body, err //nolint:wrapcheck // it names the file
}

func (f folder) List(_ context.Context, prefix string, most int) ([]Object, error) {
	dir, start := filepath.Split(f.path(prefix + "x"))
	start = strings.TrimSuffix(start, "x")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	var all []Object
	for _, e := range entries {
		s, err := e.Info()
		if err != nil || !s.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".new-") || !strings.HasPrefix(e.Name(), start) {
			continue // deleted since, or not an object
		}
		all = append(all, Object{prefix[:len(prefix)-len(start)] + e.Name(), s.ModTime()})
		if most > 0 && len(all) == most {
			break
		}
	}
	return all, nil
}

// Now returns no time: a file system gives its own only to files that are written.
func (folder) Now(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func (f folder) Delete(_ context.Context, key string) error {
	err := os.Remove(f.path(key))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return nil
}
