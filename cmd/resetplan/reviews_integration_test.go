//go:build integration

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestIntegrationWhatWasReviewedIsWhatIsApplied takes the examples for GitHub
// and GitLab through the life of a change, and its failures.
func TestIntegrationWhatWasReviewedIsWhatIsApplied(t *testing.T) {
	for kind, open := range reviews() {
		for name, story := range map[string]func(*testing.T, *review){
			"a plan is shown, approved, applied, recorded and answered":     shownAndApplied,
			"what differs from what was shown is refused":                   staleIsRefused,
			"a plan that is blocked or wrong says so in its comment":        wrongIsShown,
			"a comment that changed after the merge approves nothing":       editedIsNoApproval,
			"the last of 150 changed files, and its comment, is found":      manyFiles,
			"a refused plan among three stops no other; a re-run continues": refusedAmongThree,
			"parameters next to the plan":                                   paramsNextToThePlan,
			"a request from a fork is checked without credentials":          fromAFork,
			"a request cannot change what the operator permits":             operatorDecides,
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				story(t, open(t))
			})
		}
	}
}

func shownAndApplied(t *testing.T, r *review) {
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 100)})
	r.runs("request", 0, "")
	r.change(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 150)})
	r.runs("request", 0, "") // the reviewed text has changed: so does its comment
	if n := r.forge.said(7); len(n) != 1 || !strings.HasPrefix(n[0], "Digest: sha256:") || !strings.Contains(n[0], "to offset 150") ||
		strings.Contains(n[0], "to offset 100") {
		t.Fatalf("the comments are %q", n)
	}
	committedAt(t, r.box, "orders-billing", "300,300,300")
	r.merge()
	r.runs("push", 0, "1 verified")
	committedAt(t, r.box, "orders-billing", "150,150,150")
	if text := r.recorded("resets/orders.lock.yaml"); !strings.Contains(text, "outcome: verified") || r.recorded("resets/orders.started") != "" {
		t.Errorf("the lock on the main branch is %q", text)
	}
	n := r.forge.said(7)
	if len(n) != 2 || !strings.HasPrefix(n[1], "**resets/orders.yaml: applied, or nothing to do** ([job](https://git") ||
		!strings.Contains(n[1], "verified") {
		t.Fatalf("the comments are %q", n)
	}
	moveTo(t, r.box, "299,299,299")
	r.runs("push", 0, "") // by hand once more: it has been applied
	committedAt(t, r.box, "orders-billing", "299,299,299")
	if n := r.calls("apply"); n != 1 {
		t.Errorf("apply was called %d times", n)
	}
}

func staleIsRefused(t *testing.T, r *review) {
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 100)})
	r.runs("request", 0, "")
	r.forge.post(7, "mallory", "Digest: sha256:"+strings.Repeat("0", 64)+"\n<!-- resetplan: resets/orders.yaml -->") // forges an approval
	r.merge()
	moveTo(t, r.box, "299,300,300")
	r.runs("push", 4, "digest")
	if n := r.forge.said(7); len(n) != 2 || !strings.HasPrefix(n[1], "**resets/orders.yaml: refused, nothing was changed**") {
		t.Errorf("the comments are %q", n)
	}
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 50)})
	r.merge()
	r.runs("push", 1, "was not shown in a comment before the merge")
	committedAt(t, r.box, "orders-billing", "299,300,300")
	if n := r.forge.said(8); len(n) != 1 || !strings.Contains(n[0], "change it in a new request") {
		t.Errorf("the comments are %q", n)
	}
}

func wrongIsShown(t *testing.T, r *review) {
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 400)})
	r.runs("request", 4, "")
	if n := r.forge.said(7); len(n) != 1 || !strings.Contains(n[0], "guards.maxSkip") {
		t.Errorf("the comments are %q", n)
	}
	r.change(map[string]string{"resets/orders.yaml": "version: 1\nnam: orders\n"})
	r.runs("request", 3, "")
	if n := r.forge.said(7); len(n) != 1 || !strings.HasPrefix(n[0], "resets/orders.yaml cannot be planned (exit 3)") ||
		!strings.Contains(n[0], "did you mean name?") {
		t.Errorf("the comments are %q", n)
	}
	r.open(map[string]string{"resets/my orders.yaml": r.plan("orders", "0-2", 100), "resets/orders.yml": r.plan("orders", "0-2", 100)})
	r.runs("request", 3, "my orders.yaml")
	r.runs("request", 3, "orders.yml")
}

func editedIsNoApproval(t *testing.T, r *review) {
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 100)})
	r.runs("request", 0, "")
	r.merge()
	moveTo(t, r.box, "200,200,200")
	r.runs("request", 0, "") // the job of the request runs again after the merge, and edits its comment
	r.runs("push", 1, "was not shown in a comment before the merge")
	committedAt(t, r.box, "orders-billing", "200,200,200")
}

func manyFiles(t *testing.T, r *review) {
	files := map[string]string{"resets/z/orders.yaml": r.plan("orders", "0-2", 100)}
	for i := range 150 {
		files[fmt.Sprintf("resets/data/%03d.csv", i)] = "x\n"
	}
	r.open(files)
	for i := range 250 {
		r.forge.post(7, "mallory", fmt.Sprintf("comment %d", i))
	}
	r.runs("request", 0, "")
	r.runs("request", 0, "")
	if n := r.forge.said(7); len(n) != 1 || r.forge.largest < 3 {
		t.Fatalf("%d comments, on %d pages", len(n), r.forge.largest)
	}
	r.merge()
	r.runs("push", 0, "")
	committedAt(t, r.box, "orders-billing", "100,100,100")
}

func refusedAmongThree(t *testing.T, r *review) {
	r.open(map[string]string{"resets/a.yaml": r.plan("a", "0", 100), "resets/b.yaml": r.plan("b", "1", 100), "resets/c.yaml": r.plan("c", "2", 100)})
	r.runs("request", 0, "")
	r.merge()
	moveTo(t, r.box, "300,250,300")
	r.runs("push", 4, "digest")
	committedAt(t, r.box, "orders-billing", "100,250,100")
	n := r.forge.said(7)
	if all := strings.Join(n, "\n"); len(n) != 6 || strings.Count(all, "\n**resets/b.yaml: refused") != 1 || strings.Count(all, ": applied, or") != 2 {
		t.Errorf("the comments are %q", n)
	}
	if r.recorded("resets/a.lock.yaml") == "" || r.recorded("resets/b.lock.yaml") != "" || r.recorded("resets/c.lock.yaml") == "" {
		t.Error("the locks of a and c are not on the main branch, or one of b is")
	}
	moveTo(t, r.box, "180,300,180") // b is as approved again; a and c have moved on
	before, after := r.before, r.after
	r.open(map[string]string{"resets/README.md": "x"})
	r.merge()
	r.runs("push", 0, "") // the job of another merge does not apply what was refused
	committedAt(t, r.box, "orders-billing", "180,300,180")
	r.before, r.after = before, after
	r.runs("push", 0, "1 verified")
	committedAt(t, r.box, "orders-billing", "180,100,180")
	if n := r.calls("apply"); n != 4 {
		t.Errorf("apply was called %d times", n)
	}
}

func paramsNextToThePlan(t *testing.T, r *review) {
	for _, name := range []string{"bad-deploy", "poison-message", "region-failover"} {
		params := map[string]string{"bad-deploy": "since: " + time.Now().UTC().Add(-36*time.Hour).Format(time.RFC3339) + "\nincident: INC-4711\n",
			"poison-message": example(t, "playbooks/poison-message/stuck.yaml"), "region-failover": "to: eu\n"}[name]
		file := "resets/" + name
		moveTo(t, r.box, "300,300,300")
		r.open(map[string]string{file + ".yaml": onSandbox(example(t, "playbooks/"+name+"/plan.yaml"), r.box), file + ".params.yaml": params})
		r.runs("request", 0, "")
		if n := r.forge.said(r.request); len(n) != 1 || !strings.HasPrefix(n[0], "Digest: ") || !strings.Contains(n[0], "--params "+file+".params.yaml") {
			t.Fatalf("the comments are %q", n)
		}
		r.merge()
		r.runs("push", 0, "1 verified")
	}
	r.open(map[string]string{"resets/region-failover.params.yaml": "to: us\n"}) // only the parameters change
	r.runs("request", 0, "")
	if n := r.forge.said(r.request); len(n) != 1 || !strings.Contains(n[0], "orders-billing-us") {
		t.Fatalf("the comments are %q", n)
	}
	r.merge()
	r.runs("push", 0, "1 verified")
	r.open(map[string]string{"resets/region-failover.params.yaml": ""}) // they are removed
	r.runs("request", 3, "")
	if n := r.forge.said(r.request); len(n) != 1 || !strings.Contains(n[0], "--set to=") {
		t.Fatalf("the comments are %q", n)
	}
}

func fromAFork(t *testing.T, r *review) {
	r.fork = true
	r.open(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 100)})
	r.runs("request", 0, "valid")
	r.change(map[string]string{"resets/orders.yaml": "version: 1\nnam: orders\n"})
	r.runs("request", 3, "did you mean name?")
	r.change(map[string]string{"resets/orders.yaml": r.plan("orders", "0-2", 100)})
	r.merge()
	if n := r.forge.said(7); len(n) != 0 || r.calls("plan") != 0 || r.calls("validate") != 2 {
		t.Errorf("the comments are %q", n)
	}
	r.fork = false // the push to the main branch
	r.runs("push", 1, "was not shown in a comment before the merge")
	committedAt(t, r.box, "orders-billing", "300,300,300")
	r.open(map[string]string{"resets/orders.yaml": "# taken over\n" + r.plan("orders", "0-2", 100)})
	r.runs("request", 0, "")
	r.merge()
	r.runs("push", 0, "1 verified")
	committedAt(t, r.box, "orders-billing", "100,100,100")
}

func operatorDecides(t *testing.T, r *review) {
	files := map[string]string{"resets/orders.yaml": strings.Replace(r.plan("orders", "0-2", 100), "127.0.0.1", "localhost", 1)}
	for _, folder := range []string{".github", ".gitlab"} {
		if dirExists(filepath.Join(r.dir, folder)) {
			files[folder+"/resetplan/resetplan.config.yaml"] = "version: 1\nallow: {hosts: [\"*\"]}\n"
		}
	}
	r.open(files)
	r.runs("request", 4, "allow.hosts")
	r.merge() // the operator has accepted the change
	r.open(map[string]string{"resets/orders.yaml": files["resets/orders.yaml"] + "# again\n"})
	r.runs("request", 0, "")
}

func writeAll(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
