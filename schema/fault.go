package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing that is wrong in a file, and what to write instead.
type Fault struct {
	File   string
	Line   int    // from 1; 0 where the fault belongs to no line
	Column int    // from 1, in characters
	Step   string // the id of the step that it belongs to; "" for none
	Where  string // the path of the value: "steps[0].to.timestamp"; "" for the whole file
	Reason string // what is wrong and, if it is not plain, why that matters
	Remedy string // what to write instead; may be empty
	Source string // the offending line; "" if it may hold a secret

	secret bool // the line must not be shown
	silent bool // follows from another fault and is not shown
	others int  // so many faults like it were only counted
	more   int  // stands for so many faults that were left out
}

// Error returns the fault in one line: "file:line:col: reason; remedy".
func (f Fault) Error() string {
	at := f.File
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
	}
	text := at + ": "
	if f.Where != "" {
		text += f.Where + ": "
	}
	text += f.Reason
	if f.Remedy != "" {
		text += "; " + f.Remedy
	}
	return text
}

// Faults are all that is wrong in a file, in the order of its lines. A
// non-empty Faults is the error of bad input.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Sort orders faults by place.
func (fs Faults) Sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		if (a.more > 0) != (b.more > 0) {
			return cmp.Compare(a.more, b.more)
		}
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
