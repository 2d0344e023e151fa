//go:build linux && amd64

package killpoint

import (
	"errors"
	"fmt"
	"syscall"
)

const (
	exitKill    = 0x100000   // PTRACE_O_EXITKILL: the program ends with its tracer
	traceFilter = 0x80       // PTRACE_O_TRACESECCOMP
	filterEvent = 7          // PTRACE_EVENT_SECCOMP
	wall        = 0x40000000 // __WALL: threads too
	ownThread   = 0x20000000 // __WNOTHREAD: no children of other threads of this process
)

// A tracer follows one program. It belongs to one thread.
type tracer struct {
	command Command
	kill    *Point
	pid     int
	counts  map[Point]int
	ports   map[int]int    // file descriptor -> port that it was connected to
	inside  map[int]*Point // thread -> the call that it is in
	called  bool           // At was called
	end     End
}

// start waits for the program to be loaded and makes it stop at the calls that count, and only there.
func (t *tracer) start() error {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &status, wall, nil); err != nil {
		return fmt.Errorf("wait for the program: %w", err)
	}
	if !status.Stopped() {
		return fmt.Errorf("the program ended before it was loaded: %v", status)
	}
	options := syscall.PTRACE_O_TRACESYSGOOD | syscall.PTRACE_O_TRACECLONE | exitKill | traceFilter
	if err := syscall.PtraceSetOptions(t.pid, options); err != nil {
		return fmt.Errorf("trace the program: %w", err)
	}
	if err := installFilter(t.pid); err != nil {
		return err
	}
	return syscall.PtraceCont(t.pid, 0)
}

// follow handles every stop until the program and all its threads have exited. It waits only for the program's process
// group, because other goroutines may wait for programs that this thread has started before.
func (t *tracer) follow() error {
	for {
		var status syscall.WaitStatus
		tid, err := syscall.Wait4(-t.pid, &status, wall|ownThread, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.ECHILD):
			t.end.Reached = t.end.Reached || t.called
			return nil
		case err != nil:
			return fmt.Errorf("wait for the program: %w", err)
		}
		if !status.Stopped() {
			if tid == t.pid {
				t.end.Code = status.ExitStatus() // -1 if a signal ended it
			}
			continue
		}
		if t.end.Reached {
			continue // it is being killed
		}
		if err := t.stopped(tid, status); err != nil && !errors.Is(err, syscall.ESRCH) {
			_ = syscall.Kill(t.pid, syscall.SIGKILL)
			t.end.Reached = true
			return err
		}
	}
}

func (t *tracer) stopped(tid int, status syscall.WaitStatus) error {
	event := int(status>>16) & 0xff
	signal := status.StopSignal()
	switch {
	case event == filterEvent:
		return t.entered(tid)
	case event != 0:
		return syscall.PtraceCont(tid, 0)
	case signal == syscall.SIGTRAP|0x80:
		return t.left(tid)
	case signal == syscall.SIGSTOP: // a thread's first stop
		return syscall.PtraceCont(tid, 0)
	}
	if t.inside[tid] != nil {
		return syscall.PtraceSyscall(tid, int(signal))
	}
	return syscall.PtraceCont(tid, int(signal))
}

// entered handles a call that is about to be made.
func (t *tracer) entered(tid int) error {
	var regs syscall.PtraceRegs
	if err := syscall.PtraceGetRegs(tid, &regs); err != nil {
		return err
	}
	call, on := t.identify(tid, &regs)
	if call == "" {
		return syscall.PtraceCont(tid, 0)
	}
	at := Point{Call: call, On: on}
	t.counts[at]++
	at.N = t.counts[at]
	t.end.Points = append(t.end.Points, at)
	if t.kill == nil || at != (Point{t.kill.Call, t.kill.On, t.kill.N, false}) {
		return syscall.PtraceCont(tid, 0)
	}
	if t.command.At != nil {
		t.kill, t.called = nil, true
		t.command.At(t.pid)
		return syscall.PtraceCont(tid, 0)
	}
	if t.kill.After {
		t.inside[tid] = &at
		return syscall.PtraceSyscall(tid, 0)
	}
	regs.Orig_rax = ^uint64(0) // an invalid call number, so that the call is not made, whatever the kernel does with a dying thread
	if err := syscall.PtraceSetRegs(tid, &regs); err != nil {
		return err
	}
	return t.die()
}

// left handles a call that has just been made.
func (t *tracer) left(tid int) error {
	if t.inside[tid] != nil {
		return t.die()
	}
	return syscall.PtraceCont(tid, 0)
}

func (t *tracer) die() error {
	t.end.Reached = true
	return syscall.Kill(t.pid, syscall.SIGKILL)
}
