package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/complete"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/helptext"
	"github.com/urfave/cli/v2"
)

// TestHelp checks that the help of every command has a valid example and its exit codes.
func TestHelp(t *testing.T) {
	for _, path := range leaves(newApp(process{}).Commands, "resetplan") {
		t.Run(path, func(t *testing.T) {
			var out, stderr bytes.Buffer
			proc := process{args: append(strings.Fields(path), "--help"), stdout: &out, stderr: &stderr, now: time.Now}
			if code := run(context.Background(), proc); code != 0 || stderr.Len() > 0 {
				t.Fatalf("it exited with %d: %s", code, stderr.String())
			}
			for _, want := range []string{"Example: ", path, "Exit codes: 0"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is missing in\n%s", want, out.String())
				}
			}
			for line := range strings.Lines(out.String()) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > helptext.Width {
					t.Errorf("a line has %d columns: %s", n, line)
				}
			}
			_, example, _ := strings.Cut(out.String(), "Example: ")
			example, _, _ = strings.Cut(example, "\n")
			words := complete.SplitShellLine(strings.Split(strings.Split(example, " |")[0], " >")[0], "").Words
			line, err := cmdline.Parse(newApp(proc), commonFlags(), words)
			if err != nil || strings.Join(append([]string{"resetplan"}, line.Command...), " ") != path {
				t.Errorf("its example does not call it: %s: %v", example, err)
			}
		})
	}
}

// TestHelpFitsNarrowTerminals allows only calls to copy to be wider.
func TestHelpFitsNarrowTerminals(t *testing.T) {
	for _, path := range append(leaves(newApp(process{}).Commands, "resetplan"), "resetplan", "resetplan lock") {
		var out bytes.Buffer
		proc := process{args: append(strings.Fields(path), "--help"), stdout: &out, stderr: &out, now: time.Now,
			columns: func(io.Writer) int { return 60 }}
		proc.streams = [2]io.Writer{&out, &out}
		if code := run(context.Background(), proc); code != 0 {
			t.Fatalf("%s: it exited with %d: %s", path, code, out.String())
		}
		call := false // the line goes on with a call
		for line := range strings.Lines(out.String()) {
			goesOn := strings.HasSuffix(line, "\\\n")
			call = call || goesOn || strings.Contains(line, "resetplan ")
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 60 && !call {
				t.Errorf("%s: a line has %d columns: %s", path, n, line)
			}
			call = goesOn
		}
	}
}

// leaves returns the commands without subcommands, as they are typed.
func leaves(commands []*cli.Command, before string) []string {
	var out []string
	for _, c := range commands {
		path := before + " " + c.Name
		if len(c.Subcommands) == 0 {
			out = append(out, path)
		}
		out = append(out, leaves(c.Subcommands, path)...)
	}
	return out
}

// TestHelpIsTheManualPage checks that the manual page has every visible command,
// and that no text in it is a request of roff.
func TestHelpIsTheManualPage(t *testing.T) {
	text := manual(newApp(process{}))
	for _, path := range leaves(newApp(process{}).Commands, "resetplan") {
		if path != "resetplan __complete" && !strings.Contains(text, "\n.SS "+path) {
			t.Errorf("%s is missing", path)
		}
	}
	if strings.Contains(text, "__complete") {
		t.Error("the page has a hidden command")
	}
	for l := range strings.Lines(text) {
		request, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		if strings.HasPrefix(l, ".") && !strings.Contains(" .TH .SH .SS .PP .TP .B .br .nf .fi ", " "+request+" ") || strings.HasPrefix(l, "'") {
			t.Errorf("a text is a request of roff: %s", l)
		}
	}
}

// TestFlagsOfACommandAreDifferent checks that no key of the schema has the name of a
// flag that a command already has.
func TestFlagsOfACommandAreDifferent(t *testing.T) {
	commands := newApp(process{}).Commands
	cmdline.Derive(commands...)
	for _, c := range commands {
		seen := map[string]bool{}
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				if seen[name] {
					t.Errorf("%s has two flags --%s", c.Name, name)
				}
				seen[name] = true
			}
		}
	}
}
