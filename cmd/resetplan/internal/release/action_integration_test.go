//go:build integration

package release_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
)

const action = root + "/.github/actions/resetplan"

// A runner is what an action finds on a runner of GitHub.
type runner struct {
	t      *testing.T
	temp   string
	server *httptest.Server
	files  map[string]string // what the server has, by name
	env    []string
}

// onRunner serves a release as GitHub does.
func onRunner(t *testing.T) *runner {
	t.Helper()
	b := builtRelease(t)
	archive := b.name(".tar.gz")
	r := &runner{t: t, temp: t.TempDir(), files: map[string]string{
		"checksums.txt": read(t, filepath.Join(b.dist, "checksums.txt")), filepath.Base(archive): read(t, archive)}}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		dir, name := filepath.Split(q.URL.Path)
		text, has := r.files[name]
		if !has || dir != "/v"+version+"/" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if short, cut := strings.CutSuffix(text, "(connection closed)"); cut {
			w.Header().Set("Content-Length", fmt.Sprint(len(text)+1))
			text = short
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(r.server.Close)
	r.env = []string{"PATH=/usr/bin:/bin", "HOME=" + r.temp, "RUNNER_TEMP=" + r.temp, "RUNNER_OS=Linux", "RUNNER_ARCH=X64",
		"RESETPLAN_VERSION=v" + version, "RESETPLAN_SHA256=", "RESETPLAN_ATTESTATION=skip", "RESETPLAN_BASE_URL=" + r.server.URL}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
		r.env = append(r.env, name+"="+filepath.Join(r.temp, name))
	}
	return r
}

// runs runs a script of the action and returns its exit code and what it prints.
func (r *runner) runs(script string) (int, string) {
	r.t.Helper()
	path, err := filepath.Abs(filepath.Join(action, script))
	if err != nil {
		r.t.Fatal(err)
	}
	c := exec.CommandContext(r.t.Context(), path)
	c.Dir, c.Env = r.temp, r.env
	var all bytes.Buffer
	c.Stdout, c.Stderr = &all, &all
	err = c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		r.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), all.String()
}

func (r *runner) set(name, value string) { r.env = append(r.env, name+"="+value) }

// wrote returns what the action has written for the runner.
func (r *runner) wrote(name string) string {
	raw, _ := os.ReadFile(filepath.Join(r.temp, name))
	return string(raw)
}

const archiveName = "resetplan_" + version + "_linux_amd64.tar.gz"

// TestIntegrationTheActionInstallsNothingThatIsWrong lets the action download what a
// server may send instead of the release.
func TestIntegrationTheActionInstallsNothingThatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*runner)
		want   string
	}{
		"a wrong checksum": {func(r *runner) { r.files[archiveName] += "x" }, "and checksums.txt has "},
		"a truncated archive": {func(r *runner) { r.files[archiveName] = r.files[archiveName][:1000] + "(connection closed)" },
			"cannot download " + archiveName},
		"a truncated archive with a right length": {func(r *runner) { r.files[archiveName] = r.files[archiveName][:1000] },
			"the download is incomplete or was changed"},
		"no archive":             {func(r *runner) { delete(r.files, archiveName) }, "cannot download " + archiveName + " of release v" + version},
		"no checksums":           {func(r *runner) { delete(r.files, "checksums.txt") }, "cannot download checksums.txt"},
		"no such release":        {func(r *runner) { r.set("RESETPLAN_VERSION", "v0.0.1") }, "cannot download checksums.txt of release v0.0.1"},
		"an archive of no line":  {func(r *runner) { r.files["checksums.txt"] = "" }, "does not list " + archiveName},
		"another release":        {func(r *runner) { r.set("RESETPLAN_SHA256", strings.Repeat("0", 64)) }, "and the input sha256 is 000"},
		"not an archive":         {func(r *runner) { r.replace("no archive") }, archiveName + " cannot be unpacked"},
		"no version":             {func(r *runner) { r.set("RESETPLAN_VERSION", "") }, `version: "" is not a release`},
		"a version with a path":  {func(r *runner) { r.set("RESETPLAN_VERSION", "v1/../../x") }, "is not a release; use one such as"},
		"another system":         {func(r *runner) { r.set("RUNNER_OS", "Plan9") }, "there is no release for Plan9"},
		"another processor":      {func(r *runner) { r.set("RUNNER_ARCH", "X86") }, "there is no release for Linux on X86"},
		"a mirror without https": {func(r *runner) { r.set("RESETPLAN_BASE_URL", "http://example.com") }, "is not an https address"},
		"an unknown attestation": {func(r *runner) { r.set("RESETPLAN_ATTESTATION", "yes") }, "use auto, require or skip"},
		"provenance without gh":  {func(r *runner) { r.set("RESETPLAN_ATTESTATION", "require") }, "gh is not installed"},
		"provenance of a stranger": {func(r *runner) { r.gh("no attestation by this workflow", 1); r.set("RESETPLAN_ATTESTATION", "auto") },
			"cannot be verified: no attestation by this workflow"},
	} {
		t.Run(name, func(t *testing.T) {
			r := onRunner(t)
			c.change(r)
			code, said := r.runs("install.sh")
			if code != 1 || !strings.Contains(said, "::error title=resetplan::") || !strings.Contains(said, c.want) {
				t.Errorf("it exited with %d, want 1 and %q:\n%s", code, c.want, said)
			}
			if r.wrote("GITHUB_PATH")+r.wrote("GITHUB_OUTPUT") != "" {
				t.Error("the steps that follow find the program")
			}
		})
	}
}

// replace serves another archive, with its checksum.
func (r *runner) replace(text string) {
	r.files[archiveName] = text
	r.files["checksums.txt"] = fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(text)), archiveName)
}

// gh puts a program of that name into the PATH.
func (r *runner) gh(says string, exits int) {
	tools := r.t.TempDir()
	text := fmt.Sprintf("#!/bin/sh\necho \"$*\" > %s/called\necho '%s'\nexit %d\n", r.temp, says, exits)
	if err := os.WriteFile(filepath.Join(tools, "gh"), []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
	r.set("PATH", tools+":/usr/bin:/bin")
}

// TestIntegrationTheActionInstallsAndPlans installs the release and plans with it, on a
// plan that changes something, one that does not, one that is refused and one with a
// mistake.
func TestIntegrationTheActionInstallsAndPlans(t *testing.T) {
	box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: map[string]string{"kafka": "127.0.0.1:0"}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	address, err := box.Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	r := onRunner(t)
	r.gh("verified", 0)
	r.set("RESETPLAN_ATTESTATION", "auto")
	r.set("RESETPLAN_SHA256", fmt.Sprintf("%x", sha256.Sum256([]byte(r.files[archiveName]))))
	if code, said := r.runs("install.sh"); code != 0 || !strings.Contains(said, "Installed resetplan v"+version) {
		t.Fatalf("it exited with %d:\n%s", code, said)
	}
	if got := r.wrote("called"); !strings.Contains(got, archiveName+" --repo resetplan/resetplan --signer-workflow resetplan/resetplan/.github/workflows/release.yml") {
		t.Errorf("gh was called with %s", got)
	}
	folder := strings.TrimSpace(r.wrote("GITHUB_PATH"))
	if got := r.wrote("GITHUB_OUTPUT"); got != "version=v"+version+"\npath="+folder+"\n" {
		t.Errorf("the outputs are %q", got)
	}
	r.set("PATH", folder+":/usr/bin:/bin")
	plan := "version: 1\nname: plan\nparams: {to: {type: integer}}\nproviders: {k: {type: kafka, bootstrapServers: [\"" + address + "\"]}}\nsteps:\n" +
		"  - {id: s, provider: k, target: {group: orders-billing, topic: orders}, to: {offset: \"${to}\"}}\n"
	if err := os.WriteFile(filepath.Join(r.temp, "plan.yaml"), []byte(plan), 0o644); err != nil {
		t.Fatal(err)
	}
	r.set("RESETPLAN_PLAN", "plan.yaml")
	for _, c := range []struct {
		name, args, outputs, summary string
		code                         int
	}{
		{"changes", "--set=to=100\n\n--wide", "changes=true\n", "Digest: sha256:", 0},
		{"nothing to do", "--set=to=300", "changes=false\n", "Digest: sha256:", 0},
		{"refused", "--set=to=400", "changes=\n", "guards.maxSkip", 4},
		{"a mistake", "--set=from=1", "digest=\n", "plan.yaml cannot be planned (exit 3)", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
				_ = os.Remove(filepath.Join(r.temp, name))
			}
			r.set("RESETPLAN_ARGS", c.args)
			code, said := r.runs("plan.sh")
			if code != c.code || !strings.Contains(r.wrote("GITHUB_OUTPUT"), c.outputs) || !strings.Contains(r.wrote("GITHUB_STEP_SUMMARY"), c.summary) {
				t.Errorf("it exited with %d, want %d, %q and %q:\n%s%s%s", code, c.code, c.outputs, c.summary, said, r.wrote("GITHUB_OUTPUT"),
					r.wrote("GITHUB_STEP_SUMMARY"))
			}
		})
	}
}
