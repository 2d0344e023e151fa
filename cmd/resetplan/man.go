package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

func manCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "man", Usage: "print the manual page",
		Description: "It is made of the same words as --help; `resetplan help --man` is the same.\n\nExample: resetplan man | man -l -",
		Action: func(c *cli.Context) error {
			_, err := fmt.Fprint(w.stdout, manual(c.App))
			return err
		},
	}
}

// A roffPage is a manual page in the macros of man(7). Every text that reaches it
// is made harmless for roff on its way.
type roffPage struct{ strings.Builder }

// manual lays the help of all commands out as one page.
func manual(app *cli.App) string {
	p := &roffPage{}
	p.line(`.TH RESETPLAN 1 "" "resetplan" "User Commands"`)
	p.section("NAME")
	p.line(app.Name + ` \- ` + roff(app.Usage))
	p.section("SYNOPSIS")
	for _, c := range visible(app.Commands) {
		for _, l := range leavesOf(c) {
			p.line(".B " + roff(app.Name+" "+l.path))
			p.line("[options] " + roff(l.command.ArgsUsage))
			p.line(".br")
		}
	}
	about, codes, _ := strings.Cut(app.Description, "\n\n")
	p.section("DESCRIPTION")
	p.prose(about)
	p.section("COMMANDS")
	for _, c := range visible(app.Commands) {
		for _, l := range leavesOf(c) {
			p.command(app.Name, l)
		}
	}
	p.section("COMMON OPTIONS")
	p.options(commonFlags())
	p.section("EXIT STATUS")
	p.prose(strings.TrimPrefix(codes, "Exit codes: "))
	p.section("FILES")
	p.term("PLAN.yaml", "A reset plan; `resetplan schema` prints its schema, whose descriptions are the manual of the format.")
	p.term("PLAN.lock.yaml", "What was done, and what stood there before. It is meant to be committed beside the plan.")
	p.term("PLAN.lock.journal", "What an apply that is under way, or was cut off, has sent. The next one folds it into the lock.")
	p.section("ENVIRONMENT")
	p.term("NO_COLOR", "No colours, as with --no-color. Credentials come from the variables that each vendor's own tools read; `resetplan providers` and the README name them.")
	return p.String()
}

// A leaf is a command that does something, with the words that call it.
type leaf struct {
	path    string
	command *cli.Command
}

func visible(commands []*cli.Command) []*cli.Command {
	return slices.DeleteFunc(slices.Clone(commands), func(c *cli.Command) bool { return c.Hidden })
}

func leavesOf(c *cli.Command) []leaf {
	if len(c.Subcommands) == 0 {
		return []leaf{{c.Name, c}}
	}
	var out []leaf
	for _, s := range visible(c.Subcommands) {
		for _, l := range leavesOf(s) {
			out = append(out, leaf{c.Name + " " + l.path, l.command})
		}
	}
	return out
}

func (p *roffPage) command(program string, l leaf) {
	p.line(".SS " + roff(program+" "+l.path+" "+l.command.ArgsUsage))
	p.prose(upper(l.command.Usage) + ".")
	for _, paragraph := range strings.Split(l.command.Description, "\n\n") {
		p.prose(paragraph)
	}
	common := map[string]bool{}
	for _, f := range commonFlags() {
		common[f.Names()[0]] = true
	}
	p.options(slices.DeleteFunc(slices.Clone(l.command.Flags), func(f cli.Flag) bool { return common[f.Names()[0]] || f.Names()[0] == "help" }))
}

func (p *roffPage) options(flags []cli.Flag) {
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		names := make([]string, 0, len(f.Names()))
		for _, n := range f.Names() {
			names = append(names, strings.Repeat("-", min(len(n), 2))+n)
		}
		slices.SortFunc(names, func(a, b string) int { return len(a) - len(b) })
		usage := d.GetUsage()
		if d.TakesValue() {
			names[len(names)-1] += " " + placeholder(usage)
		}
		usage = upper(strings.ReplaceAll(usage, "`", "")) + "."
		if text := d.GetDefaultText(); d.TakesValue() && text != "" {
			usage += " Default: " + strings.Trim(text, `"`) + "."
		}
		p.term(strings.Join(names, ", "), usage)
	}
}

// placeholder is what a usage puts between backticks, else VALUE.
func placeholder(usage string) string {
	if parts := strings.SplitN(usage, "`", 3); len(parts) == 3 {
		return parts[1]
	}
	return "VALUE"
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (p *roffPage) line(text string)       { p.WriteString(text + "\n") }
func (p *roffPage) section(title string)   { p.line(".SH " + title) }
func (p *roffPage) term(name, text string) { p.line(".TP\n.B " + roff(name) + "\n" + roff(text)) }

// prose writes a paragraph; lines that are indented, a table, stay as they are.
func (p *roffPage) prose(text string) {
	text = strings.Trim(text, "\n")
	if text == "" {
		return
	}
	p.line(".PP")
	if strings.Contains("\n"+text, "\n  ") || strings.HasPrefix(text, "Example: ") {
		p.line(".nf\n" + roff(text) + "\n.fi")
		return
	}
	p.line(roff(text))
}

// roff writes a text so that nothing in it is a request: no backslash, no dot
// or quote that begins a line, dashes that can be copied, and ASCII alone.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "`", `\(ga`, "'", `\(aq`, "…", "...", "–", `\(en`, "×", `\(mu`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
