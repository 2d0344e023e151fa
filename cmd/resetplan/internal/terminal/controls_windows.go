package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// EnableControls makes a terminal obey control sequences, and reports whether it does. A
// console of Windows prints them as text until a program requests otherwise; a console in
// legacy mode cannot.
func EnableControls(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
