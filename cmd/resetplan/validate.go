package main

import (
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/plan"
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
	var all schema.Faults
	for _, name := range c.Args().Slice() {
		raw, err := w.source(name)
		if err != nil {
			return err
		}
		faults, err := faultsOf(c, w, name, raw)
		if err != nil {
			return err
		}
		if len(faults) == 0 {
			fmt.Fprintf(w.stdout, "%s: valid\n", name)
		}
		all = append(all, faults...)
	}
	if len(all) > 0 {
		return all
	}
	return nil
}

func faultsOf(c *cli.Context, w world, name string, raw []byte) (schema.Faults, error) {
	doc, err := w.parse(c, name, raw)
	var faults schema.Faults
	if errors.As(err, &faults) || err != nil {
		return faults, onlyOther(err, faults)
	}
	return plan.Check(doc, all.Providers()), nil
}

func onlyOther(err error, faults schema.Faults) error {
	if len(faults) > 0 {
		return nil
	}
	return err
}
