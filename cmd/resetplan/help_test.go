package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

// TestHelp holds every command to an example that can be typed, and to its exit codes.
func TestHelp(t *testing.T) {
	for _, path := range leaves(newApp(world{}).Commands, "resetplan") {
		t.Run(path, func(t *testing.T) {
			var out, talk bytes.Buffer
			w := world{args: append(strings.Fields(path), "--help"), stdout: &out, stderr: &talk, now: time.Now}
			if code := run(context.Background(), w); code != 0 || talk.Len() > 0 {
				t.Fatalf("ended with %d: %s", code, talk.String())
			}
			for _, want := range []string{"Example: ", path, "Exit codes: 0"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("%q is missing in\n%s", want, out.String())
				}
			}
			_, example, _ := strings.Cut(out.String(), "Example: ")
			example, _, _ = strings.Cut(example, "\n")
			typed := splitLine(strings.Split(strings.Split(example, " |")[0], " >")[0], "").words
			if c, err := arrange(newApp(w), typed); err != nil || strings.Join(append([]string{"resetplan"}, c.command...), " ") != path {
				t.Errorf("its example is no call of it: %s: %v", example, err)
			}
		})
	}
}

// leaves returns the commands that do something, as they are typed.
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

// TestManual holds the manual page to the same words, and to what roff reads
// as they are.
func TestManual(t *testing.T) {
	text := manual(newApp(world{}))
	for _, path := range leaves(visible(newApp(world{}).Commands), "resetplan") {
		if !strings.Contains(text, "\n.SS "+path) {
			t.Errorf("%s is missing", path)
		}
	}
	if strings.Contains(text, "__complete") {
		t.Error("a hidden command is in it")
	}
	for l := range strings.Lines(text) {
		request, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		if strings.HasPrefix(l, ".") && !strings.Contains(" .TH .SH .SS .PP .TP .B .br .nf .fi ", " "+request+" ") || strings.HasPrefix(l, "'") {
			t.Errorf("a text became a request: %s", l)
		}
	}
	for name, c := range map[string][2]string{
		"a backslash is shown":           {`a\fB`, `a\efB`},
		"a dot does not begin a request": {".so /etc/passwd\n'br", "\\&.so /etc/passwd\n\\(aqbr"},
		"a dash can be copied":           {"--run", `\-\-run`},
	} {
		if got := roff(c[0]); got != c[1] {
			t.Errorf("%s: %q", name, got)
		}
	}
}
