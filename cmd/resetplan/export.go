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

func exportCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "export", Usage: "write a plan's offsets for another tool", ArgsUsage: "SAVED",
		Description: "SAVED is a plan that `plan --out` saved, or `-` for one that `plan --format json` prints.\n\n" +
			"Example: resetplan export --as kafka-csv orders.saved.json > offsets.csv\n" +
			"         kafka-consumer-groups … --group orders-billing --reset-offsets --from-file offsets.csv --dry-run\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input, or positions that the format cannot hold; 4 a step is blocked.",
		Flags: []cli.Flag{
			asFlag(),
			&cli.BoolFlag{Name: "before", Usage: "the positions before the plan instead, to take it back by hand"},
			&cli.StringSliceFlag{Name: "step", Usage: "only this step `ID`, or one group of it, ID[GROUP]; repeatable"},
		},
		Action: func(c *cli.Context) error { return export(c, w) },
	}
}

func export(c *cli.Context, w world) error {
	format, err := foreign(c)
	if err != nil {
		return err
	}
	name, err := one(c, "SAVED plan")
	if err != nil {
		return err
	}
	raw, err := w.source(name, files.Saved)
	if err != nil {
		return err
	}
	if !isSaved(raw) {
		return diag.Errors{{File: shown(name), Reason: "not a saved plan", Remedy: "save one with `resetplan plan FILE --out SAVED` and export that"}}
	}
	p, err := plan.ReadPrinted(shown(name), raw)
	if err != nil {
		return err
	}
	var doc *schema.Document
	if p.Source != "" {
		if doc, err = p.Reopen(shown(name), nil); err != nil {
			return err
		}
	}
	rows, notes, err := exchange.Rows(p, doc, c.StringSlice("step"), c.Bool("before"))
	if err != nil {
		return misfit(name, err)
	}
	for _, note := range notes {
		fmt.Fprintln(w.stderr, view.Plain(note))
	}
	text, err := exchange.Write(format, rows)
	if err != nil {
		return misfit(name, err)
	}
	_, err = w.stdout.Write([]byte(text))
	return err
}

// misfit says of a plan that a format cannot hold it: that is bad input, unless
// the call or a blocked step is to blame.
func misfit(name string, err error) error {
	var refused *plan.Refusal
	var noStep *survey.UnknownStep
	if errors.As(err, &refused) || errors.As(err, &noStep) {
		return err
	}
	return diag.Errors{{File: shown(name), Reason: err.Error()}}
}
