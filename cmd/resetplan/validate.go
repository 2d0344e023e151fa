package main

import (
	"errors"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func validateCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check plans offline, tell all their faults at once, and list a playbook's inputs", ArgsUsage: "FILE...",
		Description: "Nothing is contacted and no credentials are needed. A plan with params is a playbook: its inputs are listed\n" +
			"with their types, defaults and limits, also where a value is still missing.\n\n" +
			"Example: resetplan validate playbooks/replay.yaml --set since=now-24h\n\nExit codes: 0 valid; 3 not.",
		Flags:  append(paramFlags(), formatFlag("text", "json")),
		Action: func(c *cli.Context) error { return validate(c, w) },
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
	var verdicts []view.Verdict
	for _, name := range c.Args().Slice() {
		inputs, faults := w.examine(name, values)
		verdicts = append(verdicts, view.NewVerdict(shown(name), inputs, faults))
		wrong = append(wrong, faults...)
	}
	if wantsJSON(c) {
		err = view.JSON(w.stdout, map[string]any{"files": verdicts})
	} else {
		err = view.Verdicts(w.stdout, verdicts)
	}
	if len(wrong) > 0 {
		return errors.Join(err, wrong)
	}
	return err
}

// examine returns a file's inputs and all that is wrong in it, that it cannot
// be read included: one bad name must not hide the faults of the other files.
func (w world) examine(name string, values map[string]string) ([]schema.Param, schema.Faults) {
	raw, err := w.source(name, files.Plan)
	if err != nil {
		return nil, schema.Faults{{File: name, Reason: err.Error()}}
	}
	outline, faults := schema.Sketch(shown(name), raw)
	if len(faults) > 0 {
		return nil, faults
	}
	doc, faults := schema.Parse(shown(name), raw, values)
	if len(faults) == 0 {
		faults = plan.Check(doc, all.Providers())
	}
	return outline.Params, faults
}
