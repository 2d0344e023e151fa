package workload

import (
	"os/exec"
	"syscall"
)

// ownGroup runs a command in a process group of its own, so that an interrupt of the
// console does not reach it. At its timeout only the command itself is killed: Windows has
// no group that could be killed.
func ownGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
