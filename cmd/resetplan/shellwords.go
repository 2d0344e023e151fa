package main

import (
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// A typed is a command line as far as it is typed, in words without their
// quotes. The last word is the one being typed; it may be empty.
type typed struct {
	words []string
	cut   int  // how many bytes of the last word stand before the part that the shell completes
	open  rune // the quote that is still open, or 0
}

// splitLine splits a line as a shell does, and expands nothing: a name that
// only the shell knows is no file of ours.
func splitLine(line, breaks string) typed {
	t := typed{}
	var word strings.Builder
	started, escaped := false, false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && t.open != '\'':
			started, escaped = true, true
		case t.open != 0 && r == t.open:
			t.open = 0
		case t.open != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			started, t.open = true, r
		case r == ' ' || r == '\t' || r == '\n':
			if started {
				t.words = append(t.words, word.String())
			}
			word.Reset()
			started, t.cut = false, 0
		default:
			started = true
			word.WriteRune(r)
			if (r == '=' || r == ':') && strings.ContainsRune(breaks, r) {
				t.cut = word.Len()
			}
		}
	}
	t.words = append(t.words, word.String())
	return t
}

// quote writes a word so that the shell reads it as it is.
func (t typed) quote(word string) string {
	if t.open != 0 {
		return word
	}
	return text.ShellSuffix(word)
}
