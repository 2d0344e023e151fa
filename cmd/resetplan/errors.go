package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema/diag"
)

// reportError prints the error of a command for a person. Names and messages of
// services in it are made safe to show.
func reportError(proc process, err error, command []string) {
	var errs diag.Errors
	var wrongUsage *cmdline.UsageError
	var shown *shownError
	switch {
	case errors.As(err, &errs):
		proc.messages(errs)
	case errors.As(err, &wrongUsage):
		proc.message(fmt.Sprintf("resetplan: %s; see `%s`", wrongUsage.Text, helpFor(command)))
	case errors.Is(err, errReported):
	case files.IsClosedPipe(err) && exitCode(err) == 1: // the reader has closed the pipe
	case exitCode(err) == 130 && !errors.Is(err, reconcile.ErrInterrupted):
		fmt.Fprintln(proc.stderr, "resetplan: interrupted")
	default:
		text := err.Error()
		if errors.As(err, &shown) {
			text = shown.short
		}
		for _, line := range strings.Split(text, "\n") {
			proc.message("resetplan: " + line)
		}
	}
}

// message prints a message. On a terminal it wraps at words; elsewhere it is one line.
func (proc process) message(s string) {
	if proc.stderrColumns() > 0 {
		fmt.Fprint(proc.stderr, view.Wrap(s, "", proc.messageWidth()))
		return
	}
	fmt.Fprintln(proc.stderr, view.Plain(s))
}

// messages prints the errors of a file. On a terminal their sentences wrap at words, and
// the excerpts of the file stay as they are.
func (proc process) messages(errs diag.Errors) {
	var all strings.Builder
	_ = errs.Render(&all) // a Builder takes everything
	columns := proc.messageWidth()
	for line := range strings.Lines(all.String()) {
		text := strings.TrimSuffix(line, "\n")
		if proc.stderrColumns() == 0 || view.Columns(text) <= columns || excerpt.MatchString(text) {
			fmt.Fprintln(proc.stderr, text)
			continue
		}
		indent := strings.Repeat(" ", len(text)-len(strings.TrimLeft(text, " ")))
		lines := view.Wrap(text, indent+"  ", columns)
		fmt.Fprint(proc.stderr, indent+strings.TrimPrefix(lines, indent+"  "))
	}
}

// excerpt matches a line of a file in an error, and the line below it.
var excerpt = pattern.New(`^ *[0-9]* \| `)

// helpFor returns the call that prints the help of a command.
func helpFor(command []string) string {
	return strings.Join(slices.Concat([]string{"resetplan"}, command, []string{"--help"}), " ")
}

// reportErrorJSON prints the error of a command as JSON, and one line for a person.
// It reports whether it could.
func (proc process) reportErrorJSON(err error, command []string) bool {
	if files.IsClosedPipe(err) {
		return false
	}
	var errs diag.Errors
	var wrongUsage *cmdline.UsageError
	var refused *plan.Refusal
	var found []jsonError
	kind := map[int]string{1: "failed", 3: "not valid", 4: "refused", 5: "partially applied", 130: "interrupted"}[exitCode(err)]
	switch {
	case errors.As(err, &errs):
		found = jsonErrors(errs)
	case errors.As(err, &wrongUsage):
		found, kind = []jsonError{{Message: wrongUsage.Text, Remedy: "see `" + helpFor(command) + "`"}}, "wrong usage"
	case errors.As(err, &refused) && refused.Error() == err.Error():
		found = []jsonError{{Step: refused.Step, Message: refused.Reason, Remedy: refused.Remedy}}
	case errors.Is(err, context.Canceled) && !errors.Is(err, reconcile.ErrInterrupted):
		found = []jsonError{{Message: "interrupted"}}
	default:
		found = eachError(err)
	}
	if view.JSON(proc.stdout, map[string]any{"errors": found}) != nil {
		return false
	}
	summary := fmt.Sprintf("%s: %s", kind, text.Plural(len(found), "error"))
	if message := []rune(view.Plain(found[0].Message)); len(found) == 1 && len(errs) == 0 {
		const most = 150
		if len(message) > most {
			message = append(message[:most-1], '…')
		}
		summary = string(message)
	}
	fmt.Fprintln(proc.stderr, "resetplan: "+summary)
	return true
}

// eachError returns the lines of an error, each with the step that it is of.
func eachError(err error) (all []jsonError) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var texts []string
		for _, one := range joined.Unwrap() {
			texts, all = append(texts, one.Error()), append(all, eachError(one)...)
		}
		if strings.Join(texts, "\n") == err.Error() {
			return all
		}
		all = nil
	}
	var of *plan.StepError
	lines, step := strings.Split(err.Error(), "\n"), ""
	if len(lines) == 1 && errors.As(err, &of) {
		step = of.Step
	}
	for _, line := range lines {
		all = append(all, jsonError{Step: step, Message: line})
	}
	return all
}

// jsonErrors returns errors as a program reads them; what is unknown is absent.
func jsonErrors(errs diag.Errors) []jsonError {
	out := make([]jsonError, len(errs))
	for i, f := range errs {
		if adhoc.IsPlace(f.File) {
			f.File, f.Path = "", f.File
		}
		out[i] = jsonError{File: f.File, Line: f.Line, Column: f.Column, Step: f.Step, Where: f.Path, Message: f.Reason, Remedy: f.Remedy}
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
