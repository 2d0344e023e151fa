//go:build integration

package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/sandbox"
)

// A review is a repository with change requests on a code hosting server, whose
// jobs run as on that server.
type review struct {
	t             *testing.T
	box           *sandbox.Sandbox
	forge         *forge
	dir, bare     string // the author's checkout, and the server's repository
	tools         string // has the released program
	releases      string // the address of the releases
	request       int    // the latest request
	base          string // what it changes
	fork          bool   // it comes from a fork
	before, after string // what the latest push to the main branch changed
	last          string // the checkout of the last job
	jobs          func(event string) (int, string)
}

// reviews opens a repository that is set up as the README of each example describes.
func reviews() map[string]func(*testing.T) *review {
	return map[string]func(*testing.T) *review{
		"github-actions": func(t *testing.T) *review {
			r := newReview(t, gitHubAPI(t), ".github/resetplan", "github-actions")
			r.jobs = r.gitHubJobs
			return r
		},
		"gitlab-ci": func(t *testing.T) *review {
			r := newReview(t, gitLabAPI(t), ".gitlab/resetplan", "gitlab-ci")
			r.jobs = r.gitLabJobs
			return r
		},
	}
}

func newReview(t *testing.T, f *forge, folder, kind string) *review {
	r := &review{t: t, box: freshSandbox(t), forge: f, dir: t.TempDir(), bare: t.TempDir(), tools: t.TempDir(), request: 6}
	checksums := r.release()
	r.git("init", "--quiet", "--bare", "--initial-branch=main", r.bare)
	r.git("init", "--quiet", "--initial-branch=main")
	r.git("remote", "add", "origin", r.bare)
	files := map[string]string{folder + "/checksums.txt": checksums,
		folder + "/resetplan.config.yaml": "version: 1\nallow: {hosts: [\"127.0.0.1:*\"]}\n"}
	for to, from := range map[string]string{"reset.sh": "reset.sh", "install.sh": "install.sh", "forge.sh": kind + "/forge.sh"} {
		files[folder+"/"+to] = example(t, "reviews/"+from)
	}
	r.commit("set up", files)
	r.git("push", "--quiet", "origin", "main")
	return r
}

// release serves a release of the program, and returns its checksums. Before and
// after an apply, it runs the scripts that a test has put next to it.
func (r *review) release() string {
	program, err := exec.LookPath("resetplan")
	if err != nil {
		r.t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho \"$1\" >> %[1]s/calls\nif [ \"$1\" = apply ] && [ -e %[1]s/before ]; then sh %[1]s/before; fi\n"+
		"[ -e %[1]s/after ] || exec %[2]s \"$@\"\n%[2]s \"$@\"\ncode=$?\n"+
		"if [ \"$1\" = apply ] && [ -e %[1]s/after ]; then sh %[1]s/after; fi\nexit $code\n", r.tools, program)
	if err := os.WriteFile(filepath.Join(r.tools, "resetplan"), []byte(script), 0o755); err != nil {
		r.t.Fatal(err)
	}
	var archive strings.Builder
	zipped := gzip.NewWriter(&archive)
	files := tar.NewWriter(zipped)
	if err := files.WriteHeader(&tar.Header{Name: "resetplan", Mode: 0o755, Size: int64(len(script))}); err != nil {
		r.t.Fatal(err)
	}
	_, _ = files.Write([]byte(script))
	_, _ = files.Close(), zipped.Close()
	name := fmt.Sprintf("resetplan_0.1.0_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/v0.1.0/"+name {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(archive.String()))
	}))
	r.t.Cleanup(server.Close)
	r.releases = server.URL
	return fmt.Sprintf("%064d  resetplan_0.1.0_plan9_mips.tar.gz\n%x  %s\n", 0, sha256.Sum256([]byte(archive.String())), name)
}

func (r *review) git(args ...string) string {
	r.t.Helper()
	return r.gitIn(r.dir, args...)
}

func (r *review) gitIn(dir string, args ...string) string {
	r.t.Helper()
	code, output := typedIn(r.t, dir, nil, append([]string{"git", "-c", "user.name=t", "-c", "user.email=t@t"}, args...)...)
	if code != 0 {
		r.t.Fatalf("git %v: %s", args, output)
	}
	return output
}

func (r *review) head(of string) string { return strings.TrimSpace(r.git("rev-parse", of)) }

// commit writes files, removes those without a text, and commits that.
func (r *review) commit(title string, files map[string]string) {
	r.t.Helper()
	for path, text := range files {
		full := filepath.Join(r.dir, path)
		mode := os.FileMode(0o644)
		if strings.HasSuffix(path, ".sh") {
			mode = 0o755
		}
		if text == "" {
			r.git("rm", "--quiet", path)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), mode); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message", title)
}

// open opens a request with these files, from the newest main branch.
func (r *review) open(files map[string]string) {
	r.t.Helper()
	r.request++
	r.git("fetch", "--quiet", "origin")
	r.git("checkout", "--quiet", "-B", "main", "origin/main")
	r.git("checkout", "--quiet", "-B", "request")
	r.change(files)
}

// change adds a commit to the open request.
func (r *review) change(files map[string]string) {
	r.t.Helper()
	r.commit("change "+strconv.Itoa(r.request), files)
	r.base = r.head("main")
	r.git("checkout", "--quiet", "-B", "merge", "main")
	r.git("merge", "--quiet", "--no-ff", "--message", "merge", "request")
	r.git("push", "--quiet", "--force", "origin", "request", "merge:refs/pull/merge")
	r.git("checkout", "--quiet", "request")
}

// merge merges the request into the newest main branch.
func (r *review) merge() {
	r.t.Helper()
	r.git("fetch", "--quiet", "origin")
	r.git("checkout", "--quiet", "-B", "main", "origin/main")
	r.before = r.head("HEAD")
	r.git("merge", "--quiet", "--no-ff", "--message", fmt.Sprintf("Merge %d", r.request), "request")
	r.git("push", "--quiet", "origin", "main")
	r.after = r.head("HEAD")
	r.forge.mu.Lock()
	defer r.forge.mu.Unlock()
	r.forge.merges[r.after] = merged{r.request, r.forge.now()}
}

// checkout is a new checkout of a ref or commit on a runner.
func (r *review) checkout(ref string, depth int) string {
	r.last = r.t.TempDir()
	r.gitIn(r.last, "init", "--quiet")
	r.gitIn(r.last, "remote", "add", "origin", "file://"+r.bare)
	fetch := []string{"fetch", "--quiet", "origin", ref}
	if depth > 0 {
		fetch = append(fetch, "--depth="+strconv.Itoa(depth))
	}
	r.gitIn(r.last, fetch...)
	r.gitIn(r.last, "checkout", "--quiet", "--detach", "FETCH_HEAD")
	return r.last
}

// recorded returns a file of the server's main branch, "" if it is not there.
func (r *review) recorded(path string) string {
	code, text := typedIn(r.t, r.bare, nil, "git", "show", "main:"+path)
	if code != 0 {
		return ""
	}
	return text
}

// calls returns how often a command of the program was called.
func (r *review) calls(command string) int {
	raw, _ := os.ReadFile(filepath.Join(r.tools, "calls"))
	n := 0
	for called := range strings.FieldsSeq(string(raw)) {
		if called == command {
			n++
		}
	}
	return n
}

// plan is a plan that moves single partitions of orders-billing to an offset.
func (r *review) plan(name, partitions string, offset int) string {
	address, err := r.box.Address("kafka")
	if err != nil {
		r.t.Fatal(err)
	}
	return fmt.Sprintf("version: 1\nname: %s\nproviders: {k: {type: kafka, bootstrapServers: [%q]}}\nsteps:\n  - {id: s, provider: k, target: "+
		"{group: orders-billing, topic: orders, partitions: %q}, to: {offset: %d}}\n", name, address, partitions, offset)
}

func (r *review) runs(event string, code int, want string) {
	r.t.Helper()
	if got, output := r.jobs(event); got != code || !strings.Contains(output, want) {
		r.t.Fatalf("%s exited with %d, want %d and %q:\n%s\n%s", event, got, code, want, output, r.forge.said(r.request))
	}
}
