// Package shell writes what a person types: commands for a POSIX shell, with
// names that may hold anything.
//
// The invariant: a shell hands a program exactly the arguments that were
// written, and nothing of them that a terminal would act on, or that would
// look like a line of its own, is in the text. A byte of zero is the one thing
// that no argument can hold; it is left as it is, and package plan refuses the
// command. The package runs nothing and knows no service.
package shell

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Words writes arguments that belong together, such as a flag and its value.
func Words(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = text.ShellWord(w)
	}
	return strings.Join(out, " ")
}

// most is how many columns a command takes before it is broken.
const most = 100

// Command puts a command together from groups of words that are written
// already; empty ones are left out. A long one has a line for each group.
func Command(groups ...string) string {
	groups = slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return g == "" })
	if one := strings.Join(groups, " "); len(one) <= most {
		return one
	}
	return strings.Join(groups, " \\\n  ")
}

// Comment writes a text as one line that a shell passes over.
func Comment(s string) string { return "# " + text.Safe(s) }
