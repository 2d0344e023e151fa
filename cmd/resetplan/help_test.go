package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

// TestHelp holds every command to an example, which begins as it is typed,
// and to its exit codes.
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
