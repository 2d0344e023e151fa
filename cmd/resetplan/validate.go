package main

import (
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
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
	var wrong schema.Faults
	var verdicts []view.Verdict
	for _, name := range c.Args().Slice() {
		inputs, faults := w.examine(name, values)
		verdicts = append(verdicts, view.NewVerdict(shown(name), inputs, faults))
		wrong = append(wrong, faults...)
	}
	if !wantsJSON(c) {
		err = view.Verdicts(w.stdout, verdicts)
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
	fmt.Fprintf(w.stderr, "resetplan: not valid: %s\n", plan.Plural(len(wrong), "error"))
	return ended(3)
}

// complainJSON prints what is wrong for a program, and one line for a person.
func (w world) complainJSON(faults schema.Faults) {
	if err := view.JSON(w.stdout, map[string]any{"errors": jsonErrors(faults)}); err == nil {
		fmt.Fprintf(w.stderr, "resetplan: not valid: %s\n", plan.Plural(len(faults), "error"))
	}
}

// jsonErrors is how a program reads what is wrong; what is not known is absent.
func jsonErrors(faults schema.Faults) []jsonError {
	out := make([]jsonError, len(faults))
	for i, f := range faults {
		out[i] = jsonError{File: f.File, Line: f.Line, Column: f.Column, Step: f.Step, Where: f.Where, Message: f.Reason, Remedy: f.Remedy}
	}
	return out
}

type jsonError struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Step    string `json:"step,omitempty"`
	Where   string `json:"where,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

// examine returns a file's inputs and all that is wrong in it, that it cannot
// be read included: one bad name must not hide the faults of the other files.
func (w world) examine(name string, given schema.Given) ([]schema.Param, schema.Faults) {
	raw, err := w.source(name, files.Plan)
	if err != nil {
		var faults schema.Faults
		if errors.As(err, &faults) {
			return nil, faults
		}
		return nil, schema.Faults{{File: name, Reason: err.Error()}}
	}
	_, faults := plan.Examine(shown(name), raw, given, all.Providers())
	outline, unread := schema.Sketch(shown(name), raw)
	if len(unread) > 0 {
		return nil, faults
	}
	for i, p := range outline.Params {
		if p.Default != nil && schema.SecretName(p.Name) {
			outline.Params[i].Default = "(hidden)"
		}
	}
	return outline.Params, faults
}
