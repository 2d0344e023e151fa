package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
	"github.com/urfave/cli/v2"
)

func validateCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "validate", Usage: "check plans offline, report every error at once, and list a playbook's inputs", ArgsUsage: "FILE...",
		Description: "No service is contacted and no credentials are needed. A plan with params is a playbook: its inputs are listed\n" +
			"with their types, defaults and limits, even if a required value is missing.\n\n" +
			"Example: resetplan validate playbooks/replay.yaml --set since=now-24h\n\nExit codes: 0 valid; 3 not valid.",
		Flags:  append(paramFlags(), formatFlag("text", "json")),
		Action: func(c *cli.Context) error { return validate(c, proc) },
	}
}

func validate(c *cli.Context, proc process) error {
	if c.NArg() == 0 {
		return usage("validate: FILE is missing")
	}
	given, err := proc.parameters(c)
	if err != nil {
		return err
	}
	own, err := proc.configuration(c)
	if err != nil {
		return err
	}
	var wrong diag.Errors
	var verdicts []view.Verdict
	if stdin := slices.DeleteFunc(c.Args().Slice(), func(name string) bool { return name != "-" }); len(stdin) > 1 {
		return usage("validate: - is given more than once; standard input can be read only once")
	}
	for _, name := range c.Args().Slice() {
		inputs, doc, errs, err := proc.examine(name, given, own.Connections)
		if err != nil {
			return err
		}
		errs = append(errs, own.UnknownWorkloads(doc)...)
		verdict := view.NewVerdict(displayName(name), inputs, errs)
		if expires := plan.RelativeTimes(doc); expires != "" {
			verdict.Warnings = []string{expires}
		}
		verdicts = append(verdicts, verdict)
		wrong = append(wrong, errs...)
	}
	if !wantsJSON(c) {
		err = term.Verdicts(proc.stdout, verdicts, proc.look(c))
		if len(wrong) > 0 {
			return errors.Join(err, wrong)
		}
		return err
	}
	out := map[string]any{"files": verdicts}
	if len(wrong) > 0 {
		out["errors"] = jsonErrors(wrong)
	}
	if err := view.JSON(proc.stdout, out); err != nil || len(wrong) == 0 {
		return err
	}
	fmt.Fprintf(proc.stderr, "resetplan: not valid: %s\n", text.Plural(len(wrong), "error"))
	return exitStatus(3)
}

// examine returns the inputs of a file, its document if it is valid, and all its errors. A file that cannot be
// read has an error like any other: it must not hide the errors of other files.
// The returned error is that of an interruption.
func (proc process) examine(name string, given schema.Given, connections []schema.Provider) ([]schema.Param, *schema.Document, diag.Errors, error) {
	raw, err := proc.source(name, files.Plan)
	var unread diag.Errors
	var unfit *files.Unfit
	switch {
	case errors.Is(err, context.Canceled):
		return nil, nil, nil, err
	case errors.As(err, &unread):
		return nil, nil, unread, nil
	case errors.As(err, &unfit):
		return nil, nil, diag.Errors{{File: displayName(name), Reason: unfit.Reason}}, nil
	case err != nil:
		return nil, nil, diag.Errors{{File: displayName(name), Reason: err.Error()}}, nil
	}
	if errs := notOther(name, raw); errs != nil {
		return nil, nil, errs, nil
	}
	doc, errs := check.ExamineWith(displayName(name), raw, given, all.Providers(), connections)
	outline, unread := schema.Sketch(displayName(name), raw)
	if len(unread) > 0 {
		return nil, nil, errs, nil
	}
	for i, p := range outline.Params {
		if p.Default != nil && (diag.SecretName(p.Name) || diag.SecretShape(fmt.Sprint(p.Default))) {
			outline.Params[i].Default = "(hidden)"
		}
	}
	return outline.Params, doc, errs, nil
}
