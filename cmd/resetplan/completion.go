package main

import (
	_ "embed" // for the shells' scripts
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/complete"
	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

var (
	//go:embed completion/resetplan.bash
	bashScript string
	//go:embed completion/resetplan.zsh
	zshScript string
	//go:embed completion/resetplan.fish
	fishScript string
	//go:embed completion/resetplan.ps1
	powershellScript string
)

func completionCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script for bash, zsh, fish or PowerShell", ArgsUsage: "bash|zsh|fish|powershell",
		Description: "Completes commands, flags and files, and the parameters, steps and runs of a plan and its lock.\n\n" +
			"In ~/.bashrc: source <(resetplan completion bash)\n" +
			"In the profile of PowerShell: resetplan completion powershell | Out-String | Invoke-Expression\n\nExample: resetplan completion bash",
		Action: func(c *cli.Context) error {
			scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript, "powershell": powershellScript}
			text := scripts[c.Args().First()]
			if text == "" || c.NArg() != 1 {
				return usage("completion requires one shell: bash, zsh, fish or powershell")
			}
			_, err := fmt.Fprint(proc.stdout, text)
			return err
		},
	}
}

// completeCommand answers the completion scripts. It is hidden, because it is not
// for people, and its form may change with the scripts.
//
// The words up to the cursor follow --, the last one possibly incomplete; with
// --line they are one line, quoted as in the shell, whose own words also end at
// --breaks. With --next the last word is empty and is not passed, because Windows
// PowerShell passes no empty words. The first line of the answer is "files" if a file name may come next,
// else "words"; each further line has a word, a tab and its description. If
// something cannot be read, less is offered and no error is printed: a shell would
// print it into the line that is being typed.
func completeCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "__complete", Usage: "answer a completion script", ArgsUsage: "-- WORD...", Hidden: true,
		Description: "Example: resetplan __complete -- plan --for",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "line", Usage: "the words are one line, quoted as in the shell"},
			&cli.BoolFlag{Name: "next", Usage: "another, empty word follows"},
			&cli.StringFlag{Name: "breaks", Usage: "the `CHARACTERS` besides spaces at which the shell's words end"},
		},
		Action: func(c *cli.Context) error {
			words, prefix := c.Args().Slice(), 0
			quote := func(s string) string { return s }
			if c.Bool("line") {
				line := complete.SplitShellLine(c.Args().First(), c.String("breaks"))
				words, prefix, quote = line.Words[min(1, len(line.Words)):], line.Prefix, line.Quote
			}
			if len(words) == 0 || c.Bool("next") {
				words = append(words, "")
			}
			program := complete.Program{App: c.App, CommonFlags: commonFlags(), Home: proc.home, LockFile: lockFile, Connections: proc.connectionsOf}
			return proc.writeOffer(program.After(words[:len(words)-1], words[len(words)-1]), prefix, quote)
		},
	}
}

// connectionsOf returns the connections of the operator's configuration, for a
// completion: none if it cannot be read.
func (proc process) connectionsOf(config string) []schema.Provider {
	own, err := operator.Load(operator.Search{Flag: config, Getenv: proc.getenv, Folder: proc.configDir})
	if err != nil {
		return nil
	}
	return own.Connections
}

// writeOffer prints the answer, each word without its prefix, which the shell does
// not replace.
func (proc process) writeOffer(o *complete.Offer, prefix int, quote func(string) string) error {
	kind := "words"
	if o.Files {
		kind = "files"
	}
	var out strings.Builder
	out.WriteString(kind + "\n")
	for _, c := range o.Words {
		if strings.ContainsAny(c.Text, "\n\t") || view.Plain(c.Text) != c.Text || len(c.Text) < prefix {
			continue // a name that cannot be typed
		}
		out.WriteString(quote(c.Text[prefix:]) + "\t" + view.Plain(c.Description) + "\n")
	}
	_, err := fmt.Fprint(proc.stdout, out.String())
	return err
}
