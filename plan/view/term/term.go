// Package term renders plans, results, statuses, locks, watches, diagnoses,
// verdicts and capabilities as text: tables and bars for a terminal, lines for
// a log. It is the only package that knows colours, column alignment and the
// libraries for both.
//
// The invariant: no line is wider than view.Width unless the reader requests
// it, and a table that does not fit becomes sentences, so that no figure is
// lost. The package never computes figures and never writes text from outside
// verbatim.
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
)

// style is a tone's style.
func style(t view.Tone) string {
	return map[view.Tone]string{view.Good: green, view.Warn: yellow, view.Bad: red, view.Faint: faint}[t]
}

// paint styles a text if colours are on.
func paint(o view.Options, style, s string) string {
	if !o.Colour {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// wrapped breaks a text into indented lines.
func wrapped(s, indent string) string { return view.Wrap(s, indent, view.Width) }

// heading writes the first line of a step or target: its action, outcome or
// state, and its id.
func heading(out *strings.Builder, word string, tone view.Tone, id string, o view.Options) {
	fmt.Fprintf(out, "\n%s  %s\n", paint(o, style(tone), view.Plain(word)), paint(o, bold, o.Short(id, 80)))
}
