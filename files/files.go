// Package files reads and writes the files that a command line, a plan or a
// vendor's configuration names.
//
// The invariants: a device, a socket or a file larger than its limit is refused
// before it uses memory; only regular files are replaced; a file is written whole
// or not at all. What differs between operating systems is in this package: opening
// without following links, durable replacement, and the hold on a file that ends
// with its process. The package imports nothing of this module.
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
)

// The limits on the size of each kind of file, in bytes.
const (
	Plan        = 4 << 20  // a plan, and a file of its parameters
	Saved       = 64 << 20 // a saved plan, and a file to import
	Credentials = 1 << 20  // a credentials file, a certificate, a client's properties
)

// An Unfit error means that a file cannot be used for its purpose: it is not a
// regular file, or too large. It is bad input.
type Unfit struct {
	Name   string
	Reason string
}

func (u *Unfit) Error() string { return u.Name + " " + u.Reason }

// Read returns the content of a regular file with at most most bytes. It follows
// links.
func Read(name string, most int64) ([]byte, error) {
	info, err := stat(name) // before opening it, because opening a device can have an effect
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Unfit{name, "is " + kindOf(info.Mode()) + "; name a regular file"}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Unfit{name, "is " + kindOf(info.Mode()) + "; name a regular file"}
	}
	if info.Size() == 0 {
		return []byte{}, nil // reading a file of /proc or /sys can block; they have this size
	}
	return ReadAll(f, name, most)
}

// stat returns the error that opening would return.
func stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: WithoutPath(err)}
	}
	return info, nil
}

// WithoutPath returns the cause of a file's error, for messages that name the operation
// and the file themselves.
func WithoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// ReadInput is Read for input that may also come through a pipe. Waiting for a pipe
// ends with the context.
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
		defer f.Close() //nolint:errcheck // read only
		return ReadAll(f, name, most)
	})
}

// Wait returns the result of a function, or the context's error as soon as the
// context ends; the function then continues in the background.
func Wait(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	results := make(chan result, 1)
	go func() {
		text, err := read()
		results <- result{text, err}
	}()
	select {
	case r := <-results:
		return r.text, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ReadAll reads a stream with at most most bytes; its errors use the name.
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

// TooLarge returns the reason for refusing a file that is too large.
func TooLarge(most int64) string {
	return fmt.Sprintf("is larger than %d MiB, the limit for such a file", most>>20)
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

// Create writes a new file. The error is fs.ErrExist if anything with that name
// exists.
func Create(name string, text []byte, mode fs.FileMode) error {
	if _, err := os.Lstat(name); err == nil {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	temporary, err := writeTemporary(name, text, mode)
	if err != nil {
		return err
	}
	defer os.Remove(temporary) //nolint:errcheck // after a link, the file has its own name
	switch err := os.Link(temporary, name); {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist): // it was created in between
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	}
	return rename(temporary, name) // a file system without links; the name was free a moment ago
}

// writeTemporary writes and syncs a file with a temporary name in the same folder.
func writeTemporary(name string, text []byte, mode fs.FileMode) (string, error) {
	for i := 0; ; i++ {
		temporary := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new"+strconv.Itoa(os.Getpid()+i))
		f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) && i < 1000 {
			continue
		}
		if err != nil {
			return "", &fs.PathError{Op: "create", Path: name, Err: WithoutPath(err)}
		}
		_, err = f.Write(text)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			_ = os.Remove(temporary)
			return "", fmt.Errorf("write %s: %w", name, err)
		}
		return temporary, nil
	}
}

// Replaceable returns an *Unfit error if a file, as Lstat reports it, is not a
// regular file.
func Replaceable(name string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &Unfit{name, "is " + kindOf(info.Mode()) + "; name a new file or a regular file"}
}

// regularOrNew returns an error unless a file is a regular file or does not exist.
func regularOrNew(name string) error {
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return Replaceable(name, info)
}

// Append adds to a regular file, or writes a new one. What exists is never changed. It
// refuses a link, a device, a pipe and a folder.
func Append(name string, text []byte, mode fs.FileMode) error {
	if err := regularOrNew(name); err != nil {
		return err
	}
	f, err := OpenNoFollow(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, mode)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		err = Replaceable(name, info)
	}
	if err == nil {
		_, err = f.Write(text)
	}
	return errors.Join(err, f.Close())
}

// Replace writes a new file or replaces a regular one, whole or not at all. It
// refuses a link, a device, a pipe and a folder. The file gets the given mode, even
// if the replaced file had another.
func Replace(name string, text []byte, mode fs.FileMode) error {
	if err := regularOrNew(name); err != nil {
		return err
	}
	temporary, err := writeTemporary(name, text, mode)
	if err != nil {
		return err
	}
	if err := rename(temporary, name); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return nil
}
