// Package view holds what all views share: their options, JSON, and parts,
// outcomes and impacts reduced to what is displayed. The packages below it
// render plans, statuses, locks and diagnoses in one medium each: term for
// terminals and logs, markdown, html, and commands for shell scripts.
//
// The invariant: a view lays out and never computes figures. Each figure comes
// from the packages of plan; a view adds up or spans only the parts that it
// shows in one row. Names and messages come from services and documents, and
// nothing in them that controls a terminal reaches the output, in text and JSON
// alike. The views contact no service, read no clock and decide nothing.
package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/resetplan/resetplan/plan/text"
)

// Options control how a view for people looks.
type Options struct {
	Wide    bool   // one line per group and part, full names, no limit on the line length
	Colour  bool   // ANSI colours
	Columns int    // of the terminal; 0 = no terminal, so that nothing is shortened
	File    string // the plan or lock file that commands in hints name
	// Flags are the flags of this call that a command in a hint repeats, and Version is
	// this program's.
	Flags   []string
	Version string
}

// JSON writes one indented document with a final newline. Characters that
// control a terminal are written as JSON escapes, so that they round-trip.
func JSON(w io.Writer, v any) error { return writeJSON(w, v, "  ") }

// JSONLine writes one object on one line.
func JSONLine(w io.Writer, v any) error { return writeJSON(w, v, "") }

func writeJSON(w io.Writer, v any, indent string) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(out.String()))
	return err
}

// escaped writes the unsafe characters of a JSON text, which occur only inside
// its strings, as \u escapes.
func escaped(s string) string {
	return text.Escape(s, func(r rune, _ int) string {
		switch {
		case r == '\n':
			return "\n"
		case r > 0xFFFF:
			r -= 0x10000
			return fmt.Sprintf(`\u%04x\u%04x`, 0xD800+(r>>10), 0xDC00+(r&0x3FF))
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
}
