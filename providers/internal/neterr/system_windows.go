package neterr

import "golang.org/x/sys/windows"

// The system's errors of connections. The constants that package syscall has for Unix are
// never returned on Windows.
const (
	refused            = windows.WSAECONNREFUSED
	networkUnreachable = windows.WSAENETUNREACH
	hostUnreachable    = windows.WSAEHOSTUNREACH
	reset              = windows.WSAECONNRESET
	closed             = windows.WSAECONNABORTED
)
