//go:build unix

package neterr

import "syscall"

// The system's errors of connections.
const (
	refused            = syscall.ECONNREFUSED
	networkUnreachable = syscall.ENETUNREACH
	hostUnreachable    = syscall.EHOSTUNREACH
	reset              = syscall.ECONNRESET
	closed             = syscall.EPIPE
)
