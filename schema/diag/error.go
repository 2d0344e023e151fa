// Package diag has the errors of resetplan's files: each has a place, a reason and a
// remedy, and is shown with the line that it is about, unless the line may hold a
// secret.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is an error at a place in a file, and what to write instead.
type Error struct {
	File   string
	Line   int    // from 1; 0 if the error belongs to no line
	Column int    // from 1, in characters
	Step   string // the id of the step that it belongs to; "" for none
	Path   string // the path of the value: "steps[0].to.timestamp"; "" for the whole file
	Reason string // what is wrong and, if it is not obvious, why that matters
	Remedy string // what to write instead; may be empty
	Source string // the offending line; "" if it may hold a secret

	Missing string // the key that is missing at Path, if that is the error

	Secret  bool // the line holds a secret: no error shows it
	Follows bool // it follows from another error, and is not shown
	Omitted int  // how many similar errors were only counted; an Error that only counts has no Reason

	total bool // the last of a list: how many errors were left out of it
}

// Error returns the error in one line: "file:line:col: reason; remedy".
func (e Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	text := at + ": "
	if e.Path != "" {
		text += e.Path + ": "
	}
	text += e.Reason
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Errors are all errors of a file, in the order of its lines. A non-empty
// Errors is the error for invalid input.
type Errors []Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders errors by place; those that only count the others come last.
func (es Errors) Sort() {
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.rest(), b.rest()), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// rest returns how many errors an error only counts.
func (e Error) rest() int {
	if e.Reason == "" || e.total {
		return e.Omitted
	}
	return 0
}
