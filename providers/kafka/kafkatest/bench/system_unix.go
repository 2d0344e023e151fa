//go:build unix

package main

import (
	"os"
	"syscall"
)

// memory returns the most memory that an ended process held, in bytes.
func memory(state *os.ProcessState) (int64, bool) {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	return usage.Maxrss * rssUnit, true
}
