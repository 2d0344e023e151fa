package complete

import (
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// A ShellLine is a command line up to the cursor, in words without their quotes.
// The last word is the one being typed; it may be empty.
type ShellLine struct {
	Words  []string
	Prefix int  // the bytes of the last word before the part that the shell completes
	open   rune // the quote that is still open, or 0
}

// SplitShellLine splits a line as a shell does, and expands nothing: a name that
// only the shell can resolve is not looked up. Besides spaces, the shell's words
// end at breaks.
func SplitShellLine(line, breaks string) ShellLine {
	t := ShellLine{}
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
				t.Words = append(t.Words, word.String())
			}
			word.Reset()
			started, t.Prefix = false, 0
		default:
			started = true
			word.WriteRune(r)
			if (r == '=' || r == ':') && strings.ContainsRune(breaks, r) {
				t.Prefix = word.Len()
			}
		}
	}
	t.Words = append(t.Words, word.String())
	return t
}

// Quote returns a word as the shell has to read it.
func (t ShellLine) Quote(word string) string {
	if t.open != 0 {
		return word
	}
	return text.ShellSuffix(word)
}
