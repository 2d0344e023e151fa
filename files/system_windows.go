package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// Windows differs from Unix in these points:
//
//   - A file has no mode but read-only: a new file has the permissions of its folder, so
//     that 0600 is kept only in a folder that no other account may read, such as the user's own.
//   - A program that opened a file without sharing it, such as a virus scanner, keeps others
//     from replacing and removing it for a moment. Both are tried again for about two seconds.
//   - A folder cannot be synced. The file system's log has its names, and syncing a file
//     or moving it with MOVEFILE_WRITE_THROUGH writes the log.
//   - A name that was removed may stay in use until the last reader has closed the file.

// nonBlocking is not needed: opening a pipe does not wait.
const nonBlocking = 0

// OpenNoFollow opens a file. It follows no link in the last element of the name: a link,
// like any other reparse point, is opened itself, so that the caller sees that it is
// not a regular file. Others may replace and remove the file while it is open.
func OpenNoFollow(name string, flag int, _ fs.FileMode) (*os.File, error) {
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	access, how := uint32(windows.GENERIC_READ), uint32(windows.OPEN_EXISTING)
	switch {
	case flag&os.O_APPEND != 0:
		access = windows.FILE_APPEND_DATA | windows.FILE_READ_ATTRIBUTES | windows.SYNCHRONIZE
	case flag&os.O_RDWR != 0:
		access |= windows.GENERIC_WRITE
	case flag&os.O_WRONLY != 0:
		access = windows.GENERIC_WRITE | windows.FILE_READ_ATTRIBUTES
	}
	switch {
	case flag&os.O_CREATE != 0 && flag&os.O_EXCL != 0:
		how = windows.CREATE_NEW
	case flag&os.O_CREATE != 0:
		how = windows.OPEN_ALWAYS
	}
	handle, err := windows.CreateFile(path, access, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil, how,
		windows.FILE_ATTRIBUTE_NORMAL|windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}

// Names returns how many names (hard links) a file has.
func Names(name string, _ fs.FileInfo) uint64 {
	f, err := OpenNoFollow(name, os.O_RDONLY, 0)
	if err != nil {
		return 1
	}
	defer f.Close() //nolint:errcheck // read only
	var info windows.ByHandleFileInformation
	if windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info) != nil {
		return 1
	}
	return uint64(info.NumberOfLinks)
}

// Rewrite replaces a file by what write writes, or leaves it as it was. When Rewrite
// returns nil, the file and its name are on disk. An interrupted Rewrite leaves a file
// next to it whose name is a dot, the name and a number.
func Rewrite(name string, _ fs.FileMode, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name))
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// SyncFolder does nothing: see above.
func SyncFolder(string) error { return nil }

// rename gives a file another name, which may be the name of another file. When it
// returns nil, the name is on disk.
func rename(from, to string) error {
	old, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	name, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	err = patiently(func() error {
		return windows.MoveFileEx(old, name, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
	})
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// Remove removes a file.
func Remove(name string) error { return patiently(func() error { return os.Remove(name) }) }

// patiently repeats what fails because another program has opened a file.
func patiently(do func() error) error {
	const pause, tries = 5 * time.Millisecond, 400
	for n := 1; ; n++ {
		err := do()
		if n == tries || !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(pause)
	}
}

// IsClosedPipe reports whether a write failed because its reader has closed the pipe.
func IsClosedPipe(err error) bool {
	return errors.Is(err, windows.ERROR_NO_DATA) || errors.Is(err, windows.ERROR_BROKEN_PIPE)
}

// A Hold keeps other holders from a file until it is closed or its process ends.
type Hold struct{ file *os.File }

// Acquire holds a file, which it creates if there is none. The error is ErrHeld if the
// file has another holder.
func Acquire(name string, mode fs.FileMode) (*Hold, error) {
	var f *os.File
	err := patiently(func() (err error) { // the file may just be removed
		f, err = OpenNoFollow(name, os.O_RDWR|os.O_CREATE, mode)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Hold{f}, nil
}

// Held reports whether a file has a holder. It holds the file for a moment with a shared
// lock, and creates and writes nothing.
func Held(name string) (bool, error) {
	f, err := OpenNoFollow(name, os.O_RDONLY, 0)
	if err != nil {
		return false, err
	}
	err = lock(f, 0)
	if errors.Is(err, ErrHeld) {
		return true, f.Close()
	}
	return false, errors.Join(err, f.Close())
}

// lock locks a byte far behind the end of any file. Locks of Windows are mandatory, so the
// holder's own content must be outside of it; gofrs/flock locks the first byte.
func lock(f *os.File, flags uint32) error {
	const far = 1 << 30 // in units of 4 GiB
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{OffsetHigh: far})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrHeld
	}
	return err
}

// Stat describes the file.
func (h *Hold) Stat() (fs.FileInfo, error) { return h.file.Stat() }

// Close ends the hold.
func (h *Hold) Close() error { return h.file.Close() }
