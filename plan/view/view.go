// Package view lays plans, results, locks and capabilities out for eyes and
// programs. It lays out and never counts: every figure comes from package
// plan.
//
// Names and messages come from services and documents; what a terminal would
// act on in them is made visible before it is shown.
package view

import (
	"encoding/json"
	"io"
	"strings"
	"unicode"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Options say how a view for a person looks.
type Options struct {
	Wide   bool // every part in a line of its own, names in full
	Colour bool // ANSI colours
}

// width is how many columns a view takes at the most, unless it is wide.
const width = 100

// JSON writes one document, indented.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// table writes rows in aligned columns, without lines. right says which
// columns hold numbers.
func table(w io.Writer, head []string, right []bool, rows [][]string) error {
	lines, err := aligned(head, right, rows)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Join(lines, ""))
	return err
}

// aligned returns the line of the head and a line a row.
func aligned(head []string, right []bool, rows [][]string) ([]string, error) {
	align := make(tw.Alignment, len(head))
	for i := range align {
		align[i] = tw.AlignLeft
		if right[i] {
			align[i] = tw.AlignRight
		}
	}
	var out strings.Builder
	t := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off}, Lines: tw.Lines{ShowHeaderLine: tw.Off}},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	t.Header(head)
	if err := t.Bulk(rows); err != nil {
		return nil, err
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		lines = append(lines, " "+strings.TrimRight(l, " \n")+"\n")
	}
	return lines, nil
}

// plain makes foreign text safe to show: one line, nothing that a terminal
// acts on.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return '�'
		}
		return r
	}, s)
}

// short cuts a name in its middle.
func short(s string, most int, o Options) string {
	r := []rune(plain(s))
	if o.Wide || len(r) <= most {
		return string(r)
	}
	head := (most - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(most-1-head):])
}

// wrapped breaks a text into lines that fit behind an indent.
func wrapped(text, indent string) string {
	var out strings.Builder
	column := 0
	for i, word := range unbroken(plain(text)) {
		n := len([]rune(word))
		switch {
		case i == 0:
			out.WriteString(indent)
			column = len(indent)
		case column+1+n > width:
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
