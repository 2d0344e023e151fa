package workload

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// runAlone runs a command in a job, which is killed as a whole, and in a process group of
// its own, so that an interrupt of the console does not reach it. The system kills the job
// with this program: a stop that outlives a killed program could come after the next start.
// What a command leaves running when it has ended goes on.
func runAlone(c *exec.Cmd) error {
	j, err := newJob()
	if err != nil {
		return err
	}
	defer j.close()
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | windows.CREATE_SUSPENDED}
	c.Cancel = func() error { return errors.Join(windows.TerminateJobObject(j.handle, 1), c.Process.Kill()) }
	if err := c.Start(); err != nil {
		return err //nolint:wrapcheck // it names the command
	}
	if err := j.admit(uint32(c.Process.Pid)); err != nil { //nolint:gosec // an id of Windows has 32 bits
		return errors.Join(err, c.Process.Kill(), c.Wait())
	}
	err = c.Wait()
	return errors.Join(err, j.keep())
}

// A job is the processes of one command.
type job struct{ handle windows.Handle }

func newJob() (*job, error) {
	h, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, fmt.Errorf("create a job: %w", err)
	}
	j := &job{h}
	if err := j.limit(windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE); err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// limit sets what happens to the processes of the job.
func (j *job) limit(flags uint32) error {
	info := &windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: flags}}
	var fixed runtime.Pinner // the call receives a number: the value must not be moved
	fixed.Pin(info)
	defer fixed.Unpin()
	at := uintptr(unsafe.Pointer(info)) //nolint:gosec // the call has no other form
	_, err := windows.SetInformationJobObject(j.handle, windows.JobObjectExtendedLimitInformation, at, uint32(unsafe.Sizeof(*info)))
	if err != nil {
		return fmt.Errorf("set the limits of a job: %w", err)
	}
	return nil
}

// admit adds a process that was created suspended, and lets it run: by then, whatever it
// starts belongs to the job.
func (j *job) admit(pid uint32) error {
	p, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return fmt.Errorf("open the process of the command: %w", err)
	}
	defer windows.CloseHandle(p) //nolint:errcheck // nothing depends on it
	if err := windows.AssignProcessToJobObject(j.handle, p); err != nil {
		return fmt.Errorf("add the command to its job: %w", err)
	}
	return resume(pid)
}

// keep lets the processes that a command has left go on.
func (j *job) keep() error { return j.limit(0) }

// close kills the processes of the job, unless they are kept.
func (j *job) close() { _ = windows.CloseHandle(j.handle) }

// resume lets the only thread of a suspended process run.
func resume(pid uint32) error {
	all, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return fmt.Errorf("list the threads of the command: %w", err)
	}
	defer windows.CloseHandle(all) //nolint:errcheck // nothing depends on it
	t := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(all, &t); err == nil; err = windows.Thread32Next(all, &t) {
		if t.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, t.ThreadID)
		if err != nil {
			return fmt.Errorf("open the thread of the command: %w", err)
		}
		defer windows.CloseHandle(thread) //nolint:errcheck // nothing depends on it
		if _, err := windows.ResumeThread(thread); err != nil {
			return fmt.Errorf("let the command run: %w", err)
		}
		return nil
	}
	return fmt.Errorf("find the thread of the command: %w", err)
}
