package journal

import (
	"os"
	"syscall"
)

// datasync puts a file's content on disk. The journal's size changes seldom,
// so its metadata need not follow every line.
func datasync(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}
