//go:build integration

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestIntegrationAReviewLosesNoRecord breaks what an apply needs on the server.
func TestIntegrationAReviewLosesNoRecord(t *testing.T) {
	for kind, open := range reviews() {
		for name, story := range map[string]func(*testing.T, *review){
			"the main branch moves during an apply":                      mainMoves,
			"a token that may not push is noticed before anything sent":  pushRefused,
			"a lock that cannot be pushed is kept, and blocks the next":  lockNotPushed,
			"a merge whose job was cancelled is applied by the next job": cancelledInTheQueue,
			"a server that does not answer stops everything":             forgeDown,
			"an archive with another checksum is not installed":          wrongChecksum,
			"a job that is cancelled interrupts and records its apply":   cancelledInTheMiddle,
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				story(t, open(t))
			})
		}
	}
}

func mainMoves(t *testing.T, r *review) {
	r.open(map[string]string{"resets/a.yaml": r.plan("a", "0", 100), "resets/b.yaml": r.plan("b", "1", 100)})
	r.runs("request", 0, "")
	r.merge()
	other := t.TempDir()
	r.gitIn(other, "clone", "--quiet", r.bare, ".")
	writeAll(t, map[string]string{filepath.Join(r.tools, "after"): fmt.Sprintf(
		"cd %s && git pull --quiet && date +%%N > other.txt && git add . &&"+
			" git -c user.name=o -c user.email=o@o commit --quiet -m other && git push --quiet\n", other)})
	r.runs("push", 0, "1 verified")
	committedAt(t, r.box, "orders-billing", "100,100,300")
	if r.recorded("resets/a.lock.yaml") == "" || r.recorded("resets/b.lock.yaml") == "" || r.recorded("other.txt") == "" {
		t.Error("a lock, or the commit of the other, is not on the main branch")
	}
}

// refuse makes the server refuse pushes to the main branch from now on.
func (r *review) refuse(text string) {
	if err := os.WriteFile(filepath.Join(r.bare, "hooks/update"), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

func pushRefused(t *testing.T, r *review) {
	r.open(map[string]string{"resets/a.yaml": r.plan("a", "0", 100), "resets/b.yaml": r.plan("b", "1", 100)})
	r.runs("request", 0, "")
	r.merge()
	r.refuse("echo protected >&2; exit 1\n")
	r.runs("push", 1, "nothing was sent: this job may not push to main")
	committedAt(t, r.box, "orders-billing", "300,300,300")
	if n := r.calls("apply"); n != 0 {
		t.Errorf("apply was called %d times", n)
	}
	r.refuse("exit 0\n")
	r.runs("push", 0, "1 verified") // the same job again
	committedAt(t, r.box, "orders-billing", "100,100,300")
}

func lockNotPushed(t *testing.T, r *review) {
	r.open(map[string]string{"resets/a.yaml": r.plan("a", "0", 100), "resets/b.yaml": r.plan("b", "1", 100)})
	r.runs("request", 0, "")
	r.merge()
	writeAll(t, map[string]string{filepath.Join(r.tools, "after"): fmt.Sprintf(
		"printf '#!/bin/sh\\nexit 1\\n' > %s/hooks/update\nchmod +x %[1]s/hooks/update\n", r.bare)})
	r.runs("push", 5, "the lock could not be pushed to main")
	committedAt(t, r.box, "orders-billing", "100,300,300") // b was not sent
	lock, err := os.ReadFile(filepath.Join(r.last, "resets/a.lock.yaml"))
	if err != nil {
		t.Fatalf("the lock is not there to be kept as an artifact: %v", err)
	}
	if err := os.Remove(filepath.Join(r.tools, "after")); err != nil {
		t.Fatal(err)
	}
	r.refuse("exit 0\n")
	r.runs("push", 5, "An earlier job began to apply it and recorded no result")
	committedAt(t, r.box, "orders-billing", "100,100,300") // b is not a
	r.open(map[string]string{"resets/a.lock.yaml": string(lock), "resets/a.started": ""})
	r.merge()
	r.runs("push", 0, "")
	if n := r.calls("apply"); n != 2 {
		t.Errorf("apply was called %d times", n)
	}
}

func cancelledInTheQueue(t *testing.T, r *review) {
	r.open(map[string]string{"resets/z.yaml": r.plan("z", "0", 100)})
	r.runs("request", 0, "")
	r.merge() // its job never runs
	r.open(map[string]string{"resets/b.yaml": r.plan("b", "1", 100), "resets/never-shown.yaml": r.plan("n", "2", 100)})
	r.merge() // its job never runs either, and its plan was never shown
	r.open(map[string]string{"resets/c.yaml": r.plan("c", "2", 100)})
	r.runs("request", 0, "")
	r.merge()
	r.runs("push", 0, "1 verified")
	committedAt(t, r.box, "orders-billing", "100,300,100")
	if n := r.forge.said(7); len(n) != 2 || !strings.HasPrefix(n[1], "**resets/z.yaml: applied") {
		t.Errorf("the comments are %q", n)
	}
}

func forgeDown(t *testing.T, r *review) {
	r.open(map[string]string{"resets/a.yaml": r.plan("a", "0", 100)})
	r.runs("request", 0, "")
	r.merge()
	r.forge.down = true
	if code, output := r.jobs("push"); code == 0 || r.calls("apply") != 0 {
		t.Errorf("it exited with %d after %d applies: %s", code, r.calls("apply"), output)
	}
	r.forge.down = false
	r.runs("push", 0, "1 verified")
}

func cancelledInTheMiddle(t *testing.T, r *review) {
	reads(t, r.box, "orders-billing")
	waits := func(name, partition string) string {
		return strings.Replace(r.plan(name, partition, 100), "to: {offset: 100}", "to: {offset: 100}, idle: {wait: 1h}", 1)
	}
	r.open(map[string]string{"resets/a.yaml": waits("a", "0"), "resets/b.yaml": waits("b", "1")})
	r.runs("request", 0, "")
	r.merge()
	// The server signals the job's script, not the program that it waits for.
	writeAll(t, map[string]string{filepath.Join(r.tools, "before"): "script=$(cut -d ' ' -f 4 /proc/$PPID/stat)\n" +
		"(for i in $(seq 100); do if [ -e resets/a.lock.journal ]; then break; fi; sleep 0.1; done; kill -TERM $script) >/dev/null 2>&1 &\n"})
	r.runs("push", 130, "interrupted")
	if n := r.calls("apply"); n != 1 {
		t.Errorf("apply was called %d times", n)
	}
	if n := r.forge.said(7); len(n) != 3 || !strings.HasPrefix(n[2], "**resets/a.yaml: **interrupted") || r.recorded("resets/a.started") != "" {
		t.Errorf("the comments are %q", n)
	}
}

// reads starts a consumer that stays until the end of the test.
func reads(t *testing.T, box *sandbox.Sandbox, group string) {
	t.Helper()
	address, err := box.Address("kafka")
	if err != nil {
		t.Fatal(err)
	}
	member, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.ConsumerGroup(group), kgo.ConsumeTopics("orders"), kgo.DisableAutoCommit())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(member.Close)
	if err := listed(t.Context(), member, group, "classic Stable"); err != nil {
		t.Fatal(err)
	}
}

func wrongChecksum(t *testing.T, r *review) {
	folder := map[bool]string{true: ".github/resetplan", false: ".gitlab/resetplan"}[r.releases != "" && dirExists(filepath.Join(r.dir, ".github"))]
	env := map[string]string{"RESETPLAN_RELEASES": r.releases}
	install := filepath.Join(r.dir, folder, "install.sh")
	to := t.TempDir()
	if code, output := typedIn(t, r.dir, env, install, to); code != 0 || !dirExists(filepath.Join(to, "resetplan")) {
		t.Fatalf("it exited with %d: %s", code, output)
	}
	sums := filepath.Join(r.dir, folder, "checksums.txt")
	raw, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(raw), "\n")
	writeAll(t, map[string]string{sums: "0000" + lines[1][4:]})
	to = t.TempDir()
	if code, output := typedIn(t, r.dir, env, install, to); code == 0 || dirExists(filepath.Join(to, "resetplan")) {
		t.Errorf("it exited with %d: %s", code, output)
	}
	writeAll(t, map[string]string{sums: lines[0]})
	if code, output := typedIn(t, r.dir, env, install, to); code != 1 || !strings.Contains(output, "has no archive for") {
		t.Errorf("it exited with %d: %s", code, output)
	}
}

func dirExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
