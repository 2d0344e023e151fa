package main

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
)

// published is the address of the schemas; a test of package schema compares it with each $id.
const published = "https://raw.githubusercontent.com/resetplan/resetplan/main/schema/"

// editorSettings returns the schemas of the example for VS Code: the name of a file in
// schema -> patterns of file names.
func editorSettings(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../examples/editor/vscode/settings.json")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Schemas map[string][]string `json:"yaml.schemas"`
	}
	if err := json.Unmarshal(regexp.MustCompile(`(?m)^\s*//.*$`).ReplaceAll(text, nil), &settings); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for address, patterns := range settings.Schemas {
		name, ours := strings.CutPrefix(address, published)
		if _, err := os.Stat(filepath.Join("../../schema", name)); !ours || err != nil {
			t.Errorf("%s is no schema of this repository: %v", address, err)
		}
		out[name] = patterns
	}
	return out
}

// chosen reports whether an editor uses a schema with these patterns for a file: the last
// pattern that matches decides, and ! excludes.
func chosen(t *testing.T, patterns []string, file string) (yes bool) {
	t.Helper()
	for _, p := range patterns {
		p, excludes := strings.CutPrefix(p, "!")
		parts := strings.Split(file, "/")
		matched, err := path.Match(p, strings.Join(parts[max(0, len(parts)-1-strings.Count(p, "/")):], "/"))
		if err != nil {
			t.Fatal(err)
		}
		if matched {
			yes = !excludes
		}
	}
	return yes
}

// roles is which schema each name of a file needs; "" = none.
var roles = map[string]string{
	"resets/orders.yaml":           "plan.v1.schema.json",
	"ops/resets/orders.yaml":       "plan.v1.schema.json",
	"orders.resetplan.yaml":        "plan.v1.schema.json",
	"resets/orders.lock.yaml":      "lock.v1.schema.json",
	"orders.resetplan.lock.yaml":   "lock.v1.schema.json",
	"resetplan.config.yaml":        "config.v1.schema.json",
	"resets/orders.params.yaml":    "",
	"docker-compose.yaml":          "",
	"package.lock.yaml":            "",
	".github/workflows/resets.yml": "",
}

func TestAnEditorChoosesTheSchemaByTheName(t *testing.T) {
	settings := editorSettings(t)
	for file, want := range roles {
		for name, patterns := range settings {
			if got := chosen(t, patterns, file); got != (name == want) {
				t.Errorf("%s: %s is chosen: %v", file, name, got)
			}
		}
	}
	var catalog []struct {
		FileMatch []string
		URL       string
	}
	text, err := os.ReadFile("../../examples/editor/schemastore/catalog.json")
	if err == nil {
		err = json.Unmarshal(text, &catalog)
	}
	if err != nil || len(catalog) != len(settings) {
		t.Fatalf("the catalog has %d schemas, the settings %d: %v", len(catalog), len(settings), err)
	}
	for _, entry := range catalog {
		name := strings.TrimPrefix(entry.URL, published)
		if settings[name] == nil {
			t.Errorf("the catalog has %s, the settings have not", entry.URL)
		}
		for file, want := range roles {
			if strings.HasPrefix(path.Base(file), "resetplan.") || strings.Contains(file, ".resetplan.") {
				if got := chosen(t, entry.FileMatch, file); got != (name == want) {
					t.Errorf("catalog: %s: %s is chosen: %v", file, name, got)
				}
			}
		}
	}
}

// TestAPreCommitHookChoosesPlans compares the hooks with the settings of the editor.
func TestAPreCommitHookChoosesPlans(t *testing.T) {
	text, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	patterns := regexp.MustCompile(`(?m)^  (files|exclude): (.+)$`).FindAllStringSubmatch(string(text), -1)
	if len(patterns) != 4 {
		t.Fatalf("the hooks have %d patterns, want files and exclude of two hooks", len(patterns))
	}
	for i := 0; i < len(patterns); i += 2 {
		files, exclude := regexp.MustCompile(patterns[i][2]), regexp.MustCompile(patterns[i+1][2])
		for file, want := range roles {
			if got := files.MatchString(file) && !exclude.MatchString(file); got != (want == "plan.v1.schema.json") {
				t.Errorf("%s: the hook checks it: %v", file, got)
			}
		}
	}
}

func TestStarterPlansNameTheirSchema(t *testing.T) {
	for _, p := range all.Providers() {
		text, err := starters.ReadFile("init/" + p.Type() + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(string(text), "\n"); first != "# yaml-language-server: $schema="+published+"plan.v1.schema.json" {
			t.Errorf("init --provider %s names another schema: %s", p.Type(), first)
		}
	}
	if !strings.Contains(string(schema.JSON(schema.Plan)), `"$id": "`+published+`plan.v1.schema.json"`) {
		t.Error("the plan's schema has another $id")
	}
}

// TestEditorExamplesRun runs the commands of the READMEs in examples/editor.
func TestEditorExamplesRun(t *testing.T) {
	found, err := filepath.Glob("../../examples/editor/*/README.md")
	if err != nil || len(found) != 2 {
		t.Fatalf("got %v, %v", found, err)
	}
	for _, name := range found {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(filepath.Dir(name)), func(t *testing.T) {
			p := readPage(string(raw))
			if p.calls() == 0 {
				t.Fatal("no commands")
			}
			t.Chdir(t.TempDir())
			if err := p.run(freshSandbox(t)); err != nil {
				t.Fatal(err)
			}
		})
	}
}
