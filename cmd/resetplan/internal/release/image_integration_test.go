//go:build integration && linux

package release_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// TestIntegrationTheImageNeedsNothingButTheProgram runs the program of the release as the
// image does: no shell, no other file, not as root, and only the plan's folder can be
// written. The image itself needs a registry.
func TestIntegrationTheImageNeedsNothingButTheProgram(t *testing.T) {
	config := read(t, filepath.Join(root, ".goreleaser.yaml"))
	user := regexp.MustCompile(`(?m)^    user: "(\d+):(\d+)"$`).FindStringSubmatch(config)
	if user == nil || user[1] != "65532" || user[2] != "65532" || !strings.Contains(config, "base_image: gcr.io/distroless/static-") {
		t.Fatalf("the image runs as %q, or has another base", user)
	}
	box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: map[string]string{"kafka": "127.0.0.1:0"}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	address, err := box.Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	image := imageFolder(t, builtRelease(t))
	plan := "version: 1\nname: plan\nproviders: {k: {type: kafka, bootstrapServers: [\"" + address + "\"]}}\nsteps:\n  - {id: s, provider: k, " +
		"target: {group: orders-billing, topic: orders}, to: earliest}\n"
	if err := os.WriteFile(filepath.Join(image, "plan/plan.yaml"), []byte(plan), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ args, want string }{
		{"version", "resetplan v" + version + "\n"},
		{"apply plan.yaml --run @date --auto-approve", "verified  s"},
		{"apply plan.yaml --run @date --auto-approve", "nothing to do"},
	} {
		if got := inImage(t, image, strings.Fields(c.args)...); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in\n%s", c.args, c.want, got)
		}
	}
	if info, err := os.Stat(filepath.Join(image, "plan/plan.lock.yaml")); err != nil || info.Sys().(*syscall.Stat_t).Uid != 65532 {
		t.Errorf("the lock is not that of the user: %v, %v", info, err)
	}
}

// imageFolder lays out the files of the image. The owner of all but /plan is another user.
func imageFolder(t *testing.T, b built) string {
	t.Helper()
	image := t.TempDir()
	for _, dir := range []string{"ko-app", "plan"} {
		if err := os.MkdirAll(filepath.Join(image, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	from, err := os.Open(filepath.Join(b.dist, "resetplan_linux_amd64_v1/resetplan"))
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(image, "ko-app/resetplan"), os.O_CREATE|os.O_WRONLY, 0o555)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if e := to.Close(); err != nil || e != nil {
		t.Fatal(err, e)
	}
	if err := os.Chown(filepath.Join(image, "plan"), 65532, 65532); err != nil {
		t.Fatalf("this test needs root, as .ci/run has it: %v", err)
	}
	return image
}

// inImage runs the program with the image as its root.
func inImage(t *testing.T, image string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "/ko-app/resetplan", args...)
	c.Dir, c.Env = "/plan", []string{}
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: image, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	var all bytes.Buffer
	c.Stdout, c.Stderr = &all, &all
	if err := c.Run(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, &all)
	}
	return all.String()
}
