package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

func validateCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check plans offline, report every error at once, and list a playbook's inputs", ArgsUsage: "FILE...",
		Description: "Nothing is contacted and no credentials are needed. A plan with params is a playbook: its inputs are listed\n" +
			"with their types, defaults and limits, also if a value is still missing.\n\n" +
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
	var wrong diag.Errors
	var verdicts []view.Verdict
	if stdin := slices.DeleteFunc(c.Args().Slice(), func(name string) bool { return name != "-" }); len(stdin) > 1 {
		return usage("validate: - is given twice, and standard input can be read once")
	}
	for _, name := range c.Args().Slice() {
		inputs, faults, err := w.examine(name, values)
		if err != nil {
			return err
		}
		verdicts = append(verdicts, view.NewVerdict(shown(name), inputs, faults))
		wrong = append(wrong, faults...)
	}
	if !wantsJSON(c) {
		err = term.Verdicts(w.stdout, verdicts)
		if len(wrong) > 0 {
			return errors.Join(err, wrong)
		}
		return err
	}
	out := map[string]any{"files": verdicts}
	if len(wrong) > 0 {
		out["errors"] = jsonErrors(wrong)
	}
	if err := view.JSON(w.stdout, out); err != nil || len(wrong) == 0 {
		return err
	}
	fmt.Fprintf(w.stderr, "resetplan: not valid: %s\n", text.Plural(len(wrong), "error"))
	return ended(3)
}

// examine returns a file's inputs and all that is wrong in it, that it cannot
// be read included: one bad name must not hide the faults of the other files.
// The error is that of an interruption.
func (w world) examine(name string, given schema.Given) ([]schema.Param, diag.Errors, error) {
	raw, err := w.source(name, files.Plan)
	var unread diag.Errors
	switch {
	case errors.Is(err, context.Canceled):
		return nil, nil, err
	case errors.As(err, &unread):
		return nil, unread, nil
	case err != nil:
		return nil, diag.Errors{{File: shown(name), Reason: err.Error()}}, nil
	}
	_, faults := check.Examine(shown(name), raw, given, all.Providers())
	outline, unread := schema.Sketch(shown(name), raw)
	if len(unread) > 0 {
		return nil, faults, nil
	}
	for i, p := range outline.Params {
		if p.Default != nil && diag.SecretName(p.Name) {
			outline.Params[i].Default = "(hidden)"
		}
	}
	return outline.Params, faults, nil
}
