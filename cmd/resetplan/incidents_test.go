package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/sandbox"
	"github.com/twmb/franz-go/pkg/kadm"
)

// TestIncidents runs those commands of docs/3am.md that need a broken group or an
// interrupted apply, each on a sandbox with that fault.
func TestIncidents(t *testing.T) {
	file, err := filepath.Abs("../../docs/3am.md")
	if err != nil {
		t.Fatal(err)
	}
	for state, c := range map[string]struct {
		faults  []string
		calls   int
		prepare func(*testing.T, *sandbox.Sandbox, *page)
	}{
		"a group that is out of range": {nil, 2, outOfRange},
		"a step in doubt":              {[]string{"kafka:late"}, 6, inDoubt},
	} {
		t.Run(state, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			box, err := sandbox.Start(t.Context(), sandbox.Options{Listen: freePorts(), Now: time.Now, Faults: c.faults})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(box.Close)
			t.Chdir(t.TempDir())
			c.prepare(t, box, readPage(string(raw)))
			blocks := regexp.MustCompile("(?s)<!-- not run: TestIncidents runs it on "+state+" -->\n```sh\n(.*?```)").FindAllStringSubmatch(string(raw), -1)
			p := &page{}
			for _, b := range blocks {
				one := readPage("```sh\n" + b[1])
				p.actions, p.faults = append(p.actions, one.actions...), append(p.faults, one.faults...)
			}
			if p.calls() != c.calls {
				t.Fatalf("the page has %d commands for %s, want %d", p.calls(), state, c.calls)
			}
			if err := p.run(box); err != nil {
				t.Error(err)
			}
		})
	}
}

// outOfRange deletes the records of the group's positions, as retention does.
func outOfRange(t *testing.T, box *sandbox.Sandbox, _ *page) {
	var to kadm.Offsets
	to.AddOffset("orders", 1, 350, -1)
	if _, err := adminOf(t, box).DeleteRecords(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

// inDoubt interrupts the page's first apply while it sends, and commits other
// positions afterwards.
func inDoubt(t *testing.T, box *sandbox.Sandbox, whole *page) {
	i := slices.IndexFunc(whole.actions, func(a action) bool { return slices.Contains(a.words, "--save") })
	if err := (&page{actions: whole.actions[i : i+1]}).run(box); err != nil {
		t.Fatal(err)
	}
	const before = 300 // of each partition in the sandbox
	signals := make(chan os.Signal, 2)
	ended := make(chan int, 1)
	var output bytes.Buffer
	go func() {
		ended <- run(context.Background(), process{
			args: []string{"resetplan", "apply", "replay.yaml", "--auto-approve"}, stdin: strings.NewReader(""), stdout: &output, stderr: &output,
			getenv: withSandboxCredentials(func(string) string { return "" }), now: time.Now, operator: "tester@here", signals: signals,
		})
	}()
	admin := adminOf(t, box)
	for sent := false; !sent; time.Sleep(10 * time.Millisecond) { // the answer of the commit comes three seconds after it
		if len(ended) > 0 {
			t.Fatalf("the apply exited with %d before its commit\n%s", <-ended, &output)
		}
		now, err := admin.FetchOffsets(t.Context(), "orders-billing")
		if err != nil {
			t.Fatal(err)
		}
		at, _ := now.Lookup("orders", 0)
		sent = at.At != before
	}
	signals <- os.Interrupt
	signals <- os.Interrupt
	if code := <-ended; code != 130 {
		t.Fatalf("the interrupted apply exited with %d\n%s", code, &output)
	}
	var others kadm.Offsets
	for p := range int32(3) {
		others.AddOffset("orders", p, 50, -1)
	}
	if err := admin.CommitAllOffsets(t.Context(), "orders-billing", others); err != nil {
		t.Fatal(err)
	}
}
