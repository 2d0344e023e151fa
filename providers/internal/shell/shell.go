// Package shell formats commands for a POSIX shell, with names that may hold any
// characters.
//
// The invariant: the shell passes exactly the given arguments to the program, and
// the text has no control characters and no extra lines. An argument cannot hold a
// zero byte; it is left in the text, and package plan refuses the command. The
// package runs nothing and knows no service.
package shell

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Words formats arguments that belong together, such as a flag and its value.
func Words(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = text.ShellWord(w)
	}
	return strings.Join(out, " ")
}

// maxColumns is the longest command on one line.
const maxColumns = 100

// Command joins groups of words to a command; empty groups are left out. A long
// command has a line for each group.
func Command(groups ...string) string {
	groups = slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return g == "" })
	if one := strings.Join(groups, " "); len(one) <= maxColumns {
		return one
	}
	return strings.Join(groups, " \\\n  ")
}

// Comment formats a text as one line that a shell ignores.
func Comment(s string) string { return "# " + text.Safe(s) }
