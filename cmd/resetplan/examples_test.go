package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/resetplan/resetplan/schema"
)

// TestExamples runs the commands of every example's README, in their order,
// against a sandbox of its own.
func TestExamples(t *testing.T) {
	stories, err := filepath.Glob("../../examples/*/README.md")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, story := range stories {
		t.Run(filepath.Base(filepath.Dir(story)), func(t *testing.T) {
			commands := commandsOf(t, story)
			if len(commands) == 0 {
				t.Fatalf("%s has no commands", story)
			}
			box := freshSandbox(t)
			t.Chdir(staged(t, filepath.Dir(story), box))
			for _, command := range commands {
				var out, talk bytes.Buffer
				w := world{args: command, stdin: &bytes.Buffer{}, stdout: &out, stderr: &talk, getenv: letIn(func(string) string { return "" }), now: time.Now, by: "tester@here"}
				if code := run(context.Background(), w); code != 0 {
					t.Fatalf("%s ended with %d\n%s%s", strings.Join(command, " "), code, out.String(), talk.String())
				}
			}
		})
	}
}

// commandsOf returns the indented lines of a README that call the program.
func commandsOf(t *testing.T, file string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var commands [][]string
	for l := range strings.Lines(string(raw)) {
		if words := strings.Fields(l); strings.HasPrefix(l, "    resetplan ") {
			commands = append(commands, words)
		}
	}
	return commands
}

// freshSandbox serves everything on free ports.
func freshSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: anywhere(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	return box
}

// staged copies an example's plans to a folder of its own, with the addresses
// of another sandbox than the usual one in them.
func staged(t *testing.T, dir string, box *sandbox.Sandbox) string {
	t.Helper()
	to := t.TempDir()
	plans, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, one := range box.Services() {
			text = strings.ReplaceAll(text, sandbox.Default(one.Type), strings.TrimPrefix(one.Address, "http://"))
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(p)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestReadmePlan holds the first plan of the README to be a valid one.
func TestReadmePlan(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(raw), "```yaml\n")
	text, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("the README has no plan")
	}
	doc, faults := schema.Parse("README.md", []byte(text), nil)
	if faults == nil {
		faults = plan.Check(doc, all.Providers())
	}
	if len(faults) > 0 {
		t.Error(faults)
	}
}
