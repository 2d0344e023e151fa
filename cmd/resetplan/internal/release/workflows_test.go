// Package release_test builds a release as .goreleaser.yaml describes it and looks at
// what is in it, and runs the action that installs a release. Nothing is published.
package release_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../../.."

// TestActionsOfWorkflowsArePinned reads the workflows of this repository: a moved tag
// of an action cannot change what runs with the permissions of a release.
func TestActionsOfWorkflowsArePinned(t *testing.T) {
	var files []string
	for _, pattern := range []string{".github/workflows/*.yml", ".github/actions/*/action.yml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	uses := regexp.MustCompile(`^\s*(?:- )?uses: (\S.*)$`)
	pinned := regexp.MustCompile(`^[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	seen := 0
	for _, file := range files {
		for l := range strings.Lines(read(t, file)) {
			if m := uses.FindStringSubmatch(strings.TrimRight(l, "\n")); m != nil {
				seen++
				if !pinned.MatchString(m[1]) {
					t.Errorf("%s uses %s: write OWNER/NAME@DIGEST # vN.N.N", filepath.Base(file), m[1])
				}
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d uses were found", seen)
	}
}

// TestNamesOfArchivesAgree compares the names in the configuration with those that the
// action downloads and the documentation shows.
func TestNamesOfArchivesAgree(t *testing.T) {
	for file, want := range map[string]string{
		".goreleaser.yaml":                     `name_template: "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}"`,
		".github/actions/resetplan/install.sh": "archive=resetplan_${version}_${os}_$arch.$kind",
		"docs/install.md":                      "resetplan_${version}_linux_amd64.tar.gz",
	} {
		text := read(t, filepath.Join(root, file))
		if !strings.Contains(text, want) || !strings.Contains(text, "checksums.txt") {
			t.Errorf("%s does not contain %q and checksums.txt", file, want)
		}
	}
}

// TestAReleaseIsBuiltAsTheMakefileBuilds compares the options of the two: what a test of
// `make build` holds, such as the packages that are left out, holds for a release. How much
// memory the compiler uses (GOGC, GOMEMLIMIT) changes nothing in a program.
func TestAReleaseIsBuiltAsTheMakefileBuilds(t *testing.T) {
	build := regexp.MustCompile(`(?m)^BUILD = (CGO_ENABLED=0) GOGC=\S+ GOMEMLIMIT=\S+ go build (-trimpath) -tags (\S+) -ldflags='(.*)' (-gcflags=\S+)$`).FindStringSubmatch(
		read(t, filepath.Join(root, "Makefile")))
	if build == nil {
		t.Fatal("the Makefile has no line BUILD of this form")
	}
	config := read(t, filepath.Join(root, ".goreleaser.yaml"))
	for _, want := range []string{"env: [" + build[1] + "]", build[2] + ",", "-tags=" + build[3] + ",", "- " + build[4] + "\n", build[5] + "]"} {
		if !strings.Contains(config, want) {
			t.Errorf(".goreleaser.yaml does not have %q", want)
		}
	}
	if script := read(t, "licences.sh"); !strings.Contains(script, "GOFLAGS=-tags="+build[3]+" ") {
		t.Errorf("licences.sh lists the dependencies without the tag %s", build[3])
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestTheActionPassesItsInputs compares action.yml with the scripts that it runs: each
// input reaches a script, and each output is written by one.
func TestTheActionPassesItsInputs(t *testing.T) {
	folder := filepath.Join(root, ".github/actions/resetplan")
	text := read(t, filepath.Join(folder, "action.yml"))
	scripts := read(t, filepath.Join(folder, "install.sh")) + read(t, filepath.Join(folder, "plan.sh"))
	inputs, rest, _ := strings.Cut(text, "\noutputs:\n")
	outputs, runs, _ := strings.Cut(rest, "\nruns:\n")
	key := regexp.MustCompile(`(?m)^  ([a-z0-9-]+):$`)
	for _, m := range key.FindAllStringSubmatch(inputs, -1) {
		if !strings.Contains(runs, "${{ inputs."+m[1]+" }}") {
			t.Errorf("the input %s is not used", m[1])
		}
	}
	for _, m := range key.FindAllStringSubmatch(outputs, -1) {
		if !strings.Contains(scripts, m[1]+"=%s\\n") && !strings.Contains(scripts, m[1]+"=v%s\\n") {
			t.Errorf("the output %s is not written", m[1])
		}
	}
	passed := regexp.MustCompile(`(?m)^        (RESETPLAN_[A-Z0-9_]+): `).FindAllStringSubmatch(runs, -1)
	for _, m := range passed {
		if !strings.Contains(scripts, "$"+m[1]) && !strings.Contains(scripts, "${"+m[1]) {
			t.Errorf("no script reads %s", m[1])
		}
	}
	read := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{?(RESETPLAN_[A-Z0-9_]+)`).FindAllStringSubmatch(scripts, -1) {
		read[m[1]] = true
	}
	if len(read) != len(passed) || len(passed) < 6 {
		t.Errorf("the scripts read %v, and action.yml passes %v", read, passed)
	}
}
