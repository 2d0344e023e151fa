// Package view lays plans, results, statuses, watches, diagnoses, locks and
// capabilities out for eyes and programs. It lays out and never counts: every figure of records comes from
// the packages of plan, and what is shown of several parts at once is their sum or
// their span.
//
// Names and messages come from services and documents. The invariant: nothing
// in them that a terminal would act on reaches the output, in tables and JSON
// alike. The package asks no service, reads no clock and decides nothing.
package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	safe "github.com/resetplan/resetplan/plan/text"
)

// Options say how a view for a person looks.
type Options struct {
	Wide   bool   // every part in a line of its own, names in full, as many columns as it takes
	Colour bool   // ANSI colours
	File   string // what commands in hints call the plan or its lock
}

// width is how many columns a table takes at the most, unless it is wide.
const width = 100

// JSON writes one document, indented, with a final newline. What a terminal
// would act on is written as an escape of JSON, which reads back as it was.
func JSON(w io.Writer, v any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(out.String()))
	return err
}

// JSONLine writes one object in one line.
func JSONLine(w io.Writer, v any) error {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(out.String()))
	return err
}

// escaped writes the harmful characters of a JSON text, which stand only
// inside its strings, as \u escapes.
func escaped(text string) string {
	return safe.Escape(text, func(r rune, _ int) string {
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
