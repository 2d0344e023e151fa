package main

import (
	"strings"
	"testing"
)

func TestArrange(t *testing.T) {
	for _, c := range []struct{ name, given, want, fault string }{
		{"flags behind the file come before it", "plan p.yaml --wide --run two", "plan --wide --run two -- p.yaml", ""},
		{"flags before the command come behind it", "--no-color plan p.yaml", "plan --no-color -- p.yaml", ""},
		{"a value may follow an equals sign", "plan --run=two p.yaml", "plan --run=two -- p.yaml", ""},
		{"a value may look like a flag", "plan --run --wide p.yaml", "plan --run --wide -- p.yaml", ""},
		{"one dash names a long flag too", "plan p.yaml -run two", "plan -run two -- p.yaml", ""},
		{"a dash alone is standard input", "plan -", "plan -- -", ""},
		{"two dashes end the flags", "plan -- --wide", "plan -- --wide", ""},
		{"a negative number is an argument", "plan -5", "plan -- -5", ""},
		{"a command may have a command of its own", "lock settle p.yaml --run k step applied", "lock settle --run k -- p.yaml step applied", ""},
		{"help may be asked for before a command", "help lock show", "lock show --help", ""},
		{"help may be asked for behind an argument", "plan p.yaml --help", "plan --help", ""},
		{"help is a file like any other behind a command", "plan help", "plan -- help", ""},
		{"the version has a flag", "--version", "version", ""},
		{"nothing stays nothing", "", "", ""},
		{"an unknown command is told with the nearest one", "aply p.yaml", "", `unknown command "aply", did you mean apply?`},
		{"an unknown flag is told as it was written", "plan --parallelism 3 p.yaml", "", "unknown flag --parallelism"},
		{"an unknown flag is told with the nearest one", "plan --runn=two", "", "unknown flag --runn, did you mean --run?"},
		{"a flag that wants a value gets none", "plan p.yaml --out", "", "--out requires a value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := arrange(newApp(world{}), append([]string{"resetplan"}, strings.Fields(c.given)...))
			switch {
			case err != nil && (c.fault == "" || !strings.HasPrefix(err.Error(), c.fault)):
				t.Errorf("fault %q, not %q", err, c.fault)
			case err != nil && exitCode(err) != 3:
				t.Errorf("exit code %d", exitCode(err))
			case err == nil && c.fault != "":
				t.Errorf("no fault, not %q", c.fault)
			case err == nil && strings.Join(got.args("resetplan"), " ") != strings.TrimSpace("resetplan "+c.want):
				t.Errorf("got %q", got.args("resetplan"))
			}
		})
	}
}
