package workload

import (
	"os/exec"
	"syscall"
)

// ownGroup runs a command in a process group of its own, which is killed as a whole, so
// that an interrupt of the terminal does not reach it. The command itself ends with this
// program: a stop that outlives a killed program could come after the next start.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}
