package workload

import (
	"os/exec"
	"syscall"
)

// runAlone runs a command in a process group of its own, which is killed as a whole, so
// that an interrupt of the terminal does not reach it. The command itself ends with this
// program: a stop that outlives a killed program could come after the next start.
func runAlone(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	return c.Run() //nolint:wrapcheck // it names the command
}
