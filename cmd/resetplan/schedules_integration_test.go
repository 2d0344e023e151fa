//go:build integration

package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/sandbox"
)

// TestIntegrationAScheduleReplaysOnce runs what each scheduler would run, with its
// folders in another place, twice.
func TestIntegrationAScheduleReplaysOnce(t *testing.T) {
	for name, c := range map[string]struct {
		command []string
		dated   bool
	}{
		"kubernetes":     {podCommand(t, "schedules/kubernetes/overlays/production"), true},
		"argo-cd":        {podCommand(t, "schedules/argo-cd"), false},
		"argo-workflows": {podCommand(t, "schedules/argo-workflows/cronworkflow.yaml"), true},
		"systemd":        {unitCommand(t), true},
	} {
		t.Run(name, func(t *testing.T) {
			box, dir := freshSandbox(t), t.TempDir()
			address, err := box.Address("kafka")
			if err != nil {
				t.Fatal(err)
			}
			writeAll(t, map[string]string{filepath.Join(dir, "plan.yaml"): nightly(address)})
			var command []string
			for _, arg := range c.command {
				command = append(command, regexp.MustCompile(`/(plan|lock|etc/resetplan|var/lib/resetplan)/`).ReplaceAllString(arg, dir+"/"))
			}
			now := time.Now().UTC()
			runs(t, dir, box, command, "100,100,100")
			moveTo(t, box, "250,250,250") // the consumers read on
			runs(t, dir, box, command, "250,250,250")
			locks, err := filepath.Glob(filepath.Join(dir, "*.lock.yaml"))
			if err != nil || len(locks) != 1 {
				t.Fatalf("the locks are %v: %v", locks, err)
			}
			lock, err := os.ReadFile(locks[0])
			run := map[bool]string{true: now.Format(time.DateOnly), false: "once"}[c.dated]
			if err != nil || now.Day() == time.Now().UTC().Day() && !strings.Contains(string(lock), run+`:`) && !strings.Contains(string(lock), `"`+run+`":`) {
				t.Errorf("no run has the key %s: %v\n%s", run, err, lock)
			}
		})
	}
}

func nightly(address string) string {
	return fmt.Sprintf("version: 1\nname: plan\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
		"{group: orders-billing, topic: orders}, to: {offset: 100}}\n", address)
}

func runs(t *testing.T, dir string, box *sandbox.Sandbox, command []string, want string) {
	t.Helper()
	if code, output := typedIn(t, dir, nil, command...); code != 0 {
		t.Fatalf("%q exited with %d: %s", command, code, output)
	}
	committedAt(t, box, "orders-billing", want)
}

// A pod is what the examples of Kubernetes run, from whichever resource.
type pod struct {
	Kind string
	Spec struct {
		ConcurrencyPolicy string `yaml:"concurrencyPolicy"`
		TimeZone          string `yaml:"timeZone"`
		Timezone          string
		Deadline          int `yaml:"activeDeadlineSeconds"`
		Template          podTemplate
		Job               struct {
			Spec struct{ Template podTemplate }
		} `yaml:"jobTemplate"`
		Workflow struct {
			Patch     string `yaml:"podSpecPatch"`
			Templates []struct{ Container podContainer }
		} `yaml:"workflowSpec"`
	}
}

type podTemplate struct {
	Spec struct {
		Grace      int `yaml:"terminationGracePeriodSeconds"`
		Containers []podContainer
	}
}

type podContainer struct{ Command, Args []string }

// podCommand is what the container of an example runs, and checks that the pod is
// not ended before a step is: one call, and the wait until a reset is visible.
func podCommand(t *testing.T, path string) []string {
	var p pod
	for document := range strings.SplitSeq(built(t, path), "\n---\n") {
		var one pod
		if decoded(t, document, &one); one.Kind == "CronJob" || one.Kind == "Job" || one.Kind == "CronWorkflow" {
			p = one
		}
	}
	template, containers := p.Spec.Template, []podContainer(nil)
	switch p.Kind {
	case "CronJob":
		template = p.Spec.Job.Spec.Template
		containers = template.Spec.Containers
	case "Job":
		containers = template.Spec.Containers
	case "CronWorkflow":
		decoded(t, p.Spec.Workflow.Patch, &template.Spec)
		containers = []podContainer{p.Spec.Workflow.Templates[0].Container}
	}
	if len(containers) != 1 {
		t.Fatalf("%s has %d containers", path, len(containers))
	}
	if p.Kind != "Job" && (p.Spec.ConcurrencyPolicy != "Forbid" || p.Spec.TimeZone+p.Spec.Timezone != "Etc/UTC") {
		t.Errorf("%s: two jobs may run at once, or on another date: %+v", path, p.Spec)
	}
	for _, provider := range all.Providers() {
		if need := 30*time.Second + provider.Capabilities().Settle; time.Duration(template.Spec.Grace)*time.Second <= need {
			t.Errorf("%s ends a step of %s after %d s; it may need %s", path, provider.Type(), template.Spec.Grace, need)
		}
	}
	return append([]string{"resetplan"}, containers[0].Args...)
}

// built is a manifest, or what kustomize makes of a folder.
func built(t *testing.T, path string) string {
	if strings.HasSuffix(path, ".yaml") {
		return example(t, path)
	}
	output, err := exec.CommandContext(t.Context(), "../../.bin/kustomize", "build", "../../examples/"+path).Output()
	if err != nil {
		t.Fatalf("kustomize (`make checkers` fetches it): %v", err)
	}
	return string(output)
}

// unitCommand is what systemd runs for the instance "plan".
func unitCommand(t *testing.T) []string {
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/bin/(resetplan .*)$`).FindStringSubmatch(example(t, "schedules/systemd/resetplan@.service"))
	if line == nil || strings.ContainsAny(line[1], `"'$;|&`) {
		t.Fatal("ExecStart not found, or in need of a shell")
	}
	return strings.Fields(strings.ReplaceAll(line[1], "%i", "plan"))
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
