package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// offered returns the answer to a shell for a line that is being typed.
func offered(t *testing.T, args ...string) (words []string, files bool) {
	t.Helper()
	var out, stderr bytes.Buffer
	proc := process{
		args: append([]string{"resetplan", "__complete"}, args...), stdin: &bytes.Buffer{}, stdout: &out, stderr: &stderr,
		getenv: func(string) string { return "" }, now: time.Now,
	}
	if code := run(context.Background(), proc); code != 0 || stderr.Len() > 0 {
		t.Fatalf("it exited with %d and printed %q", code, stderr.String())
	}
	kind, rest, _ := strings.Cut(out.String(), "\n")
	for l := range strings.Lines(rest) {
		word, _, _ := strings.Cut(l, "\t")
		words = append(words, word)
	}
	return words, kind == "files"
}

// inPlanFolder changes to a folder with a plan, its lock and invalid files.
func inPlanFolder(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"p.yaml": "name: p\nparams: {region: {type: string, enum: [north, south]}, dry: {type: boolean}}\n" +
			"steps:\n  - {id: first}\n  - {id: all}\n  - nonsense\n",
		"p.lock.yaml": "version: 1\nplan: p\nruns:\n" + record("once", "2026-11-19", "first", "verified") +
			record("2026-11-20", "2026-11-20", "all[a b]", "in-doubt") +
			record("lost", "2026-11-17", "first", "overwritten") +
			record("back", "2026-11-16", "first", "verified, undo: {outcome: in-doubt, by: a@b, at: 2026-11-16T03:00:00Z}") +
			record("x\u202ey", "2026-11-18", "first", "verified"),
		"bad.yaml":      "a: [",
		"bad.lock.yaml": "version: 2\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.yaml"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
}

func record(key, day, step, outcome string) string {
	sum := "sha256:" + strings.Repeat("0", 64)
	return "  \"" + key + "\":\n    document: " + sum + "\n    by: a@b\n    started: " + day + "T03:00:00Z\n    outcome: applied\n    steps:\n" +
		"      - {id: \"" + step + "\", digest: \"" + sum + "\", address: \"kafka:b/g/t\", outcome: " + outcome + ", at: " + day + "T03:00:00Z, " +
		"parts: [{part: orders/0, before: offset:2, after: offset:1}]}\n"
}

func TestCompletionOffersWhatMayComeNext(t *testing.T) {
	inPlanFolder(t)
	for line, want := range map[string]string{
		"pl":                                   "plan",
		"__":                                   "", // it is hidden
		"lock ":                                "show settle accept prune",
		"lock settle p.yaml ":                  "", // nothing is in doubt in the run once
		"lock settle p.yaml --run 2026-11-20 ": `all[a b]`,
		"lock settle p.yaml --run lost ":       "first",
		"lock settle p.yaml --run back ":       "first",
		"lock settle p.yaml first ":            "applied not-applied released",
		"completion ":                          "bash zsh fish powershell",
		"completion bash ":                     "",
		"lock settle p.yaml --part ":           "orders/0",
		"lock settle p.yaml other applied --part ": "",
		"schema ":                                      "plan lock saved config",
		"providers --format ":                          "table json",
		"providers --format=":                          "--format=table --format=json",
		"plan --detailed-exitcode --detailed":          "--detailed-exitcode",
		"plan --detailed-exitcode=x --det":             "--detailed-exitcode",
		"plan p.yaml --log-format ":                    "text json",
		"init --provider huawei":                       "huawei-rocketmq",
		"plan p.yaml --step ":                          "first all",
		"plan --step=fir p.yaml --step=al":             "--step=all",
		"plan p.yaml --run 2026-11-20 --step a":        "all all[a b]",
		"status p.yaml --run ":                         "2026-11-20 once lost back",
		"status other.yaml --lock p.lock.yaml --run o": "once",
		"plan p.yaml --set ":                           "region= dry=",
		"plan p.yaml --set region=":                    "region=north region=south",
		"plan p.yaml --set=dry=t":                      "--set=dry=true",
		"plan nowhere.yaml --step ":                    "",
		"plan bad.yaml --step ":                        "",
		"plan bad.yaml --run ":                         "",
		"plan folder.yaml --step ":                     "",
		"plan - --step ":                               "",
		"apply p.yaml --parallelism ":                  "",
		"nonsense ":                                    "",
		"plan --nonsense --form":                       "--format",
		"version ":                                     "",
	} {
		t.Run(line, func(t *testing.T) {
			got, files := offered(t, append([]string{"--"}, strings.Split(line, " ")...)...)
			if line == "nonsense " {
				got = nil // the commands are offered again
			}
			if strings.Join(got, " ") != want || files {
				t.Errorf("offered %q (files: %v), want %q", got, files, want)
			}
		})
	}
}

func TestCompletionOffersFilesForFileArguments(t *testing.T) {
	inPlanFolder(t)
	for line, want := range map[string]bool{
		"plan ": true, "plan p": true, "plan p.yaml ": false, "validate p.yaml ": true, "plan p.yaml --out ": true, "plan --params=": true,
		"plan --lock ": true, "lock settle ": true, "init ": true, "version ": false, "plan --step ": false, "": false, "plan -- ": true,
	} {
		if _, files := offered(t, append([]string{"--"}, strings.Split(line, " ")...)...); files != want {
			t.Errorf("%q: files offered: %v", line, files)
		}
	}
}

// TestCompletionOfABashLine completes lines with quotes. The answer is the part of
// the word that bash replaces, the one after = or :, quoted.
func TestCompletionOfABashLine(t *testing.T) {
	inPlanFolder(t)
	if err := os.Rename("p.yaml", "my plan.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("p.lock.yaml", "my plan.lock.yaml"); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		`resetplan pl`: "plan",
		`./resetplan plan my\ plan.yaml --step f`:                             "first",
		`resetplan plan "my plan.yaml" --step f`:                              "first",
		`resetplan plan 'my plan.yaml' --step 'fi`:                            "first",
		`resetplan plan my\ plan.yaml --run 2026-11-20 --step all\[`:          `all\[a\ b\]`,
		`resetplan plan my\ plan.yaml --run=2026-11-20 --step "all[`:          `all[a b]`,
		`resetplan plan my\ plan.yaml --format=j`:                             "json",
		`resetplan plan my\ plan.yaml --set region=n`:                         "north",
		`resetplan sandbox --fault kafka:pa`:                                  "partial",
		`resetplan sandbox --fault "kafka:pa`:                                 "kafka:partial",
		`resetplan plan $(touch evil) ` + "`touch evil`" + ` --detailed-exit`: "--detailed-exitcode",
		"": "",
	} {
		got, _ := offered(t, "--line", "--breaks", " \t\n\"'><=;|&(:", "--", line)
		if line == "" {
			got = nil
		}
		if !slices.Equal(got, strings.Split(want, "\x00")) && strings.Join(got, "") != want {
			t.Errorf("%s: offered %q, want %q", line, got, want)
		}
	}
	if _, err := os.Stat("evil"); err == nil {
		t.Error("a word was executed")
	}
}

// TestTheScriptOfPowerShellAsksForWhatTheProgramAnswers checks the calls in the script:
// no PowerShell runs here.
func TestTheScriptOfPowerShellAsksForWhatTheProgramAnswers(t *testing.T) {
	inPlanFolder(t)
	script := powershellScript
	for _, call := range []string{"@('__complete', '--next', '--') + $words", "@('__complete', '--') + $words + @($last)", "& $program @arguments",
		"Register-ArgumentCompleter -Native -CommandName 'resetplan', 'resetplan.exe'", "$answer[0] -eq 'files'"} {
		if !strings.Contains(script, call) {
			t.Errorf("%s is missing", call)
		}
	}
	for _, line := range [][]string{{"lock"}, {"apply", "p.yaml", "--step"}, {"completion"}, {"apply", "p.yaml", "--set"}} {
		empty, files := offered(t, append(append([]string{"--"}, line...), "")...)
		next, same := offered(t, append([]string{"--next", "--"}, line...)...)
		if !slices.Equal(empty, next) || files != same || len(next) == 0 {
			t.Errorf("%v: after an empty word %v, with --next %v", line, empty, next)
		}
	}
}
