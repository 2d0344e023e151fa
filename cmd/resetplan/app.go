package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

// A world is all that a command may know of the process around it.
//
// Standard output carries the result and standard error the talk: nothing but
// a command's result is ever written to stdout.
type world struct {
	args                           []string
	stdin                          io.Reader
	stdout, stderr                 io.Writer
	stdinTTY, stdoutTTY, stderrTTY bool
	signals                        <-chan os.Signal
	getenv                         func(string) string
	home                           string
	now                            func() time.Time
	by                             string

	// Set by run.
	line      *progressLine
	secrets   *providers.Secrets
	signalled <-chan struct{} // closed by the first signal
}

// run runs one command and returns its exit code.
func run(ctx context.Context, w world) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.signals, w.signalled = relayed(ctx, w.signals)
	w.secrets = &providers.Secrets{} // whatever else happens, none of them is printed
	out, talk := w.secrets.Writer(w.stdout), w.secrets.Writer(w.stderr)
	w.line = &progressLine{out: talk, tty: w.stderrTTY, after: time.Second}
	printed := &noting{out: w.line.aside(out)}
	w.stdout, w.stderr = printed, w.line.aside(talk)
	app := newApp(w)
	called, err := arrange(app, w.args)
	if err == nil {
		err = app.RunContext(ctx, called.args(app.Name))
	}
	if e := out.Flush(); err == nil {
		err = cmp.Or(printed.err, e)
	}
	switch {
	case err == nil || errors.Is(err, errTold):
	case !printed.any && called.wantsJSON(w.args) && w.complainJSON(err, called.command):
		_ = out.Flush()
	default:
		complain(w, err, called.command)
	}
	_ = talk.Flush() // there is nobody left to tell
	return exitCode(err)
}

func newApp(w world) *cli.App {
	app := &cli.App{
		Name:  "resetplan",
		Usage: "plan and apply resets of consumer offsets",
		Description: "A plan is a YAML document. `plan` shows what an apply would do and changes nothing;\n" +
			"`apply` does it, proves it and writes it into the lock file; `rollback` takes it back.\n\n" + exitCodes,
		HideVersion:     true,
		HideHelpCommand: true,
		// A comma in a value is part of it: --set list=a,b.
		DisableSliceFlagSeparator: true,
		Writer:                    w.stdout,
		ErrWriter:                 w.stderr,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return usage("%v", err) },
		Action: func(c *cli.Context) error {
			return cli.ShowAppHelp(c)
		},
		Commands: []*cli.Command{
			initCommand(w), validateCommand(w), planCommand(w), applyCommand(w), rollbackCommand(w), statusCommand(w), watchCommand(w),
			snapshotCommand(w), doctorCommand(w), importCommand(w), exportCommand(w),
			lockCommand(w), providersCommand(w), schemaCommand(w), sandboxCommand(w), demoCommand(w), completionCommand(w), completeCommand(w), manCommand(w), versionCommand(w),
		},
	}
	for _, c := range app.Commands {
		finish(c)
	}
	return app
}

// finish gives every command what all have: the common flags, an error of its
// own kind for wrong usage, a refusal of arguments that it does not take, and
// the exit codes in its help.
func finish(c *cli.Command) {
	c.HideHelpCommand = true
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage("%v", err) }
	if len(c.Subcommands) == 0 {
		c.Flags = append(c.Flags, commonFlags()...)
	}
	if len(c.Subcommands) == 0 && !strings.Contains(c.Description, "Exit codes: ") {
		c.Description += "\n\nExit codes: 0 done; 1 failed; 3 bad input."
	}
	if act := c.Action; len(c.Subcommands) == 0 && c.ArgsUsage == "" {
		c.Action = func(c *cli.Context) error {
			if c.NArg() > 0 {
				hint := ""
				if flagKinds(c.Command.Flags)["from"] {
					hint = "; name the plan with --from FILE"
				}
				return usage("%s takes no arguments, got %q%s", c.Command.Name, c.Args().First(), hint)
			}
			return act(c)
		}
	}
	for _, s := range c.Subcommands {
		finish(s)
	}
}

func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-color", Usage: "no colours; NO_COLOR does the same"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "no progress"},
		&cli.BoolFlag{Name: "verbose", Usage: "log each request: address, name, time; never a secret"},
		&cli.StringFlag{Name: "log-format", Usage: "how --verbose logs: text or json", Value: "text"},
	}
}

// A usageError is a call that cannot be understood.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// complain tells what went wrong in a call of a command. Foreign text in it,
// the words of a service or a name, is made safe to show.
func complain(w world, err error, command []string) {
	var faults diag.Errors
	var wrong *usageError
	switch {
	case errors.As(err, &faults):
		if e := faults.Render(w.stderr); e != nil {
			return
		}
	case errors.As(err, &wrong):
		fmt.Fprintf(w.stderr, "resetplan: %s; see `%s`\n", view.Plain(wrong.text), helpFor(command))
	case errors.Is(err, errTold):
	case errors.Is(err, syscall.EPIPE) && exitCode(err) == 1: // the reader has gone away
	case exitCode(err) == 130 && !errors.Is(err, reconcile.ErrInterrupted):
		fmt.Fprintln(w.stderr, "resetplan: interrupted")
	default:
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintf(w.stderr, "resetplan: %s\n", view.Plain(line))
		}
	}
}

// env is what providers may know of the process.
func (w world) env(c *cli.Context) (providers.Process, error) {
	e := providers.Process{Getenv: w.getenv, Home: w.home, Now: w.now, Secrets: w.secrets}
	format := c.String("log-format")
	if format != "text" && format != "json" {
		return e, usage("--log-format is text or json, not %q", format)
	}
	if c.Bool("verbose") {
		e.Log = slog.New(logHandler(w.stderr, format == "json"))
	}
	return e, nil
}

func logHandler(out io.Writer, json bool) slog.Handler {
	o := &slog.HandlerOptions{Level: slog.LevelDebug}
	if json {
		return slog.NewJSONHandler(out, o)
	}
	return slog.NewTextHandler(out, o)
}

func (w world) colour(c *cli.Context) bool {
	return w.stdoutTTY && !c.Bool("no-color") && w.getenv("NO_COLOR") == ""
}
