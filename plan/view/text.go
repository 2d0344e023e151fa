package view

import (
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/resetplan/resetplan/plan/text"
)

// Width is the number of columns at which sentences wrap without a terminal.
const Width = 100

// LeastWidth is the number of columns of the narrowest terminal that output is fitted
// to.
const LeastWidth = 60

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

// Head makes a text safe to show and leaves out its end, if it does not fit.
func Head(s string, columns int) string {
	s = Plain(s)
	if Columns(s) <= columns {
		return s
	}
	runes, room := []rune(s), columns-1
	for i, r := range runes {
		if room -= Columns(string(r)); room < 0 {
			return string(runes[:i]) + "…"
		}
	}
	return s
}

// Name makes a name safe to show, and shortens it if it goes to a terminal.
func (o Options) Name(s string, columns int) string {
	if o.Columns == 0 {
		return Plain(s)
	}
	return o.Short(s, columns)
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
// copy, is one word. A backtick inside of a word, as in a name, begins none, and
// neither does one without an end.
func unbroken(s string) []string {
	words := strings.Fields(s)
	var out []string
	for i := 0; i < len(words); i++ {
		end := i
		if begins(words[i]) {
			end = max(i, i+slices.IndexFunc(words[i:], func(w string) bool { return strings.HasSuffix(strings.TrimRight(w, ".,;:)!?"), "`") }))
		}
		out = append(out, strings.Join(words[i:end+1], " "))
		i = end
	}
	return out
}

// begins reports whether a word begins a command that goes on after it.
func begins(word string) bool {
	return strings.HasPrefix(strings.TrimLeft(word, "("), "`") && strings.Count(word, "`")%2 == 1
}
