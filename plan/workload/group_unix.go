//go:build unix && !linux

package workload

import (
	"os/exec"
	"syscall"
)

// ownGroup runs a command in a process group of its own, which is killed as a whole, so
// that an interrupt of the terminal does not reach it.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
