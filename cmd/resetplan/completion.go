package main

import (
	_ "embed" // the shells' scripts are part of the program
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

var (
	//go:embed completion/resetplan.bash
	bashScript string
	//go:embed completion/resetplan.zsh
	zshScript string
	//go:embed completion/resetplan.fish
	fishScript string
)

func completionCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print a shell's completion script: bash, zsh or fish", ArgsUsage: "bash|zsh|fish",
		Description: "It completes commands, flags, files, and what a plan and its lock hold: parameters, steps and runs.\n\n" +
			"Example: resetplan completion bash > ~/.local/share/bash-completion/completions/resetplan",
		Action: func(c *cli.Context) error {
			scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
			text := scripts[c.Args().First()]
			if text == "" || c.NArg() != 1 {
				return usage("completion prints bash, zsh or fish")
			}
			_, err := fmt.Fprint(w.stdout, text)
			return err
		},
	}
}

// completeCommand answers the completion scripts. It is no command for people
// and stands in no list: its form may change with the scripts.
//
// The words typed so far come behind --, the last one as far as it is typed;
// with --line they come as one line, quoted as they are in a shell, whose own
// words end at --breaks too. The answer's first line is `files` where the name
// of a file may stand, else `words`; then come a line a word: the word, a tab,
// what it is. Where something cannot be read there is less to offer, and no
// error: a shell would print it into the line that is being typed.
func completeCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "__complete", Usage: "answer a completion script", ArgsUsage: "-- WORD...", Hidden: true,
		Description: "Example: resetplan __complete -- plan --for",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "line", Usage: "the words stand in one line"},
			&cli.StringFlag{Name: "breaks", Usage: "the characters at which the shell's own words end, beside spaces"},
		},
		Action: func(c *cli.Context) error {
			words, cut := c.Args().Slice(), 0
			quote := func(s string) string { return s }
			if c.Bool("line") {
				typed := splitLine(c.Args().First(), c.String("breaks"))
				words, cut, quote = typed.words[min(1, len(typed.words)):], typed.cut, typed.quote
			}
			if len(words) == 0 {
				words = []string{""}
			}
			o := w.offers(c.App, words[:len(words)-1], words[len(words)-1])
			return o.write(w, cut, quote)
		},
	}
}

// write answers with what is offered, each word without its first bytes, which
// the shell does not replace.
func (o *offer) write(w world, cut int, quote func(string) string) error {
	kind := "words"
	if o.files {
		kind = "files"
	}
	var out strings.Builder
	out.WriteString(kind + "\n")
	for _, c := range o.words {
		if strings.ContainsAny(c.text, "\n\t") || view.Plain(c.text) != c.text || len(c.text) < cut {
			continue // a name that cannot be typed
		}
		out.WriteString(quote(c.text[cut:]) + "\t" + view.Plain(c.about) + "\n")
	}
	_, err := fmt.Fprint(w.stdout, out.String())
	return err
}
