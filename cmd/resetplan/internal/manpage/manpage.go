// Package manpage renders the help of a command line program as one manual page
// in the macros of man(7). The invariant: every text is escaped for roff, so
// that no help text can become a request.
package manpage

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/urfave/cli/v2"
)

// A Term is a name with its explanation.
type Term struct{ Name, Text string }

// A Page is what a manual page has besides the help of the commands.
type Page struct {
	CommonFlags []cli.Flag // the flags of every command, listed once
	Shared      Shared     // the flags of several commands, listed once
	Files       []Term
	Environment []Term
}

// Shared are flags that several commands have, in a section of their own.
type Shared struct {
	Title, Text string
	Flags       []cli.Flag
}

// Render returns the help of all commands of a program as one page. The program's
// description ends with a paragraph of exit codes.
func Render(app *cli.App, page Page) string {
	r := &roffWriter{common: page.CommonFlags, shared: page.Shared.Flags}
	r.line(`.TH ` + strings.ToUpper(app.Name) + ` 1 "" "` + app.Name + `" "User Commands"`)
	r.section("NAME")
	r.line(app.Name + ` \- ` + escape(app.Usage))
	r.section("SYNOPSIS")
	commands := runnable(app.Commands, app.Name)
	for _, c := range commands {
		r.line(".B " + escape(c.path))
		r.line("[options] " + escape(c.ArgsUsage))
		r.line(".br")
	}
	about, codes, _ := strings.Cut(app.Description, "\n\n")
	r.section("DESCRIPTION")
	r.paragraph(about)
	r.section("COMMANDS")
	for _, c := range commands {
		r.command(c)
	}
	r.section(page.Shared.Title)
	r.paragraph(page.Shared.Text)
	r.groups(page.Shared.Flags)
	r.section("COMMON OPTIONS")
	r.options(page.CommonFlags)
	r.section("EXIT STATUS")
	r.paragraph(strings.TrimPrefix(codes, "Exit codes: "))
	r.section("FILES")
	for _, t := range page.Files {
		r.term(t)
	}
	r.section("ENVIRONMENT")
	for _, t := range page.Environment {
		r.term(t)
	}
	return r.String()
}

// A runnableCommand is a command without commands of its own, with the words that call it.
type runnableCommand struct {
	path string
	*cli.Command
}

func runnable(commands []*cli.Command, prefix string) []runnableCommand {
	var out []runnableCommand
	for _, c := range commands {
		switch path := prefix + " " + c.Name; {
		case c.Hidden:
		case len(c.Subcommands) == 0:
			out = append(out, runnableCommand{path, c})
		default:
			out = append(out, runnable(c.Subcommands, path)...)
		}
	}
	return out
}

// A roffWriter writes in the macros of man(7).
type roffWriter struct {
	strings.Builder
	common, shared []cli.Flag
}

func (r *roffWriter) command(c runnableCommand) {
	r.line(".SS " + escape(c.path+" "+c.ArgsUsage))
	r.paragraph(capitalized(c.Usage) + ".")
	for _, paragraph := range strings.Split(c.Description, "\n\n") {
		r.paragraph(paragraph)
	}
	elsewhere := map[string]bool{"help": true}
	for _, f := range r.common {
		elsewhere[f.Names()[0]] = true
	}
	for _, f := range r.shared {
		if d, ok := f.(cli.CategorizableFlag); ok && d.GetCategory() != "" {
			elsewhere[f.Names()[0]] = elsewhere[f.Names()[0]] || grouped(c.Flags, f.Names()[0])
		}
	}
	r.options(slices.DeleteFunc(slices.Clone(c.Flags), func(f cli.Flag) bool { return elsewhere[f.Names()[0]] }))
}

// groups writes flags with the titles of their groups.
func (r *roffWriter) groups(flags []cli.Flag) {
	title := ""
	for _, f := range flags {
		if g, ok := f.(cli.CategorizableFlag); ok && g.GetCategory() != title {
			title = g.GetCategory()
			r.paragraph(title + ":")
		}
		r.options([]cli.Flag{f})
	}
}

// grouped reports whether a command's flag is in a group, and thereby a shared one.
func grouped(flags []cli.Flag, name string) bool {
	return slices.ContainsFunc(flags, func(f cli.Flag) bool {
		d, ok := f.(cli.CategorizableFlag)
		return ok && f.Names()[0] == name && d.GetCategory() != ""
	})
}

func (r *roffWriter) options(flags []cli.Flag) {
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		usage := capitalized(strings.ReplaceAll(d.GetUsage(), "`", "")) + "."
		if text := cmdline.Default(f); text != "" {
			usage += " Default: " + text + "."
		}
		r.term(Term{cmdline.Written(f), usage})
	}
}

func capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (r *roffWriter) line(text string)     { r.WriteString(text + "\n") }
func (r *roffWriter) section(title string) { r.line(".SH " + title) }
func (r *roffWriter) term(t Term)          { r.line(".TP\n.B " + escape(t.Name) + "\n" + escape(t.Text)) }

// paragraph writes a paragraph. Indented lines, such as those of a table, keep
// their line breaks.
func (r *roffWriter) paragraph(text string) {
	text = strings.Trim(text, "\n")
	if text == "" {
		return
	}
	r.line(".PP")
	if strings.Contains("\n"+text, "\n  ") || strings.HasPrefix(text, "Example: ") {
		r.line(".nf\n" + escape(text) + "\n.fi")
		return
	}
	r.line(escape(text))
}

// escape returns a text in which nothing is a request of roff: backslashes and
// dots or quotes at the start of a line are escaped, dashes can be copied, and
// all characters are ASCII.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "…", "...", "–", `\(en`, "×", `\(mu`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
