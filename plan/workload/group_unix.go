//go:build unix && !linux

package workload

import (
	"os/exec"
	"syscall"
)

// runAlone runs a command in a process group of its own, which is killed as a whole, so
// that an interrupt of the terminal does not reach it. These systems cannot end it with
// this program: if this program is killed, the command goes on.
func runAlone(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	return c.Run() //nolint:wrapcheck // it names the command
}
