// Package helptext lays out the help of a command for a terminal: sentences are
// wrapped, and flags are listed in groups. The invariant: no line is wider than the
// width, except a word that is, a usage and an example.
package helptext

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/urfave/cli/v2"
)

// Width is the width of help texts in columns, if the terminal is not narrower.
const Width = 80

// least is the number of columns of the narrowest terminal that help is fitted to.
const least = 60

const (
	indent = 3  // of the text below a title
	column = 28 // at which the usage of a flag starts
)

// App returns the help of the program for a terminal of so many columns; 0 = none.
func App(app *cli.App, common []cli.Flag, columns int) string {
	w := newWriter(columns)
	w.title("NAME")
	w.text(app.Name + " - " + app.Usage)
	w.title("USAGE")
	w.text(app.Name + " COMMAND [options]")
	w.title("DESCRIPTION")
	w.paragraphs(app.Description)
	w.title("COMMANDS")
	w.commands(app.Commands)
	w.title("COMMON OPTIONS")
	w.flags(append(slices.Clone(common), helpFlag()))
	return w.String()
}

// Command returns the help of a command that is called by a path, such as
// "resetplan lock show".
func Command(c *cli.Command, path string, common []cli.Flag, columns int) string {
	w := newWriter(columns)
	w.title("NAME")
	w.text(path + " - " + c.Usage)
	w.title("USAGE")
	switch {
	case c.UsageText != "":
		w.paragraphs("  " + strings.ReplaceAll(c.UsageText, "\n", "\n  "))
	case len(c.Subcommands) > 0:
		w.text(path + " COMMAND [options]")
	default:
		w.text(strings.TrimSpace(path + " [options] " + c.ArgsUsage))
	}
	if c.Description != "" {
		w.title("DESCRIPTION")
		w.paragraphs(c.Description)
	}
	if len(c.Subcommands) > 0 {
		w.title("COMMANDS")
		w.commands(c.Subcommands)
	}
	isCommon := func(f cli.Flag) bool { return f.Names()[0] == "help" || cmdline.Has(common, f.Names()[0]) }
	own := slices.DeleteFunc(slices.Clone(c.Flags), isCommon)
	for _, group := range groupsOf(own) {
		title := group
		if title == "" {
			title = "OPTIONS"
		}
		w.title(title)
		w.flags(slices.DeleteFunc(slices.Clone(own), func(f cli.Flag) bool { return groupOf(f) != group }))
	}
	w.title("COMMON OPTIONS")
	w.flags(append(slices.Clone(common), helpFlag()))
	return w.String()
}

func helpFlag() cli.Flag {
	return &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help"}
}

// groupOf returns the group of a flag, "" for the first one.
func groupOf(f cli.Flag) string {
	if c, ok := f.(cli.CategorizableFlag); ok {
		return c.GetCategory()
	}
	return ""
}

// groupsOf returns the groups in the order of their first flags, after those without a group.
func groupsOf(flags []cli.Flag) []string {
	var out []string
	for _, f := range flags {
		if g := groupOf(f); g != "" && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	if slices.ContainsFunc(flags, func(f cli.Flag) bool { return groupOf(f) == "" }) {
		return append([]string{""}, out...)
	}
	return out
}

type writer struct {
	strings.Builder
	width int
}

func newWriter(columns int) *writer {
	if columns == 0 {
		columns = Width
	}
	return &writer{width: max(least, min(columns, Width))}
}

func (w *writer) title(text string) {
	if w.Len() > 0 {
		w.WriteString("\n")
	}
	w.WriteString(strings.ToUpper(text[:1]) + text[1:] + ":\n")
}

// text writes a sentence, wrapped.
func (w *writer) text(sentence string) {
	w.WriteString(strings.Repeat(" ", indent) + w.wrap(sentence, indent, indent) + "\n")
}

// paragraphs writes paragraphs that are separated by empty lines. The lines of an
// example, and those that are indented, are kept.
func (w *writer) paragraphs(text string) {
	for i, p := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			w.WriteString("\n")
		}
		if !strings.HasPrefix(p, "Example: ") && !strings.Contains("\n"+p, "\n  ") {
			w.text(strings.ReplaceAll(p, "\n", " "))
			continue
		}
		for _, line := range strings.Split(p, "\n") {
			w.line(strings.TrimPrefix(line, "  "))
		}
	}
}

// line writes a line that keeps its spaces. A row of a table that is too wide goes on
// below its last column.
func (w *writer) line(text string) {
	gap := strings.LastIndex(text, "  ") + 2
	row := strings.Repeat(" ", indent) + text
	if at := indent + gap; gap > 2 && len([]rune(row)) > w.width {
		row = row[:at] + w.wrap(row[at:], at, at)
	}
	w.WriteString(row + "\n")
}

func (w *writer) commands(all []*cli.Command) {
	for _, c := range all {
		if !c.Hidden {
			w.entry(c.Name, c.Usage, 16)
		}
	}
}

// flags writes one entry per flag.
func (w *writer) flags(all []cli.Flag) {
	for _, f := range all {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		usage := strings.ReplaceAll(d.GetUsage(), "`", "")
		if text := cmdline.Default(f); text != "" {
			usage += " (default: " + text + ")"
		}
		w.entry(cmdline.Written(f), usage, column)
	}
}

// entry writes a name and its explanation, which starts at a column.
func (w *writer) entry(name, text string, at int) {
	line := strings.Repeat(" ", indent) + name
	if len(line)+2 > at {
		w.WriteString(line + "\n")
		line = ""
	}
	w.WriteString(line + strings.Repeat(" ", at-len(line)) + w.wrap(text, at, at) + "\n")
}

// wrap breaks a sentence whose first line starts at a column, and whose others are
// indented.
func (w *writer) wrap(sentence string, at, indent int) string {
	var out strings.Builder
	for i, word := range strings.Fields(sentence) {
		switch n := len([]rune(word)); {
		case i == 0:
			at += n
		case at+1+n > w.width:
			out.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent + n
		default:
			out.WriteString(" ")
			at += 1 + n
		}
		out.WriteString(word)
	}
	return out.String()
}
