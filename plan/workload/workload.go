// Package workload runs the commands with which an operator permits this program to stop
// and start consumers.
//
// The invariant: a command is the argument list of the operator's configuration, and
// nothing of a plan, of a service or of a shell gets into it. It receives only permitted
// variables, its time and its output are bounded, and no known secret is in what it
// returns. The package keeps no state: package reconcile records what was stopped.
package workload

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Workload is consumers that this program may stop and start.
type Workload struct {
	schema.Workload
	folder  string // in which the commands run: that of the configuration
	process providers.Process
}

// All returns the workloads of a configuration, by name. file is the configuration, and
// process is what the commands may know of this process.
func All(defined []schema.Workload, file string, process providers.Process) map[string]*Workload {
	all := map[string]*Workload{}
	for _, w := range defined {
		one := &Workload{Workload: w, folder: filepath.Dir(file), process: process}
		for _, name := range w.Env {
			if diag.SecretName(name) {
				process.Secrets.Add(process.Getenv(name))
			}
		}
		all[w.Name] = one
	}
	return all
}

// Stop runs the command that stops the consumers. If it fails, some of them may be
// stopped.
func (w *Workload) Stop(ctx context.Context) error { return w.run(ctx, "stop", w.Workload.Stop) }

// Start runs the command that starts the consumers.
func (w *Workload) Start(ctx context.Context) error { return w.run(ctx, "start", w.Workload.Start) }

// Running runs the command that reports whether the consumers were started. known is
// false if there is no such command, or if it did not run to its end.
func (w *Workload) Running(ctx context.Context) (running, known bool) {
	if w.Status == nil {
		return false, false
	}
	err := w.run(ctx, "status", w.Status)
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		return false, exited.Exited()
	}
	return err == nil, err == nil
}

// Times returns how long the service may take to report the consumers idle after a stop,
// and active after a start.
func (w *Workload) Times() (stopped, started time.Duration) { return w.Stopped, w.Started }

// Lines returns the commands of a workload for a POSIX shell.
func (w *Workload) Lines() (stop, start string) {
	line := func(words []string) string {
		quoted := make([]string, len(words))
		for i, word := range words {
			quoted[i] = text.ShellWord(word)
		}
		return strings.Join(quoted, " ")
	}
	return line(w.Workload.Stop), line(w.Workload.Start)
}

// pipesClose is how long output is read after a command has ended, if a process that it
// started still has its output open.
const pipesClose = 2 * time.Second

// run runs a command to its end. The goroutine keeps its thread, because a command is
// killed with the thread that started it, if the system can do that.
func (w *Workload) run(ctx context.Context, verb string, words []string) error {
	began := w.process.Now()
	limited, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	var out tail
	ended := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		c := exec.CommandContext(limited, words[0], words[1:]...) //nolint:gosec // running the operator's command is the purpose
		c.Dir, c.Env, c.Stdout, c.Stderr, c.WaitDelay = w.folder, w.environment(), &out, &out, pipesClose
		err := runAlone(c)
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil // it ended; a process that it started keeps its output open
		}
		ended <- err
	}()
	err := <-ended
	printed := w.process.Secrets.Hide(out.String())
	if w.process.Log != nil {
		w.process.Log.Debug("command", "workload", w.Name, "command", verb, "result", result(err), "duration", w.process.Now().Sub(began),
			"output", text.Safe(printed))
	}
	if err == nil {
		return nil
	}
	why := result(err)
	switch {
	case ctx.Err() != nil:
		why, err = "was interrupted", ctx.Err()
	case limited.Err() != nil:
		why = fmt.Sprintf("was killed after %s, its timeout", text.Span(w.Timeout))
	}
	if said := lastLine(printed); said != "" {
		why += ": " + said
	}
	return &commandError{fmt.Sprintf("the %s command of workload %s %s", verb, w.Name, w.process.Secrets.Hide(why)), err}
}

// A commandError is the failure of a command. Its text has no secret.
type commandError struct {
	reason string
	cause  error
}

func (e *commandError) Error() string { return e.reason }
func (e *commandError) Unwrap() error { return e.cause }

// result describes how a command ended.
func result(err error) string {
	var exited *exec.ExitError
	switch {
	case err == nil:
		return "exited with 0"
	case errors.As(err, &exited) && exited.Exited():
		return fmt.Sprintf("exited with %d", exited.ExitCode())
	case errors.As(err, &exited):
		return "was killed (" + exited.String() + ")"
	}
	return "could not run: " + err.Error()
}

// lastLine returns the end of what a command printed, in one line.
func lastLine(printed string) string {
	const most = 400
	words := []rune(text.Safe(strings.Join(strings.Fields(printed), " ")))
	if len(words) > most {
		words = append([]rune("…"), words[len(words)-most:]...)
	}
	return string(words)
}

// environment returns the variables of a command.
func (w *Workload) environment() []string {
	names := []string{"PATH", "HOME"}
	if runtime.GOOS == "windows" {
		names = []string{"PATH", "USERPROFILE", "SYSTEMROOT", "TEMP"}
	}
	var out []string
	for _, name := range append(names, w.Env...) {
		if value := w.process.Getenv(name); value != "" {
			out = append(out, name+"="+value)
		}
	}
	return out
}
