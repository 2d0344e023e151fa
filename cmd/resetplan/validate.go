package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func validateCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check plans offline and tell all their faults at once", ArgsUsage: "FILE...",
		Description: "Nothing is contacted and no credentials are needed.\n\nExample: resetplan validate playbooks/*.yaml\n\nExit codes: 0 valid; 3 not.",
		Flags:       paramFlags(),
		Action:      func(c *cli.Context) error { return validate(c, w) },
	}
}

func validate(c *cli.Context, w world) error {
	if c.NArg() == 0 {
		return usage("validate: FILE is missing")
	}
	values, err := w.values(c)
	if err != nil {
		return err
	}
	var wrong schema.Faults
	for _, name := range c.Args().Slice() {
		faults := w.faultsOf(name, values)
		if len(faults) == 0 {
			fmt.Fprintf(w.stdout, "%s: valid\n", view.Plain(name))
		}
		wrong = append(wrong, faults...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// faultsOf returns all that is wrong in a file, that it cannot be read
// included: one bad name must not hide the faults of the other files.
func (w world) faultsOf(name string, values map[string]string) schema.Faults {
	raw, err := w.source(name)
	if err != nil {
		return schema.Faults{{File: name, Reason: err.Error()}}
	}
	doc, faults := schema.Parse(shown(name), raw, values)
	if len(faults) > 0 {
		return faults
	}
	return plan.Check(doc, all.Providers())
}
