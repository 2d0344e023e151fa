//go:build integration

package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// TestIntegrationAScheduleReplaysOnceADate runs what each scheduler would run,
// with its folders in another place, twice on one date.
func TestIntegrationAScheduleReplaysOnceADate(t *testing.T) {
	for name, command := range map[string]func(*testing.T, string) []string{"kubernetes": cronJobCommand, "systemd": unitCommand} {
		t.Run(name, func(t *testing.T) {
			box, dir := freshSandbox(t), t.TempDir()
			address, err := box.Address("kafka")
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, map[string]string{filepath.Join(dir, "plan.yaml"): nightly(address)})
			shell := command(t, dir)
			now := time.Now().UTC()
			runs(t, dir, box, shell, "100,100,100")
			moveTo(t, box, "250,250,250") // the consumers read on
			runs(t, dir, box, shell, "250,250,250")
			lock, err := os.ReadFile(filepath.Join(dir, "plan.lock.yaml"))
			if date := now.Format(time.DateOnly); err != nil || now.Day() == time.Now().UTC().Day() && !strings.Contains(string(lock), date+`:`) &&
				!strings.Contains(string(lock), `"`+date+`":`) {
				t.Errorf("no run has the key %s: %v\n%s", date, err, lock)
			}
		})
	}
}

func nightly(address string) string {
	return fmt.Sprintf("version: 1\nname: plan\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
		"{group: orders-billing, topic: orders}, to: {offset: 100}}\n", address)
}

func runs(t *testing.T, dir string, box *sandbox.Sandbox, shell []string, want string) {
	t.Helper()
	if code, output := typedIn(t, dir, nil, shell...); code != 0 {
		t.Fatalf("%q exited with %d: %s", shell, code, output)
	}
	committedAt(t, box, "orders-billing", want)
}

// cronJobCommand is what the pod runs.
func cronJobCommand(t *testing.T, dir string) []string {
	_, text, _ := strings.Cut(example(t, "schedules/kubernetes/cronjob.yaml"), "\n---\n")
	var c struct {
		Spec struct {
			ConcurrencyPolicy string `yaml:"concurrencyPolicy"`
			TimeZone          string `yaml:"timeZone"`
			Job               struct {
				Spec struct {
					ActiveDeadlineSeconds int `yaml:"activeDeadlineSeconds"`
					Template              struct {
						Spec struct {
							Containers []struct{ Command, Args []string }
						}
					}
				}
			} `yaml:"jobTemplate"`
		}
	}
	decoded(t, text, &c)
	if c.Spec.ConcurrencyPolicy != "Forbid" || c.Spec.TimeZone != "Etc/UTC" || c.Spec.Job.Spec.ActiveDeadlineSeconds == 0 {
		t.Errorf("two jobs may run at once, without end, or on another date: %+v", c.Spec)
	}
	pod := c.Spec.Job.Spec.Template.Spec.Containers[0]
	args := strings.NewReplacer("/plan/", dir+"/", "/lock/", dir+"/").Replace(pod.Args[0])
	return []string{"sh", strings.TrimSpace(pod.Command[1]), args}
}

// unitCommand is what systemd runs for the instance "plan", its own escapes
// undone.
func unitCommand(t *testing.T, dir string) []string {
	line := regexp.MustCompile(`(?m)^ExecStart=(/bin/sh) (-\w+) '([^']*)'$`).FindStringSubmatch(example(t, "schedules/systemd/resetplan@.service"))
	if line == nil {
		t.Fatal("ExecStart not found")
	}
	script := strings.NewReplacer("%i", "plan", "%%", "%", "$$", "$").Replace(line[3])
	return []string{line[1], line[2], strings.NewReplacer("/etc/resetplan/", dir+"/", "/var/lib/resetplan/", dir+"/").Replace(script)}
}

// TestIntegrationTheContainerHoldsAStaticBinary builds as the image does.
func TestIntegrationTheContainerHoldsAStaticBinary(t *testing.T) {
	text := example(t, "schedules/container/Containerfile")
	build := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 go build .*)$`).FindStringSubmatch(text)
	if build == nil || !regexp.MustCompile(`(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`).MatchString(text) {
		t.Fatal("nothing is built, or it runs as root")
	}
	out := filepath.Join(t.TempDir(), "resetplan")
	c := exec.CommandContext(t.Context(), "sh", "-euc", strings.Replace(build[1], "/out/resetplan", out, 1))
	c.Dir = "../.."
	if output, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	f, err := elf.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("it needs a dynamic loader")
		}
	}
	if code, output := typedIn(t, t.TempDir(), nil, out, "version"); code != 0 || !strings.HasPrefix(output, "resetplan ") {
		t.Errorf("version exited with %d: %s", code, output)
	}
}

// TestIntegrationExamplesPassTheirOwnCheckers lints each file with the checker for
// its format, which also has to find a mistake that the test adds.
func TestIntegrationExamplesPassTheirOwnCheckers(t *testing.T) {
	python := filepath.Dir(os.Getenv("RESETPLAN_PYTHON"))
	bin, err := filepath.Abs("../../.bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		checker        []string
		file           string
		right, mistake string
	}{
		{[]string{bin + "/actionlint", "-no-color", "-shellcheck", python + "/shellcheck"}, "reviews/github-actions/reset-plan.yml", "github.token",
			"github.tokn"},
		{[]string{bin + "/actionlint", "-no-color", "-shellcheck", python + "/shellcheck"}, "reviews/github-actions/reset-apply.yml", `"$digest" <`,
			`$digest <`},
		{[]string{python + "/check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"},
			"reviews/gitlab-ci/reset.gitlab-ci.yml", "resource_group: resets", "resource_group: [resets]"},
		{[]string{bin + "/kubectl-validate"}, "schedules/kubernetes/cronjob.yaml", "startingDeadlineSeconds", "startingDeadline"},
		{[]string{"systemd-analyze", "verify"}, "schedules/systemd/resetplan@.service", "TimeoutStartSec=1h", "TimeoutStartSec=later"},
		{[]string{"systemd-analyze", "verify"}, "schedules/systemd/resetplan@.timer", "03:00:00 UTC", "25:00:00 UTC"},
		{[]string{python + "/hadolint"}, "schedules/container/Containerfile", "WORKDIR /plan", "WORKDIR plan"},
	} {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			dir, text := t.TempDir(), example(t, c.file)
			writeAll(t, map[string]string{filepath.Join(dir, "resetplan@.service"): example(t,
				"schedules/systemd/resetplan@.service")}) // what the timer starts
			file := filepath.Join(dir, filepath.Base(c.file))
			for _, wrong := range []bool{false, true} {
				if wrong && !strings.Contains(text, c.right) {
					t.Fatalf("%q not found in it", c.right)
				}
				if wrong {
					text = strings.Replace(text, c.right, c.mistake, 1)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				output, err := checked(t, append(c.checker, file))
				if found := err != nil || strings.Contains(output, file); found != wrong {
					t.Errorf("with a mistake: %v; it found one: %v %v\n%s", wrong, found, err, output)
				}
			}
		})
	}
}

// checked runs a checker. That of systemd only warns of what it ignores, with
// the name of the file.
func checked(t *testing.T, command []string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), command[0], command[1:]...)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatalf("%s does not run (`make integration` fetches it): %v", command[0], err)
	}
	if filepath.Base(command[0]) == "kubectl-validate" {
		return "", err // it names every file
	}
	return output.String(), err
}
