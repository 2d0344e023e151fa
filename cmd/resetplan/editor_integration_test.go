//go:build integration

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
)

// inEditor writes a document whose first line names the schema, as init
// writes it, but the schema of this build in the same folder.
func inEditor(t *testing.T, folder, name, text string) string {
	t.Helper()
	first, rest, _ := strings.Cut(text, "\n")
	if !strings.HasPrefix(first, "# yaml-language-server: $schema=") {
		t.Fatalf("%s names no schema in its first line: %s", name, first)
	}
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte("# yaml-language-server: $schema=plan.v1.schema.json\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func editing(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "plan.v1.schema.json"), schema.JSON(schema.Plan), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// TestIntegrationAnEditorShowsMistakesAndTheManual types a plan with mistakes
// into an editor.
func TestIntegrationAnEditorShowsMistakesAndTheManual(t *testing.T) {
	const text = `# yaml-language-server: $schema=x
version: 1
name: orders-replay
providers:
  kafka: {type: kafka, bootstrapServers: ["127.0.0.1:9092"]}
steps:
  - id: rewind-orders
    provider: kafka
    target: {group: orders-billing, topic: orders}
    to: erliest
    guards:
      maxReplay: lots
      maxSkipp: 0
    idle: {wait: 5m}
onError: retry
`
	folder := editing(t)
	l := startLanguageServer(t, folder, nil)
	file := inEditor(t, folder, "plan.yaml", text)
	found := l.open(file)
	for line, word := range map[int]string{10: "", 12: "", 13: "maxSkipp", 15: "undo"} {
		output := false
		for _, d := range found {
			output = output || d.Range.Start.Line+1 == line && strings.Contains(d.Message, word)
		}
		if !output {
			t.Errorf("no message about %q on line %d", word, line)
		}
	}
	for _, d := range found {
		if line := d.Range.Start.Line + 1; line != 10 && line != 12 && line != 13 && line != 15 {
			t.Errorf("line %d is valid, but it reports %s", line, d.Message)
		}
	}
	for at, want := range map[place]string{
		{Line: 11, Character: 8}: "delivered again",
		{Line: 13, Character: 5}: "consumers",
		{Line: 7, Character: 6}:  "The name of one of the document",
	} {
		if got := l.hover(file, at); !strings.Contains(got, want) {
			t.Errorf("on line %d it shows %q, without %q", at.Line+1, got, want)
		}
	}
}

// TestIntegrationAnEditorAcceptsOurOwnPlans opens what init writes, and
// the examples.
func TestIntegrationAnEditorAcceptsOurOwnPlans(t *testing.T) {
	folder := editing(t)
	l := startLanguageServer(t, folder, nil)
	plans := map[string]string{}
	for _, p := range all.Providers() {
		text, err := starters.ReadFile("init/" + p.Type() + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		plans["init-"+p.Type()+".yaml"] = string(text)
	}
	for _, story := range stories(t) {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(story), "plan.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		plans[filepath.Base(filepath.Dir(story))+".yaml"] = string(text)
	}
	for name, text := range plans {
		for _, d := range l.open(inEditor(t, folder, name, text)) {
			t.Errorf("%s:%d: %s", name, d.Range.Start.Line+1, d.Message)
		}
	}
}

// TestIntegrationTheEditorsSettingsChooseTheSchema opens files that name no schema, with
// the settings of the example for VS Code and the schemas of this build.
func TestIntegrationTheEditorsSettingsChooseTheSchema(t *testing.T) {
	folder := t.TempDir()
	schemas := map[string][]string{}
	for name, patterns := range editorSettings(t) {
		file, err := filepath.Abs(filepath.Join("../../schema", name))
		if err != nil {
			t.Fatal(err)
		}
		schemas["file://"+file] = patterns
	}
	l := startLanguageServer(t, folder, schemas)
	for name, role := range roles {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("surplus: true\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		missing := map[string]string{"plan.v1.schema.json": "steps", "lock.v1.schema.json": "runs", "config.v1.schema.json": "surplus", "": ""}[role]
		faults := ""
		for _, d := range l.open(file) {
			faults += d.Message + "\n"
		}
		if (faults == "") != (role == "") || !strings.Contains(faults, missing) {
			t.Errorf("%s: want the errors of %q, got %q", name, role, faults)
		}
	}
}
