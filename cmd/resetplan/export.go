package main

import (
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/exchange"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

func exportCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "convert a saved plan's offsets for another tool", ArgsUsage: "SAVED",
		Description: "SAVED is a file written by `plan --out`, or `-` to read the output of `plan --format json`.\n\n" +
			"Example: resetplan export --as kafka-csv orders.saved.json > offsets.csv\n" +
			"  kafka-consumer-groups … --group orders-billing --reset-offsets \\\n" +
			"    --from-file offsets.csv --dry-run\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input, or positions that the format cannot express; 4 a step is blocked.",
		Flags: []cli.Flag{
			exchangeFlag(exchange.Written()),
			&cli.BoolFlag{Name: "before", Usage: "export the positions before the plan, to roll it back manually"},
			stepFlag(), configFlag(),
		},
		Action: func(c *cli.Context) error { return export(c, proc) },
	}
}

func export(c *cli.Context, proc process) error {
	format, err := exchangeFormat(c)
	if err != nil {
		return err
	}
	name, err := onlyArgument(c, "SAVED plan")
	if err != nil {
		return err
	}
	raw, err := proc.source(name, files.Saved)
	if err != nil {
		return err
	}
	if !isSaved(raw) {
		return diag.Errors{{File: displayName(name), Reason: "not a saved plan", Remedy: "save one with `resetplan plan FILE --out SAVED` and export it"}}
	}
	p, err := plan.ReadPrinted(displayName(name), raw)
	if err != nil {
		return err
	}
	var doc *schema.Document
	if p.Source != "" {
		own, err := proc.configuration(c)
		if err != nil {
			return err
		}
		if doc, err = p.Reopen(displayName(name), nil, own.Connections); err != nil {
			return err
		}
	}
	rows, notes, err := exchange.Rows(p, doc, c.StringSlice("step"), c.Bool("before"))
	if err != nil {
		return notExportable(name, err)
	}
	for _, note := range notes {
		fmt.Fprintln(proc.stderr, view.Plain(note))
	}
	text, err := exchange.Write(format, rows)
	if err != nil {
		return notExportable(name, err)
	}
	_, err = proc.stdout.Write([]byte(text))
	return err
}

// notExportable returns the error of a plan that a format cannot express. That is
// bad input, unless the cause is a blocked step or an unknown step in the call.
func notExportable(name string, err error) error {
	var refused *plan.Refusal
	var noStep *survey.UnknownStep
	if errors.As(err, &refused) || errors.As(err, &noStep) {
		return err
	}
	return diag.Errors{{File: displayName(name), Reason: err.Error()}}
}
