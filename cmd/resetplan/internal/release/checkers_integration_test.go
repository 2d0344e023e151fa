//go:build integration

package release_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestIntegrationFilesOfAReleasePassTheirCheckers lints each file with the checker for its
// format, which also has to find a mistake that the test adds.
func TestIntegrationFilesOfAReleasePassTheirCheckers(t *testing.T) {
	python := filepath.Dir(os.Getenv("RESETPLAN_PYTHON"))
	bin, err := filepath.Abs(filepath.Join(root, ".bin"))
	if err != nil {
		t.Fatal(err)
	}
	shellcheck := []string{python + "/shellcheck"}
	schema := []string{python + "/python", "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"}
	workflow := []string{bin + "/actionlint", "-no-color", "-shellcheck", python + "/shellcheck"}
	for _, c := range []struct {
		checker              []string
		file, right, mistake string
	}{
		{workflow, ".github/workflows/release.yml", "secrets.TAP_TOKEN", "secret.TAP_TOKEN"},
		{workflow, ".github/workflows/ci.yml", "runs-on: ubuntu-latest", "runs-on: ubuntu-newest"},
		{schema, ".github/actions/resetplan/action.yml", "using: composite", "using: composed"},
		{shellcheck, ".github/actions/resetplan/install.sh", `cd "$folder"`, `cd $folder`},
		{shellcheck, ".github/actions/resetplan/plan.sh", `cat "$messages"`, `cat $messages`},
		{shellcheck, "cmd/resetplan/internal/release/licences.sh", `mkdir -p "$1"`, `mkdir -p $1`},
		{[]string{"ruby", "-c"}, "dist/homebrew/Casks/resetplan.rb", `cask "resetplan" do`, `cask "resetplan" od`},
		{[]string{bin + "/goreleaser", "check"}, ".goreleaser.yaml", "homebrew_casks:", "homebrew_cask:"},
	} {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			text := read(t, filepath.Join(builtRelease(t).clone, c.file))
			wrong := strings.Replace(text, c.right, c.mistake, 1)
			if wrong == text {
				t.Fatalf("%q not found in it", c.right)
			}
			file := filepath.Join(t.TempDir(), filepath.Base(c.file))
			for _, one := range []string{text, wrong} {
				if err := os.WriteFile(file, []byte(one), 0o644); err != nil {
					t.Fatal(err)
				}
				_, err := output(filepath.Join(root), append(c.checker, file)...)
				if found := err != nil; found != (one == wrong) {
					t.Errorf("with a mistake: %v; it found one: %v", one == wrong, err)
				}
			}
		})
	}
}

// TestIntegrationTheTextOfAReleaseIsItsSection runs the step of the workflow that takes
// it from CHANGELOG.md.
func TestIntegrationTheTextOfAReleaseIsItsSection(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, ".github/workflows/release.yml"))), &workflow); err != nil {
		t.Fatal(err)
	}
	script := ""
	for _, s := range workflow.Jobs["release"].Steps {
		if s.Name == "Changes" {
			script = s.Run
		}
	}
	changes := "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.2.0 - 2026-12-01\n\n### Added\n\n- second\n\n## 0.1.0 - 2026-11-01\n\n- first\n\n## 0.0.1\n\n"
	for tag, want := range map[string]string{"v0.2.0": "\n### Added\n\n- second\n\n", "v0.1.0": "\n- first\n\n", "v0.0.1": "", "v0.3.0": ""} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "CHANGELOG.md"), []byte(changes), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := output(dir, "env", "RUNNER_TEMP="+dir, "GITHUB_REF_NAME="+tag, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), `it has no section "## `+strings.TrimPrefix(tag, "v")) {
				t.Errorf("%s: %v", tag, err)
			}
			continue
		}
		if err != nil || read(t, filepath.Join(dir, "changes.md")) != want {
			t.Errorf("%s: %v, %q", tag, err, read(t, filepath.Join(dir, "changes.md")))
		}
	}
}
