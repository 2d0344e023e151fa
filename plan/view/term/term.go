// Package term renders plans, results, statuses, locks, watches, diagnoses,
// verdicts and capabilities as text: tables and bars for a terminal, lines for
// a log. It is the only package that knows colours, column alignment and the
// libraries for both.
//
// The invariant: on a terminal of at least view.LeastWidth columns no line is wider
// than it, except a digest, an address and a command, which readers copy: they are
// never broken. A table that does not fit loses columns in a fixed order and then
// becomes sentences. Without a terminal nothing is shortened. The package never
// computes figures and never writes text from outside verbatim.
package term

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/view"
)

// The styles of a terminal.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// style is a tone's style.
func style(t view.Tone) string {
	return map[view.Tone]string{view.Good: green, view.Warn: yellow, view.Bad: red, view.New: cyan, view.Faint: faint}[t]
}

// paint styles a text if colours are on.
func paint(o view.Options, style, s string) string {
	if !o.Colour {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// columns is the number of columns that output is fitted to.
func columns(o view.Options) int {
	if o.Columns == 0 {
		return view.Width
	}
	return max(o.Columns, view.LeastWidth)
}

// limited reports whether tables are fitted to the terminal.
func limited(o view.Options) bool { return o.Columns > 0 && !o.Wide }

// wrapped breaks a text into indented lines.
func wrapped(s, indent string, o view.Options) string { return view.Wrap(s, indent, columns(o)) }

// alarm is wrapped in a style, line by line.
func alarm(s, indent, style string, o view.Options) string {
	var out strings.Builder
	for line := range strings.Lines(wrapped(s, indent, o)) {
		out.WriteString(paint(o, style, strings.TrimSuffix(line, "\n")) + "\n")
	}
	return out.String()
}

// heading writes the first line of a step or target: its sign, its action, outcome or
// state, and its id.
func heading(out *strings.Builder, word string, tone view.Tone, id string, o view.Options) {
	fmt.Fprintf(out, "\n%s  %s\n", paint(o, style(tone), view.Plain(word)), paint(o, bold, o.Name(id, columns(o)-view.Columns(word)-2)))
}

// address writes an address, which is never broken, on a line of its own.
func address(out *strings.Builder, a, indent string) {
	if a != "" {
		out.WriteString(indent + view.Plain(a) + "\n")
	}
}

// labelled writes a text that is never broken behind its name, or below it if the line
// does not fit.
func labelled(out *strings.Builder, label, s string, o view.Options) {
	s = view.Plain(s)
	if limited(o) && view.Columns(label)+1+view.Columns(s) > columns(o) {
		out.WriteString(label + "\n" + s + "\n")
		return
	}
	out.WriteString(label + " " + s + "\n")
}
