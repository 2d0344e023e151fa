package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// An offer is what may come next on a command line.
type offer struct {
	words []candidate
	files bool // or the name of a file
}

type candidate struct{ text, about string }

// offers says what may come next behind whole words; what is offered begins
// with last.
func (w world) offers(app *cli.App, before []string, last string) *offer {
	t := &typing{w: w, commands: app.Commands, flags: commonFlags()}
	for _, word := range before {
		t.take(word)
	}
	o := t.next(last)
	o.words = slices.DeleteFunc(o.words, func(c candidate) bool { return !strings.HasPrefix(c.text, last) })
	return o
}

// typing is a command line as far as it is understood. Unlike a call it may
// be wrong: then there is nothing to offer.
type typing struct {
	w        world
	commands []*cli.Command // those that may come next
	command  *cli.Command
	flags    []cli.Flag
	pending  cli.Flag // the next word is its value
	values   map[string]string
	args     []string
	ended    bool // behind --
}

func (t *typing) take(word string) {
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
			t.take(value)
		}
	}
}

func (t *typing) name(word string) {
	for _, c := range t.commands {
		if c.HasName(word) {
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

func (t *typing) flag(name string) cli.Flag {
	i := slices.IndexFunc(t.flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return t.flags[i]
}

func (t *typing) set(f cli.Flag, value string) {
	if t.values == nil {
		t.values = map[string]string{}
	}
	t.values[f.Names()[0]] = value
}

// next says what the next word may be.
func (t *typing) next(last string) *offer {
	if t.pending != nil {
		return t.valueOf(t.pending, last)
	}
	written, _, joined := strings.Cut(last, "=")
	if f := t.flag(strings.TrimLeft(written, "-")); joined && !t.ended && strings.HasPrefix(last, "-") && f != nil {
		o := t.valueOf(f, strings.TrimPrefix(last, written+"="))
		for i := range o.words {
			o.words[i].text = written + "=" + o.words[i].text
		}
		return o
	}
	switch {
	case strings.HasPrefix(last, "-") && !t.ended:
		return &offer{words: flagNames(t.flags)}
	case len(t.commands) > 0:
		return &offer{words: commandNames(t.commands)}
	case t.command != nil:
		return t.argument()
	}
	return &offer{}
}

func flagNames(flags []cli.Flag) []candidate {
	var out []candidate
	for _, f := range flags {
		about := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			about = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		out = append(out, candidate{"--" + f.Names()[0], about})
	}
	return out
}

func commandNames(commands []*cli.Command) []candidate {
	var out []candidate
	for _, c := range commands {
		if !c.Hidden {
			out = append(out, candidate{c.Name, c.Usage})
		}
	}
	return out
}

// argument says what a command's next argument may be. Where the help names
// words to choose from, bash|zsh|fish, they are offered.
func (t *typing) argument() *offer {
	wanted := strings.Fields(strings.Trim(t.command.ArgsUsage, "[]"))
	at := min(len(t.args), len(wanted)-1)
	if at < 0 || len(t.args) >= len(wanted) && !strings.HasSuffix(t.command.ArgsUsage, "...") {
		return &offer{}
	}
	switch what := wanted[at]; {
	case strings.Contains(what, "|") && strings.ToLower(what) == what:
		return choices(strings.Split(what, "|"))
	case what == "STEP":
		return t.steps()
	case t.command.Name == "__complete":
		return &offer{}
	}
	return &offer{files: true}
}
