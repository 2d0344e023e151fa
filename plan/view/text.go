package view

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Plain makes a foreign text safe to show.
func Plain(s string) string { return safe.Safe(s) }

// harmful reports whether a character must not be shown raw.
func harmful(r rune) bool { return safe.Hidden(r) }

// columns is how many columns of a terminal a text takes.
func columns(s string) int { return twwidth.Width(s) }

// short cuts a name in its middle, so that its beginning and its end, which
// tell names apart, both stay.
func short(s string, most int, o Options) string {
	s = Plain(s)
	if o.Wide || columns(s) <= most {
		return s
	}
	runes := []rune(s)
	head, tail := 0, len(runes)
	for room, left := most-1, true; head < tail; left = !left {
		at := head
		if !left {
			at = tail - 1
		}
		if room -= columns(string(runes[at])); room < 0 {
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

// wrapped breaks a text into lines that fit behind an indent.
func wrapped(text, indent string) string { return wrappedAt(width, text, indent) }

// wrappedAt does so for so many columns.
func wrappedAt(most int, text, indent string) string {
	var out strings.Builder
	column := 0
	for i, word := range unbroken(Plain(text)) {
		n := columns(word)
		switch {
		case i == 0:
			out.WriteString(indent)
			column = len(indent)
		case column+1+n > most:
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

// unbroken splits a text into words; what stands in backticks, a command to
// copy, is one.
func unbroken(text string) []string {
	var out []string
	inside := false
	for _, word := range strings.Fields(text) {
		if inside {
			out[len(out)-1] += " " + word
		} else {
			out = append(out, word)
		}
		inside = inside != (strings.Count(word, "`")%2 == 1)
	}
	return out
}

// position shows an offset as its number, and anything else as it is spelt.
func position(p providers.Position) string {
	if p.IsZero() {
		return "?"
	}
	return strings.TrimPrefix(Plain(p.String()), "offset:")
}

// grouped writes a number with commas.
func grouped(n int64) string { return safe.Grouped(n) }

// count writes a number of things.
func count(n int, noun string) string { return safe.Plural(n, noun) }

// paint colours a text where colours are wanted.
func (o Options) paint(code, text string) string {
	if !o.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// The colours, each for what it means and never alone in meaning it.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
)
