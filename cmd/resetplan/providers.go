package main

import (
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/urfave/cli/v2"
)

func providersCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "providers", Usage: "show what each type of service supports",
		Description: "Example: resetplan providers --format json",
		Flags:       []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			if wantsJSON(c) {
				return view.JSON(proc.stdout, check.Matrix(all.Providers()))
			}
			return term.Providers(proc.stdout, check.Matrix(all.Providers()), proc.look(c))
		},
	}
}
