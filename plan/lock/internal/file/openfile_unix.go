//go:build unix

package file

import (
	"io/fs"
	"syscall"
)

// openFlags follows no link and does not block on a FIFO.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// names returns the number of a file's names (hard links).
func names(s fs.FileInfo) uint64 {
	if sys, ok := s.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Nlink) //nolint:unconvert // the type differs between systems
	}
	return 1
}
