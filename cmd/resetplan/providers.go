package main

import (
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/urfave/cli/v2"
)

func providersCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "providers", Usage: "print what each kind of service can do",
		Description: "Example: resetplan providers --format json",
		Flags:       []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error {
			asJSON := wantsJSON(c)
			if asJSON {
				return view.JSON(w.stdout, check.Matrix(all.Providers()))
			}
			return term.Providers(w.stdout, check.Matrix(all.Providers()))
		},
	}
}
