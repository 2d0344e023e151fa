package main

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
)

func TestCommandLine(t *testing.T) {
	for _, c := range []struct{ name, given, want, wrong string }{
		{"flags may follow the file", "plan p.yaml --wide --run two", "plan --wide --run two -- p.yaml", ""},
		{"flags may precede the command", "--no-color plan p.yaml", "plan --no-color -- p.yaml", ""},
		{"a value may follow an equals sign", "plan --run=two p.yaml", "plan --run=two -- p.yaml", ""},
		{"a value may look like a flag", "plan --run --wide p.yaml", "plan --run --wide -- p.yaml", ""},
		{"one dash names a long flag too", "plan p.yaml -run two", "plan -run two -- p.yaml", ""},
		{"a dash alone is standard input", "plan -", "plan -- -", ""},
		{"two dashes end the flags", "plan -- --wide", "plan -- --wide", ""},
		{"a negative number is an argument", "plan -5", "plan -- -5", ""},
		{"a command may have a command of its own", "lock settle p.yaml --run k step applied", "lock settle --run k -- p.yaml step applied", ""},
		{"help may precede a command", "help lock show", "lock show --help", ""},
		{"help may follow an argument", "plan p.yaml --help", "plan --help", ""},
		{"the word help after a command is an argument", "plan help", "plan -- help", ""},
		{"help may follow an argument of a command with subcommands", "lock p.yaml --help", "lock --help", ""},
		{"help of a command with subcommands may have a short flag", "lock p.yaml x -h", "lock --help", ""},
		{"an argument named --help is not a request", "lock p.yaml -- --help", "", `unknown command "p.yaml"`},
		{"an unknown command has no help", "aply --help", "", `unknown command "aply" (did you mean apply?)`},
		{"the version has a flag", "--version", "version", ""},
		{"an empty command line stays empty", "", "", ""},
		{"an unknown command is reported with the nearest one", "aply p.yaml", "", `unknown command "aply" (did you mean apply?)`},
		{"an unknown flag is reported as written", "plan --parallelism 3 p.yaml", "", "unknown flag --parallelism"},
		{"an unknown flag is reported with the nearest one", "plan --runn=two", "", "unknown flag --runn (did you mean --run?)"},
		{"a flag without its required value", "plan p.yaml --out", "", "--out requires a value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := cmdline.Parse(newApp(process{}), commonFlags(), append([]string{"resetplan"}, strings.Fields(c.given)...))
			switch {
			case err != nil && (c.wrong == "" || !strings.HasPrefix(err.Error(), c.wrong)):
				t.Errorf("error %q, want %q", err, c.wrong)
			case err != nil && exitCode(err) != 3:
				t.Errorf("exit code %d", exitCode(err))
			case err == nil && c.wrong != "":
				t.Errorf("no error, want %q", c.wrong)
			case err == nil && strings.Join(got.Args("resetplan"), " ") != strings.TrimSpace("resetplan "+c.want):
				t.Errorf("got %q", got.Args("resetplan"))
			}
		})
	}
}
