// Command resetplan plans, applies and takes back resets of consumer offsets.
//
// It turns a command line into one call of the core and one view of the
// answer. The invariant: standard output carries the result and nothing else,
// standard error the talk, and the exit code tells which kind of end it was.
// What may be sent is never decided here, and the process (its arguments,
// environment, clock, terminal and signals) is known to this file alone.
package main

import (
	"context"
	"os"
	"os/signal"
	"os/user"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
)

func main() {
	debug.SetGCPercent(400) // a short life with little memory: collecting it early costs a fifth of the time
	if debug.SetMemoryLimit(-1) > softMemory {
		debug.SetMemoryLimit(softMemory)
	}
	home, _ := os.UserHomeDir() // without a home there are no files in it
	os.Exit(run(context.Background(), world{
		args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, signals: signals(),
		getenv: os.Getenv, home: home, now: time.Now, by: by(),
		stdinTTY: isatty.IsTerminal(os.Stdin.Fd()), stdoutTTY: isatty.IsTerminal(os.Stdout.Fd()), stderrTTY: isatty.IsTerminal(os.Stderr.Fd()),
	}))
}

// softMemory is how much memory is used before it is collected at once. It is no
// bound: what a command needs, it gets.
const softMemory = 256 << 20

// signals are those that ask a command to stop. A reader of the output that goes
// away is an error of the write, and must not end an apply in the middle of a
// step.
func signals() <-chan os.Signal {
	all := make(chan os.Signal, 2)
	signal.Notify(all, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE)
	return all
}

// by names who runs the program: user@host.
func by() string {
	name, host := "unknown", "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host
}
