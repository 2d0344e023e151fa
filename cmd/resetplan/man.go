package main

import (
	"fmt"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/manpage"
	"github.com/urfave/cli/v2"
)

func manCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page",
		Description: "The page contains the help of all commands. `resetplan help --man` prints it too.\n\nExample: resetplan man | man -l -",
		Action: func(c *cli.Context) error {
			_, err := fmt.Fprint(proc.stdout, manual(c.App))
			return err
		},
	}
}

func manual(app *cli.App) string {
	cmdline.Derive(app.Commands...)
	return manpage.Render(app, manpage.Page{
		CommonFlags: commonFlags(),
		Shared: manpage.Shared{
			Title: "OPTIONS OF A PLAN WITHOUT A FILE",
			Text: "plan and apply accept these instead of FILE; snapshot, doctor and init those of the connection and the target. Each is a key of a\n" +
				"plan. The plan is checked, shown, applied and recorded like one in a file.",
			Flags: adhocFlags(),
		},
		Files: []manpage.Term{
			{Name: "PLAN.yaml", Text: "A plan. `resetplan schema` prints its JSON Schema, whose descriptions are the manual of the format."},
			{Name: "PLAN.lock.yaml", Text: "The lock: what was applied, and the previous positions. Commit it next to the plan."},
			{Name: "resetplan.config.yaml", Text: "The operator's configuration: shared connections, permissions, limits, notifications. " +
				"It is in the user's configuration directory, or named by --config or RESETPLAN_CONFIG; never in the current folder. " +
				"`resetplan schema config` prints its JSON Schema."},
			{Name: "PLAN.lock.journal", Text: "What a running or interrupted apply has sent. The next apply merges it into the lock."},
		},
		Environment: []manpage.Term{
			{Name: "NO_COLOR", Text: "Disables colours, like --no-color."},
			{Name: "RESETPLAN_ALLOW_ENV", Text: "Variables, with globs and separated by commas, that plans may name as credentials besides the vendors' own."},
			{Name: "RESETPLAN_ALLOW_FILES", Text: "Files, with globs and separated by commas, that plans may name in clientProperties " +
				"and combine with keys of their own."},
			{Name: "RESETPLAN_CONFIG", Text: "The operator's configuration, unless --config names one."},
			{Name: "TERM", Text: "If it is dumb, there are no colours, and progress is written as lines."},
			{Name: "Credentials", Text: "The variables and files of each vendor's own tools. `resetplan init --provider TYPE` " +
				"and `resetplan providers --format json` list them."},
		},
	})
}
