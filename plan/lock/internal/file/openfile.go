package file

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/schema/diag"
)

// MaxBytes is the limit on the size of a lock.
const MaxBytes = 64 << 20

// openRegular opens a regular file. It follows no link and does not block on a
// FIFO, even if one replaces the file in the meantime.
func openRegular(path string, flag int) (*os.File, error) {
	s, err := os.Lstat(path)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := regular(path, s); err != nil {
		return nil, err
	}
	f, err := files.OpenNoFollow(path, flag, 0)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if s, err = f.Stat(); err == nil {
		err = regular(path, s)
	}
	if err != nil {
		f.Close() //nolint:errcheck,gosec // nothing was read
		return nil, err
	}
	return f, nil
}

// regular returns an error unless a file is a regular file.
func regular(path string, s fs.FileInfo) error {
	var kind string
	switch mode := s.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a folder"
	case mode&fs.ModeSymlink != 0:
		kind = "a symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a FIFO"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	default:
		kind = "a device"
	}
	return diag.Errors{{File: path, Reason: "this is " + kind + ", not a regular file", Remedy: "move it away, or choose another lock with --lock"}}
}

// unshared returns an error unless a journal is a regular file with one name: through
// a planted link, another file would be emptied.
func unshared(journal string, s fs.FileInfo) error {
	if err := regular(journal, s); err != nil {
		return err
	}
	if files.Names(journal, s) > 1 {
		return diag.Errors{{File: journal, Reason: "this journal has a second name (a hard link), so it may be another file",
			Remedy: "move it away, or choose another lock with --lock"}}
	}
	return nil
}

// limited reads a file up to a limit.
func limited(f *os.File, limit int64) ([]byte, error) {
	tooLarge := diag.Errors{{File: f.Name(), Reason: fmt.Sprintf("the file exceeds the limit of %d MiB", limit>>20),
		Remedy: "restore it from version control"}}
	var room []byte
	if s, err := f.Stat(); err == nil {
		if s.Size() > limit {
			return nil, tooLarge
		}
		if s.Size() == 0 {
			return []byte{}, nil // reading a file of /proc or /sys can block; they have this size
		}
		room = make([]byte, 0, int(s.Size())+bytes.MinRead)
	}
	out := bytes.NewBuffer(room)
	n, err := io.Copy(out, io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	case n > limit:
		return nil, tooLarge
	}
	return out.Bytes(), nil
}
