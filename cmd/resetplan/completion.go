package main

import (
	"bytes"
	_ "embed" // the shells' scripts are part of the program
	"fmt"
	"strings"
	"text/template"

	"github.com/urfave/cli/v2"
)

var (
	//go:embed completion/bash.tmpl
	bashScript string
	//go:embed completion/zsh.tmpl
	zshScript string
	//go:embed completion/fish.tmpl
	fishScript string
)

func completionCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print a shell's completion script: bash, zsh or fish", ArgsUsage: "bash|zsh|fish",
		Description: "Example: source <(resetplan completion bash)",
		Action: func(c *cli.Context) error {
			scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
			text := scripts[c.Args().First()]
			if text == "" || c.NArg() != 1 {
				return usage("completion prints bash, zsh or fish")
			}
			return complete(w, text, c.App)
		},
	}
}

// A word is a command or a flag, as a completion script shows it.
type word struct {
	Name  string
	Usage string
	Flags []word
	Words []word
}

func complete(w world, text string, app *cli.App) error {
	t, err := template.New("").Funcs(template.FuncMap{"names": names, "quote": shellQuote}).Parse(text)
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, words(app.Commands)); err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	_, err = w.stdout.Write(out.Bytes())
	return err
}

func words(commands []*cli.Command) []word {
	var out []word
	for _, c := range commands {
		one := word{Name: c.Name, Usage: c.Usage, Words: words(c.Subcommands)}
		for _, f := range c.Flags {
			about := ""
			if d, ok := f.(cli.DocGenerationFlag); ok {
				about = strings.ReplaceAll(d.GetUsage(), "`", "")
			}
			one.Flags = append(one.Flags, word{Name: f.Names()[0], Usage: about})
		}
		out = append(out, one)
	}
	return out
}

func names(prefix string, ws []word) string {
	var out []string
	for _, w := range ws {
		out = append(out, prefix+w.Name)
	}
	return strings.Join(out, " ")
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
