package main

import (
	"cmp"
	"io"
	"log/slog"
	"os"
	"os/user"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/terminal"
	"github.com/resetplan/resetplan/providers"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// A process is all that a command knows of the operating system's process.
//
// Standard output carries the result: nothing but a command's result is ever
// written to stdout. Everything else goes to stderr.
type process struct {
	args                           []string
	stdin                          io.Reader
	stdout, stderr                 io.Writer
	stdinTTY, stdoutTTY, stderrTTY bool
	columns                        func(io.Writer) int // of the terminal that a stream is; 0 = it is none
	signals                        <-chan os.Signal
	getenv                         func(string) string
	home                           string
	configDir                      string // the user's configuration directory; "" = there is none
	now                            func() time.Time
	operator                       string        // user@host, for the lock; "" = account returns it
	account                        func() string // reads files of the system

	// Set by run.
	streams      [2]io.Writer // standard output and standard error themselves
	progressLine *terminal.ProgressLine
	secrets      *providers.Secrets
	signalled    <-chan struct{} // closed by the first signal
	operatorFile *operatorFile   // the operator's configuration, once it is read
}

// The garbage of a small heap is collected rarely, because a command is short and early
// collection costs a fifth of its time, and that of a large heap early, because the
// memory that a plan needs is then not multiplied.
const (
	rarely = 1200     // percent of the heap that may become garbage: of the least, 4 MiB, as much as spare
	early  = 75       // the same for a very large heap
	spare  = 48 << 20 // bytes of garbage, between the two
)

// limitGarbageCollection adapts the collection of garbage to the heap, after each
// collection.
func limitGarbageCollection() {
	debug.SetGCPercent(rarely)
	var adapt func(int)
	after := func(percent int) { runtime.AddCleanup(&struct{ _ [32]byte }{}, adapt, percent) } // the next collection
	adapt = func(percent int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		next := garbagePercent(live[0].Value.Uint64())
		if next != percent {
			debug.SetGCPercent(next)
		}
		after(next)
	}
	after(rarely)
}

// garbagePercent returns how much garbage may be next to a live heap, in percent of it.
func garbagePercent(live uint64) int {
	return min(max(early, int(100*spare/max(live, 1))), rarely)
}

// by returns the name under which the lock records a change.
func (proc process) by() string {
	if proc.operator == "" && proc.account != nil {
		return proc.account()
	}
	return proc.operator
}

// account returns user@host.
func account(host string) string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username[strings.LastIndex(u.Username, `\`)+1:] // on Windows, the host or a domain comes before it
	}
	return name + "@" + cmp.Or(host, "unknown")
}

// forProviders returns what providers may know of the process.
func (proc process) forProviders(c *cli.Context) (providers.Process, error) {
	own, err := proc.configuration(c)
	if err != nil {
		return providers.Process{}, err
	}
	out := providers.Process{Getenv: proc.getenv, Home: proc.home, Now: proc.now, Secrets: proc.secrets,
		Reach: proc.operatorFile.gate.Reach, AllowEnv: own.Allow.Env, ConfigFile: own.File}
	if c.Bool("verbose") {
		out.Log = slog.New(logHandler(proc.stderr, c.String("log-format") == "json"))
	}
	return out, nil
}

func logHandler(out io.Writer, json bool) slog.Handler {
	o := &slog.HandlerOptions{Level: slog.LevelDebug}
	if json {
		return slog.NewJSONHandler(out, o)
	}
	return slog.NewTextHandler(out, o)
}

// terminalColumns returns the width of the terminal that a stream is, 0 if it is none. A
// terminal that does not know its own width has 80 columns.
func terminalColumns(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok || !isatty.IsTerminal(f.Fd()) {
		return 0
	}
	const usual = 80
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		return columns
	}
	return usual
}

// stdoutColumns and stderrColumns are the widths of the two streams.
func (proc process) stdoutColumns() int { return proc.width(proc.streams[0]) }
func (proc process) stderrColumns() int { return proc.width(proc.streams[1]) }

func (proc process) width(out io.Writer) int {
	if proc.columns == nil {
		return 0
	}
	return proc.columns(out)
}

func (proc process) colour(c *cli.Context) bool {
	return proc.controls(proc.stdoutTTY) && !c.Bool("no-color") && proc.getenv("NO_COLOR") == ""
}

// controls reports whether a terminal understands control sequences: colours, and lines
// that change.
func (proc process) controls(tty bool) bool { return tty && proc.getenv("TERM") != "dumb" }
