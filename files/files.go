// Package files reads and writes the files that a command line, a plan or a
// vendor's configuration names.
//
// The invariant: only what is meant to be read or written is. A device, a
// socket or a file larger than its kind can be is refused before it costs
// memory, nothing that is not a regular file is ever replaced, and a file is
// never half-written. The package imports nothing of this module.
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// How large each kind of file can be, in bytes.
const (
	Plan        = 4 << 20  // a plan, and a file of its parameters
	Saved       = 64 << 20 // a saved plan, and what is imported
	Credentials = 1 << 20  // a credentials file, a certificate, a client's properties
)

// An Unfit is a file that cannot be what it is named for: it is of another
// kind, or too large. It is bad input.
type Unfit struct {
	Name   string
	Reason string
}

func (u *Unfit) Error() string { return u.Name + " " + u.Reason }

// Read returns the content of a regular file of at most so many bytes. A link
// to one is followed.
func Read(name string, most int64) ([]byte, error) {
	info, err := stat(name) // before it is opened: opening a device can have an effect
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Unfit{name, "is " + kindOf(info.Mode()) + "; name a regular file"}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Unfit{name, "is " + kindOf(info.Mode()) + "; name a regular file"}
	}
	return ReadAll(f, name, most)
}

// stat fails as opening does.
func stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	var at *fs.PathError
	if errors.As(err, &at) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: at.Err}
	}
	return info, err
}

// ReadInput is Read for what a person may also give through a pipe. Waiting for
// a pipe ends with the context.
func ReadInput(ctx context.Context, name string, most int64) ([]byte, error) {
	info, err := stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.Mode().IsRegular():
		return Read(name, most)
	case info.Mode()&fs.ModeNamedPipe == 0:
		return nil, &Unfit{name, "is " + kindOf(info.Mode()) + "; name a regular file or a pipe"}
	}
	return Wait(ctx, func() ([]byte, error) {
		f, err := os.Open(name) // waits for a writer
		if err != nil {
			return nil, err
		}
		defer f.Close() //nolint:errcheck // it was only read
		return ReadAll(f, name, most)
	})
}

// Wait returns what a function reads, or the context's error as soon as that
// ends; what the function is waiting for is then left alone.
func Wait(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ReadAll reads a stream that messages call name, of at most so many bytes.
func ReadAll(r io.Reader, name string, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, &Unfit{name, TooLarge(most)}
	}
	return text, nil
}

// TooLarge says of a file that it has more bytes than are read.
func TooLarge(most int64) string {
	return fmt.Sprintf("is larger than %d MiB, the most that is read of such a file", most>>20)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeSymlink != 0:
		return "a link"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// Create writes a file that is not there yet. The error is fs.ErrExist where
// something of that name is, whatever it is.
func Create(name string, text []byte, mode fs.FileMode) error {
	if _, err := os.Lstat(name); err == nil {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	temporary, err := besideIt(name, text, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temporary) //nolint:errcheck // it has its name, or is not wanted
	switch err := os.Link(temporary, name); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist): // it has come in between
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	return os.Rename(temporary, name) // a file system without links; nothing was there a moment ago
}

// besideIt writes and syncs a file of a name of its own in the same folder.
func besideIt(name string, text []byte, mode fs.FileMode) (string, error) {
	for i := 0; ; i++ {
		temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new"+strconv.Itoa(os.Getpid()+i))
		f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) && i < 1000 {
			continue
		}
		if err != nil {
			var at *fs.PathError
			if errors.As(err, &at) {
				return "", &fs.PathError{Op: "create", Path: name, Err: at.Err}
			}
			return "", err
		}
		_, err = f.Write(text)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			_ = os.Remove(temporary)
			return "", fmt.Errorf("write %s: %w", name, err)
		}
		return temporary, nil
	}
}

// Replaceable returns an *Unfit if what is there under a name, as Lstat
// reports it, is not a regular file.
func Replaceable(name string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &Unfit{name, "is " + kindOf(info.Mode()) + "; only a new file is written, or a regular one replaced"}
}

// Replace writes a file that is new or replaces a regular one, whole or not at
// all. A link, a device, a pipe and a folder are refused. It has the mode given,
// whatever mode an older one had.
func Replace(name string, text []byte, mode fs.FileMode) error {
	info, err := os.Lstat(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		if err := Replaceable(name, info); err != nil {
			return err
		}
	}
	temporary, err := besideIt(name, text, mode)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, name); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return nil
}
