package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema/diag"
)

// A noting is standard output. It knows whether anything was written to it,
// and the first error, because help is printed by a library that ignores it.
type noting struct {
	out io.Writer
	any bool
	err error
}

func (n *noting) Write(text []byte) (int, error) {
	n.any = n.any || len(text) > 0
	written, err := n.out.Write(text)
	if n.err == nil {
		n.err = err
	}
	return written, err
}

// helpFor is the call that explains a command.
func helpFor(command []string) string {
	return strings.Join(slices.Concat([]string{"resetplan"}, command, []string{"--help"}), " ")
}

// complainJSON prints what is wrong for a program, and one line for a person.
// It reports whether it could.
func (w world) complainJSON(err error, command []string) bool {
	if errors.Is(err, syscall.EPIPE) {
		return false
	}
	var faults diag.Errors
	var wrong *usageError
	var found []jsonError
	what := map[int]string{1: "failed", 3: "not valid", 4: "refused", 5: "stopped part-way", 130: "interrupted"}[exitCode(err)]
	switch {
	case errors.As(err, &faults):
		found = jsonErrors(faults)
	case errors.As(err, &wrong):
		found, what = []jsonError{{Message: wrong.text, Remedy: "see `" + helpFor(command) + "`"}}, "wrong usage"
	case errors.Is(err, context.Canceled) && !errors.Is(err, reconcile.ErrInterrupted):
		found = []jsonError{{Message: "interrupted"}}
	default:
		for _, line := range strings.Split(err.Error(), "\n") {
			found = append(found, jsonError{Message: line})
		}
	}
	if view.JSON(w.stdout, map[string]any{"errors": found}) != nil {
		return false
	}
	said := fmt.Sprintf("%s: %s", what, text.Plural(len(found), "error"))
	if one := []rune(view.Plain(found[0].Message)); len(found) == 1 && len(faults) == 0 {
		const most = 150
		if len(one) > most {
			one = append(one[:most-1], '…')
		}
		said = string(one)
	}
	fmt.Fprintln(w.stderr, "resetplan: "+said)
	return true
}

// jsonErrors is how a program reads what is wrong; what is not known is absent.
func jsonErrors(faults diag.Errors) []jsonError {
	out := make([]jsonError, len(faults))
	for i, f := range faults {
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
