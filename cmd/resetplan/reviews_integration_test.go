//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// A review is a change request on a code hosting server. Its plan and apply run as
// on that server.
type review struct {
	*repository
	box    *sandbox.Sandbox
	plan   func() (int, string)
	apply  func() (int, string) // with the commit of the lock
	notes  func() []string      // the comments on the request, the oldest first
	forget func()               // removes the comments
}

// TestIntegrationWhatWasReviewedIsWhatIsApplied takes the examples for GitHub
// and GitLab through the life of a change, and its failures.
func TestIntegrationWhatWasReviewedIsWhatIsApplied(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *review{"github-actions": onGitHub, "gitlab-ci": onGitLab} {
		t.Run(name+"/a plan is shown, approved, applied and recorded", func(t *testing.T) {
			r := open(t)
			r.write(r.box, 100)
			r.runs(r.plan, 0, "")
			r.write(r.box, 150)
			r.runs(r.plan, 0, "") // the reviewed text has changed: so does its note
			if n := r.notes(); len(n) != 2 || !strings.HasPrefix(n[1], "Digest: sha256:") || !strings.Contains(n[1], "to offset 150") ||
				strings.Contains(n[1], "to offset 100") {
				t.Fatalf("the notes are %q", n)
			}
			committedAt(t, r.box, "orders-billing", "300,300,300")
			r.runs(r.apply, 0, "")
			committedAt(t, r.box, "orders-billing", "150,150,150")
			if text := r.remembered("resets/orders.lock.yaml"); !strings.Contains(text, "outcome: verified") {
				t.Errorf("the lock on the main branch is %q", text)
			}
			r.runs(r.apply, 0, "nothing to do") // by hand once more: the approval outlives its own apply
			committedAt(t, r.box, "orders-billing", "150,150,150")
		})
		t.Run(name+"/what is not what was shown is refused", func(t *testing.T) {
			r := open(t)
			r.write(r.box, 100)
			r.runs(r.plan, 0, "")
			moveTo(t, r.box, "299,300,300")
			r.runs(r.apply, 4, "digest")
			moveTo(t, r.box, "300,300,300")
			r.write(r.box, 50)
			r.runs(r.apply, 4, "digest")
			r.forget()
			r.runs(r.apply, 1, "was never shown")
			committedAt(t, r.box, "orders-billing", "300,300,300")
		})
		t.Run(name+"/a plan that is blocked or wrong says so in its note", func(t *testing.T) {
			r := open(t)
			r.write(r.box, 400)
			r.runs(r.plan, 4, "")
			if n := r.notes(); len(n) != 2 || !strings.Contains(n[1], "guards.maxSkip") {
				t.Errorf("the notes are %q", n)
			}
			r.file("resets/orders.yaml", "version: 1\nnam: orders\n")
			r.runs(r.plan, 3, "")
			if n := r.notes(); len(n) != 2 || !strings.HasPrefix(n[1], "resets/orders.yaml cannot be planned (exit 3)") ||
				!strings.Contains(n[1], "did you mean name?") {
				t.Errorf("the notes are %q", n)
			}
		})
	}
}

func (r *review) runs(job func() (int, string), code int, want string) {
	r.t.Helper()
	if got, output := job(); got != code || !strings.Contains(output, want) {
		r.t.Fatalf("it exited with %d, want %d and %q:\n%s", got, code, want, output)
	}
}

// spoof is a comment that tries to forge an approval.
const spoof = "Digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n<!-- resetplan: resets/orders.yaml -->"

// changes are the files of the request; only the first is a plan to be made.
func changes(name, status string) string {
	return fmt.Sprintf(`[{%q: "resets/orders.yaml", %s}, {%q: "resets/orders.lock.yaml", %s}, {%q: "other/x.yaml", %s}]`, name, status, name, status,
		name, status)
}

// onGitHub runs the steps of the workflows. Their GitHub is a folder.
func onGitHub(t *testing.T) *review {
	r := &review{repository: newRepository(t), box: freshSandbox(t)}
	state, tools := t.TempDir(), t.TempDir()
	stub, err := os.ReadFile("testdata/gh.sh")
	if err != nil {
		t.Fatal(err)
	}
	comments := filepath.Join(state, "comments.json")
	writeAll(t, map[string]string{filepath.Join(tools, "gh"): string(stub),
		filepath.Join(state, "files.json"): changes("filename", `"status": "modified"`)})
	if err := os.Chmod(filepath.Join(tools, "gh"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.forget = func() {
		first, _ := json.Marshal([]any{map[string]any{"id": 1, "user": map[string]any{"login": "mallory"}, "body": spoof}})
		writeAll(t, map[string]string{comments: string(first)})
	}
	r.forget()
	r.notes = func() []string {
		raw, _ := os.ReadFile(comments)
		var all []struct{ Body string }
		if err := json.Unmarshal(raw, &all); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range all {
			out = append(out, c.Body)
		}
		return out
	}
	env := map[string]string{"PATH": tools, "STATE": state}
	r.plan = func() (int, string) { return r.step("reset-plan.yml", "Plan", env) }
	r.apply = func() (int, string) {
		code, output := r.step("reset-apply.yml", "Apply", env)
		if c, s := r.step("reset-apply.yml", "Commit the locks", env); c != 0 {
			t.Errorf("the locks are not committed: %s", s)
		}
		return code, output
	}
	return r
}

// step runs one step of a workflow as GitHub's runner does.
func (r *review) step(file, name string, env map[string]string) (int, string) {
	r.t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	decoded(r.t, example(r.t, "reviews/github-actions/"+file), &workflow)
	known := strings.NewReplacer("${{ github.token }}", "t", "${{ github.repository }}", "o/r", "${{ github.event.pull_request.number }}", "7",
		"${{ github.event.pull_request.base.ref }}", "main",
		"${{ secrets.KAFKA_READER_USERNAME }}", "", "${{ secrets.KAFKA_READER_PASSWORD }}", "", "${{ secrets.KAFKA_WRITER_USERNAME }}", "",
		"${{ secrets.KAFKA_WRITER_PASSWORD }}", "")
	for _, job := range workflow.Jobs {
		for _, s := range job.Steps {
			if s.Name != name {
				continue
			}
			all := map[string]string{}
			for k, v := range env {
				all[k] = v
			}
			for k, v := range s.Env {
				if all[k] = known.Replace(v); strings.Contains(all[k], "${{") {
					r.t.Fatalf("unknown expression %s", v)
				}
			}
			script := filepath.Join(r.t.TempDir(), "step.sh")
			writeAll(r.t, map[string]string{script: s.Run})
			return typedIn(r.t, r.dir, all, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		}
	}
	r.t.Fatalf("%s has no step %s", file, name)
	return 0, ""
}

// onGitLab runs the jobs. Their GitLab answers on loopback.
func onGitLab(t *testing.T) *review {
	r := &review{repository: newRepository(t), box: freshSandbox(t)}
	type note struct {
		ID     int            `json:"id"`
		Author map[string]any `json:"author"`
		Body   string         `json:"body"`
	}
	var notes []note
	r.forget = func() { notes = []note{{1, map[string]any{"id": 666}, spoof}} }
	r.forget()
	r.notes = func() []string {
		var out []string
		for _, n := range notes {
			out = append(out, n.Body)
		}
		return out
	}
	lab := http.NewServeMux()
	answer := func(pattern string, with func(*http.Request) any) {
		lab.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) {
			if q.Header.Get("PRIVATE-TOKEN") != "secret" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_ = json.NewEncoder(w).Encode(with(q))
		})
	}
	answer("GET /user", func(*http.Request) any { return map[string]any{"id": 42} })
	answer("GET /projects/9/merge_requests/7/diffs", func(*http.Request) any { return json.RawMessage(changes("new_path", `"deleted_file": false`)) })
	answer("GET /projects/9/merge_requests/7/notes", func(*http.Request) any { return notes })
	answer("GET /projects/9/repository/commits/{sha}/merge_requests",
		func(*http.Request) any { return []any{map[string]any{"iid": 7, "state": "merged"}} })
	answer("POST /projects/9/merge_requests/7/notes", func(q *http.Request) any {
		notes = append(notes, note{len(notes) + 100, map[string]any{"id": 42}, q.FormValue("body")})
		return notes[len(notes)-1]
	})
	answer("PUT /projects/9/merge_requests/7/notes/{id}", func(q *http.Request) any {
		for i := range notes {
			if fmt.Sprint(notes[i].ID) == q.PathValue("id") {
				notes[i].Body = q.FormValue("body")
			}
		}
		return nil
	})
	lab.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		t.Errorf("nothing answers %s %s", q.Method, q.URL)
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "{}")
	})
	server := httptest.NewServer(lab)
	t.Cleanup(server.Close)
	r.plan = func() (int, string) { return r.job("reset-plan", server.URL) }
	r.apply = func() (int, string) { return r.job("reset-apply", server.URL) }
	return r
}

// job runs a job as GitLab's runner does: before_script and script in one shell.
func (r *review) job(name, api string) (int, string) {
	r.t.Helper()
	type job struct {
		Variables map[string]string
		Before    []string `yaml:"before_script"`
		Script    []string
		Extends   string
	}
	all := map[string]any{}
	text := example(r.t, "reviews/gitlab-ci/reset.gitlab-ci.yml")
	decoded(r.t, text, &all)
	jobs := map[string]job{}
	delete(all, "stages")
	raw, err := json.Marshal(all)
	if err != nil {
		r.t.Fatal(err)
	}
	decoded(r.t, string(raw), &jobs)
	one, base := jobs[name], jobs[jobs[name].Extends]
	env := map[string]string{"CI_API_V4_URL": api, "CI_PROJECT_ID": "9", "CI_MERGE_REQUEST_IID": "7",
		"CI_COMMIT_SHA": strings.TrimSpace(r.git("rev-parse", "HEAD")), "CI_DEFAULT_BRANCH": "main", "RESETPLAN_TOKEN": "secret"}
	for _, variables := range []map[string]string{base.Variables, one.Variables} {
		for k, v := range variables {
			env[k] = os.Expand(v, func(name string) string { return env[name] })
		}
	}
	env["REMOTE"] = r.bare // https, of which there is none here
	script := filepath.Join(r.t.TempDir(), "job.sh")
	writeAll(r.t, map[string]string{script: strings.Join(append(base.Before, one.Script...), "\n")})
	return typedIn(r.t, r.dir, env, "bash", "-eo", "pipefail", script)
}

func writeAll(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
