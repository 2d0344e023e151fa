//go:build linux && amd64

// Package killpoint runs a program under ptrace and kills it with SIGKILL at one exact system call, before or after the
// call takes effect. It is test support: a crash at every point at which a program writes, syncs, renames or sends is
// tested by killing it there, not by killing it at random moments.
//
// The invariant: a program that is killed before a call has not made it, and one that is killed after it has made it and
// nothing that follows on that thread. Points are named by the call, by what the call acts on and by the number of its
// occurrence, so that they survive another scheduling of goroutines. Only files below the program's working directory and
// connections to named peers count.
//
// The package needs no tool and no privilege: tracing a child of one's own is permitted by Linux's defaults.
package killpoint

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// A Command is a program to run under trace.
type Command struct {
	Path   string
	Args   []string // without the program's name
	Env    []string
	Dir    string         // its working directory: files outside of it do not count
	Output *os.File       // receives standard output and standard error
	Peers  map[int]string // TCP port -> name of the service that listens there
	// Sent names what is sent to a peer by its first bytes, so that two requests are two kinds of point.
	Sent func(peer string, head []byte) string
	// At is called at the point instead of a kill, while the thread that makes the call waits; then the program goes on.
	At func(pid int)
}

// A Point is a moment in a program's life.
type Point struct {
	Call  string // write, fsync, rename …
	On    string // the file's name with its digits as #, or the peer and what is sent to it
	N     int    // the occurrence of this call on this thing, from 1
	After bool   // the call has taken effect
}

func (p Point) String() string {
	when := "before"
	if p.After {
		when = "after"
	}
	return fmt.Sprintf("%s %s(%s) #%d", when, p.Call, p.On, p.N)
}

// An End is how a run ended.
type End struct {
	Points  []Point // the calls that were made, in order, each once and without After
	Reached bool    // the program was killed at its point, or At was called
	Code    int     // its exit code; -1 if it was killed
}

// Run runs a command to its end, or to the point at which it is to be killed.
func Run(c Command, kill *Point) (End, error) {
	type result struct {
		end End
		err error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // ptrace knows a thread, not a process; the thread ends with this goroutine
		end, err := run(c, kill)
		done <- result{end, err}
	}()
	r := <-done
	return r.end, r.err
}

func run(c Command, kill *Point) (End, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return End{}, err
	}
	defer null.Close() //nolint:errcheck // it was only read
	pid, err := syscall.ForkExec(c.Path, append([]string{c.Path}, c.Args...), &syscall.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []uintptr{null.Fd(), c.Output.Fd(), c.Output.Fd()}, Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	runtime.KeepAlive(c.Output)
	if err != nil {
		return End{}, fmt.Errorf("start %s: %w", c.Path, err)
	}
	t := &tracer{command: c, kill: kill, pid: pid, counts: map[Point]int{}, ports: map[int]int{}, inside: map[int]*Point{}}
	if err := t.start(); err != nil {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		_, _ = syscall.Wait4(pid, nil, wall, nil)
		return End{}, err
	}
	err = t.follow()
	return t.end, err
}
