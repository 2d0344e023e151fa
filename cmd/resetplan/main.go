// Command resetplan plans, applies and rolls back resets of consumer offsets.
//
// It turns a command line into one call of the core and one view of the result.
// The invariant: standard output carries the result and nothing else, standard
// error carries messages and progress, and the exit code says how the command
// ended. This package never decides what may be sent, and only this file knows
// the operating system's process: its arguments, environment, streams and clock.
//
// The folder has more than 15 files because each command has one, named after it.
// What all commands share is in process.go and signals.go (the process), flags.go,
// input.go, adhoc.go, task.go and format.go, output.go (from a call to the core and
// to the screen), and exit.go, errors.go and reports.go (how a command ends). Parts
// that know nothing of a command are packages in internal: cmdline, adhoc, complete,
// helptext, livepage, manpage, notify and terminal.
package main

import (
	"context"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/terminal"
)

func main() {
	limitGarbageCollection()
	home, _ := os.UserHomeDir() // without a home folder, no file in it is read
	config, _ := os.UserConfigDir()
	os.Exit(run(context.Background(), process{
		args: os.Args, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, signals: notifySignals(),
		getenv: os.Getenv, home: home, configDir: config, now: time.Now, account: hostAccount, columns: terminalColumns,
		stdinTTY:  isatty.IsTerminal(os.Stdin.Fd()),
		stdoutTTY: isatty.IsTerminal(os.Stdout.Fd()) && terminal.EnableControls(os.Stdout),
		stderrTTY: isatty.IsTerminal(os.Stderr.Fd()) && terminal.EnableControls(os.Stderr),
	}))
}

// hostAccount returns user@host.
func hostAccount() string {
	host, _ := os.Hostname()
	return account(host)
}
