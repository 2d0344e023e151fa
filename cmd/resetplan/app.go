package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/helptext"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/terminal"
	"github.com/resetplan/resetplan/providers"
	"github.com/urfave/cli/v2"
)

// run runs one command and returns its exit code.
func run(ctx context.Context, proc process) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	proc.signals, proc.signalled = relaySignals(ctx, proc.signals)
	proc.secrets = &providers.Secrets{} // none of them is ever printed
	proc.operatorFile = &operatorFile{}
	out, messages := proc.secrets.Writer(proc.stdout), proc.secrets.Writer(proc.stderr)
	proc.streams = [2]io.Writer{terminal.Behind(proc.stdout), terminal.Behind(proc.stderr)}
	proc.progressLine = &terminal.ProgressLine{Out: messages, TTY: proc.controls(proc.stderrTTY), After: time.Second, Columns: proc.stderrColumns}
	result := &resultWriter{out: proc.progressLine.Aside(out)}
	proc.stdout, proc.stderr = result, proc.progressLine.Aside(messages)
	app := newApp(proc)
	line, err := cmdline.Parse(app, commonFlags(), proc.args)
	switch {
	case err == nil && line.Help():
		err = showHelp(proc, app, line.Command, line.Value("provider"))
	case err == nil:
		err = proc.operatorFile.becauseOfGate(app.RunContext(ctx, line.Args(app.Name)))
	}
	if e := out.Flush(); err == nil {
		err = cmp.Or(result.err, e)
	}
	switch {
	case err == nil || errors.Is(err, errReported):
	case !result.written && line.WantsJSON(proc.args) && proc.reportErrorJSON(err, line.Command):
		_ = out.Flush()
	default:
		reportError(proc, err, line.Command)
	}
	_ = messages.Flush() // standard error is closed: there is no way left to report it
	return exitCode(err)
}

// A resultWriter is standard output. It knows whether anything was written to
// it, and the first error, because the library that prints help ignores it.
type resultWriter struct {
	out     io.Writer
	written bool
	err     error
}

func (r *resultWriter) Write(text []byte) (int, error) {
	r.written = r.written || len(text) > 0
	n, err := r.out.Write(text)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// Unwrap returns the writer behind it.
func (r *resultWriter) Unwrap() io.Writer { return r.out }

func newApp(proc process) *cli.App {
	app := &cli.App{
		Name:  "resetplan",
		Usage: "plan and apply resets of consumer offsets",
		Description: "A plan is a YAML document. `plan` shows what an apply would do and changes nothing;\n" +
			"`apply` resets the offsets, verifies them and records the run in the lock file; `rollback`\n" +
			"restores the previous positions.\n\n" +
			"Commands in messages and in `plan --format commands` are quoted for a POSIX shell, such as sh,\n" +
			"bash and zsh. PowerShell reads those without a quote in a word; cmd.exe knows no single quotes.\n\n" + exitCodes,
		HideVersion:     true,
		HideHelpCommand: true,
		// A comma in a value is part of it: --set list=a,b.
		DisableSliceFlagSeparator: true,
		Writer:                    proc.stdout,
		ErrWriter:                 proc.stderr,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return usage("%v", err) },
		Action:                    func(c *cli.Context) error { return showHelp(proc, c.App, nil, "") },
		Commands: []*cli.Command{
			initCommand(proc), validateCommand(proc), planCommand(proc), applyCommand(proc), rollbackCommand(proc),
			resumeCommand(proc), statusCommand(proc), watchCommand(proc), snapshotCommand(proc), doctorCommand(proc), importCommand(proc), exportCommand(proc),
			lockCommand(proc), providersCommand(proc), schemaCommand(proc), configCommand(proc), sandboxCommand(proc), demoCommand(proc),
			completionCommand(proc), completeCommand(proc), manCommand(proc), versionCommand(proc),
		},
	}
	common := commonFlags() // of all commands, because one of them is run
	for _, c := range app.Commands {
		addShared(proc, app, c, common)
	}
	return app
}

// showHelp prints the help of a command, or of the program. If a type of provider is
// given, the flags of others are left out.
func showHelp(proc process, app *cli.App, path []string, kind string) error {
	var command *cli.Command
	commands := app.Commands
	for _, name := range path {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(name) })
		command, commands = commands[i], commands[i].Subcommands
	}
	text := helptext.App(app, commonFlags(), proc.stdoutColumns())
	if command != nil {
		cmdline.Derive(command)
		own := *command
		own.Flags = slices.DeleteFunc(slices.Clone(own.Flags), func(f cli.Flag) bool { return adhoc.Foreign(f.Names()[0], kind) })
		command = &own
		text = helptext.Command(command, strings.Join(append([]string{app.Name}, path...), " "), commonFlags(), proc.stdoutColumns())
	}
	_, err := io.WriteString(proc.stdout, text)
	return err
}

// addShared adds to a command what all commands have: the common flags, a usage
// error of our own kind, a refusal of arguments that the command does not take,
// and the exit codes in its help.
func addShared(proc process, app *cli.App, c *cli.Command, common []cli.Flag) {
	c.HideHelpCommand = true
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usage("%v", err) }
	for _, s := range c.Subcommands {
		addShared(proc, app, s, common)
	}
	if len(c.Subcommands) > 0 {
		c.Action = func(ctx *cli.Context) error { return showHelp(proc, app, strings.Fields(c.HelpName)[1:], "") }
		return
	}
	c.Flags = append(c.Flags, common...)
	if !strings.Contains(c.Description, "Exit codes: ") {
		c.Description += "\n\nExit codes: 0 done; 1 failed; 3 bad input."
	}
	if c.ArgsUsage == "" {
		c.Action = withoutArguments(c.Action)
	}
}

// withoutArguments refuses arguments of a command that takes none.
func withoutArguments(action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.NArg() == 0 {
			return action(c)
		}
		hint := ""
		if cmdline.Has(c.Command.Flags, "from") {
			hint = "; name the plan with --from FILE"
		}
		return usage("%s takes no arguments, got %q%s", c.Command.Name, c.Args().First(), hint)
	}
}
