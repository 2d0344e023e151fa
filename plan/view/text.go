package view

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/resetplan/resetplan/plan/text"
)

// Width is the maximum number of columns of a line, unless Options.Wide is set.
const Width = 100

// NameWidth is the number of columns that a part's name may take in a row.
const NameWidth = 30

// Plain makes text from outside safe to show.
func Plain(s string) string { return text.Safe(s) }

// Columns is the number of terminal columns that a text takes.
func Columns(s string) int { return displaywidth.String(s) }

// Short makes a name safe to show and shortens it in the middle, because names
// differ mostly at their ends. With Wide, names stay complete.
func (o Options) Short(s string, columns int) string {
	s = Plain(s)
	if o.Wide || Columns(s) <= columns {
		return s
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	for room, left := columns-1, true; head < tail; left = !left {
		next := head
		if !left {
			next = tail - 1
		}
		if room -= Columns(string(runes[next])); room < 0 {
			break
		}
		if left {
			head++
		} else {
			tail--
		}
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}

// Wrap makes a text safe to show and breaks it into indented lines of at most
// so many columns. A command in backticks stays on one line.
func Wrap(s, indent string, columns int) string {
	var out strings.Builder
	column := 0
	for i, word := range unbroken(Plain(s)) {
		n := Columns(word)
		switch {
		case i == 0:
			out.WriteString(indent)
			column = len(indent)
		case column+1+n > columns:
			out.WriteString("\n" + indent)
			column = len(indent)
		default:
			out.WriteString(" ")
			column++
		}
		out.WriteString(word)
		column += n
	}
	out.WriteString("\n")
	return out.String()
}

// unbroken splits a text into words. A command in backticks, which readers
// copy, is one word.
func unbroken(s string) []string {
	var out []string
	inside := false
	for _, word := range strings.Fields(s) {
		if inside {
			out[len(out)-1] += " " + word
		} else {
			out = append(out, word)
		}
		inside = inside != (strings.Count(word, "`")%2 == 1)
	}
	return out
}
