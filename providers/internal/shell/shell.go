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
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain are the characters that mean nothing to a shell, wherever they stand
// in a word but at its beginning.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:,@%+="

// Word writes one argument.
func Word(s string) string {
	switch {
	case s != "" && strings.Trim(s, plain) == "" && s[0] != '=':
		return s
	case strings.ContainsFunc(s, hidden) || !utf8.ValidString(s):
		return printed(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// printed writes an argument as the output of printf, so that characters that
// are not to be seen raw stand there by their numbers. A shell cuts newlines
// off the end of an output: those stand behind it.
func printed(s string) string {
	body := strings.TrimRight(s, "\n")
	end := ""
	if len(body) < len(s) {
		end = "'" + s[len(body):] + "'"
	}
	var out strings.Builder
	for i := 0; i < len(body); {
		r, n := utf8.DecodeRuneInString(body[i:])
		if i == 0 && r == '-' || strings.ContainsRune("'\"`$\\%!", r) || r == utf8.RuneError && n == 1 || hidden(r) && r != 0 {
			for _, b := range []byte(body[i : i+n]) {
				fmt.Fprintf(&out, `\%03o`, b)
			}
		} else {
			out.WriteString(body[i : i+n])
		}
		i += n
	}
	return `"$(printf '` + out.String() + `')"` + end
}

// hidden reports whether a character steers a terminal, breaks a line, turns
// the direction of writing, or stands unseen between others.
func hidden(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// Words writes arguments that belong together, such as a flag and its value.
func Words(words ...string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = Word(w)
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
func Comment(text string) string {
	return "# " + strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case hidden(r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
