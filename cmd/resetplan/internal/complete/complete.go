// Package complete answers what may come next on a command line that is being
// typed: commands, flags, their values, and what a plan and its lock name. The
// invariant: it reads local files only and never fails; if something cannot be
// read, there is less to offer.
package complete

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/adhoc"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// An Offer is what may come next on a command line.
type Offer struct {
	Words []Candidate
	Files bool // or the name of a file
}

// A Candidate is a word with its description.
type Candidate struct{ Text, Description string }

// A Program is the program whose command lines are completed.
type Program struct {
	App         *cli.App
	CommonFlags []cli.Flag
	Home        string                                     // what ~ in a path means
	LockFile    func(name string) (path string, err error) // the lock that an argument names: itself, or a plan's
	Connections func(config string) []schema.Provider      // of the operator's configuration, in a file or at its place for ""
}

// After returns what may come next after complete words: words that begin with last.
func (p Program) After(before []string, last string) *Offer {
	t := &typedLine{program: p, commands: p.App.Commands, flags: p.CommonFlags}
	for _, word := range before {
		t.read(word)
	}
	o := t.next(last)
	o.Words = slices.DeleteFunc(o.Words, func(c Candidate) bool { return !strings.HasPrefix(c.Text, last) })
	return o
}

// A typedLine is a command line up to the cursor, as far as it is understood. It
// may be invalid: then there is nothing to offer.
type typedLine struct {
	program  Program
	commands []*cli.Command // those that may come next
	command  *cli.Command
	flags    []cli.Flag
	pending  cli.Flag // the next word is its value
	values   map[string]string
	args     []string
	ended    bool // after --
}

func (t *typedLine) read(word string) {
	switch {
	case t.pending != nil:
		t.set(t.pending, word)
		t.pending = nil
	case t.ended || word == "-" || !strings.HasPrefix(word, "-"):
		t.name(word)
	case word == "--":
		t.ended = true
	default:
		written, value, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		f := t.flag(written)
		if _, isBool := f.(*cli.BoolFlag); f == nil || isBool {
			return
		}
		if t.pending = f; joined {
			t.read(value)
		}
	}
}

func (t *typedLine) name(word string) {
	for _, c := range t.commands {
		if c.HasName(word) {
			cmdline.Derive(c)
			t.command, t.commands, t.flags = c, c.Subcommands, append(c.Flags, helpFlag())
			return
		}
	}
	if t.command != nil {
		t.args = append(t.args, word)
	}
}

func helpFlag() cli.Flag {
	return &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show help"}
}

func (t *typedLine) flag(name string) cli.Flag {
	i := slices.IndexFunc(t.flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return t.flags[i]
}

func (t *typedLine) set(f cli.Flag, value string) {
	if t.values == nil {
		t.values = map[string]string{}
	}
	t.values[f.Names()[0]] = value
}

// next returns what the next word may be.
func (t *typedLine) next(last string) *Offer {
	if t.pending != nil {
		return t.valueOf(t.pending, last)
	}
	written, _, joined := strings.Cut(last, "=")
	if f := t.flag(strings.TrimLeft(written, "-")); joined && !t.ended && strings.HasPrefix(last, "-") && f != nil {
		o := t.valueOf(f, strings.TrimPrefix(last, written+"="))
		for i := range o.Words {
			o.Words[i].Text = written + "=" + o.Words[i].Text
		}
		return o
	}
	switch {
	case strings.HasPrefix(last, "-") && !t.ended:
		return &Offer{Words: flagNames(t.offered())}
	case len(t.commands) > 0:
		return &Offer{Words: commandNames(t.commands)}
	case t.command != nil:
		return t.argument()
	}
	return &Offer{}
}

// offered returns the flags that may come next: not those of another type of
// provider than the one on the line.
func (t *typedLine) offered() []cli.Flag {
	kind := t.values["provider"]
	if kind == "" {
		return t.flags
	}
	return slices.DeleteFunc(slices.Clone(t.flags), func(f cli.Flag) bool { return adhoc.Foreign(f.Names()[0], kind) })
}

func flagNames(flags []cli.Flag) []Candidate {
	var out []Candidate
	for _, f := range flags {
		description := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			description = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		out = append(out, Candidate{"--" + f.Names()[0], description})
	}
	return out
}

func commandNames(commands []*cli.Command) []Candidate {
	var out []Candidate
	for _, c := range commands {
		if !c.Hidden {
			out = append(out, Candidate{c.Name, c.Usage})
		}
	}
	return out
}

// argument returns what a command's next argument may be. If the usage lists
// words to choose from, such as bash|zsh|fish, they are offered.
func (t *typedLine) argument() *Offer {
	expected := strings.Fields(strings.Trim(t.command.ArgsUsage, "[]"))
	at := min(len(t.args), len(expected)-1)
	if at < 0 || len(t.args) >= len(expected) && !strings.HasSuffix(t.command.ArgsUsage, "...") {
		return &Offer{}
	}
	switch what := expected[at]; {
	case strings.Contains(what, "|") && strings.ToLower(what) == what:
		return choices(strings.Split(what, "|"))
	case what == "STEP":
		return t.steps()
	case t.command.Hidden:
		return &Offer{}
	}
	return &Offer{Files: true}
}
