//go:build integration

package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// gitHubJobs runs the jobs of the workflow for an event, as GitHub's runner does.
func (r *review) gitHubJobs(event string) (int, string) {
	type step struct {
		Run  string
		Env  map[string]string
		With map[string]any
	}
	var workflow struct {
		Jobs map[string]struct {
			If, Needs string
			Steps     []step
		}
	}
	file := map[string]string{"request": "reset-plan.yml", "push": "reset-apply.yml"}[event]
	decoded(r.t, example(r.t, "reviews/github-actions/"+file), &workflow)
	known := map[string]string{"github.token": "token", "github.repository": "o/r", "github.event.repository.default_branch": "main",
		"github.event.pull_request.head.repo.full_name": map[bool]string{false: "o/r", true: "else/r"}[r.fork],
		"github.event.pull_request.number":              strconv.Itoa(r.request), "github.event.before": r.before, "github.sha": r.after}
	code, output := 0, ""
	later := func(a, b string) int { return len(workflow.Jobs[a].Needs) - len(workflow.Jobs[b].Needs) }
	for _, name := range slices.SortedFunc(maps.Keys(workflow.Jobs), later) {
		job := workflow.Jobs[name]
		if !r.holds(job.If, func(term string) string { return known[term] }) {
			continue
		}
		dir, env := "", r.gitHubEnvironment()
		for _, s := range job.Steps {
			if depth, is := s.With["fetch-depth"]; is {
				dir = r.checkout(map[string]string{"request": "refs/pull/merge", "push": "main"}[event], depth.(int))
			}
			if s.Run == "" || code != 0 {
				continue
			}
			all := maps.Clone(env)
			for k, v := range s.Env {
				all[k] = r.filledIn(v, known)
			}
			added, _ := os.ReadFile(env["GITHUB_PATH"])
			all["PATH"] = cmp.Or(strings.TrimSpace(string(added)), dir)
			script := filepath.Join(r.t.TempDir(), "step.sh")
			writeAll(r.t, map[string]string{script: s.Run})
			c, text := typedIn(r.t, dir, all, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
			code, output = c, output+text
		}
		outputs, _ := os.ReadFile(env["GITHUB_OUTPUT"])
		for _, line := range strings.Fields(string(outputs)) {
			k, v, _ := strings.Cut(line, "=")
			known["needs."+name+".outputs."+k] = v
		}
	}
	return code, output
}

func (r *review) gitHubEnvironment() map[string]string {
	dir := r.t.TempDir()
	return map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_API_URL": r.forge.url, "GITHUB_SERVER_URL": "https://github.com",
		"GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "4711", "RUNNER_TEMP": dir,
		"GITHUB_PATH": dir + "/path", "GITHUB_OUTPUT": dir + "/output", "GITHUB_STEP_SUMMARY": dir + "/summary",
		"RESETPLAN_RELEASES": r.releases}
}

// filledIn replaces the expressions of a variable. A job without secrets must not
// name any.
func (r *review) filledIn(value string, known map[string]string) string {
	return regexp.MustCompile(`\$\{\{ *([\w.]+) *}}`).ReplaceAllStringFunc(value, func(expression string) string {
		term := strings.Trim(expression, "${} ")
		if strings.HasPrefix(term, "secrets.") && !r.fork {
			return ""
		}
		text, is := known[term]
		if !is || r.fork && term == "github.token" {
			r.t.Fatalf("%s is not known in this job", expression)
		}
		return text
	})
}

// holds evaluates the condition of a job: comparisons, all of which have to hold.
func (r *review) holds(condition string, value func(term string) string) bool {
	if condition == "" {
		return true
	}
	for part := range strings.SplitSeq(condition, "&&") {
		terms := strings.Fields(part)
		if len(terms) != 3 {
			r.t.Fatalf("this is no comparison: %s", part)
		}
		var sides [2]string
		for i, term := range []string{terms[0], terms[2]} {
			if sides[i] = strings.Trim(term, `'"`); sides[i] == term {
				sides[i] = value(term)
			}
		}
		if (sides[0] == sides[1]) != (terms[1] == "==") {
			return false
		}
	}
	return true
}

// gitLabJobs runs the jobs of the pipeline for an event, as GitLab's runner does.
func (r *review) gitLabJobs(event string) (int, string) {
	type job struct {
		Variables map[string]string
		Script    []string
		Extends   string
		Rules     []struct{ If string }
	}
	all, jobs := map[string]any{}, map[string]job{}
	decoded(r.t, example(r.t, "reviews/gitlab-ci/reset.gitlab-ci.yml"), &all)
	delete(all, "stages")
	delete(all, "workflow")
	raw, err := json.Marshal(all)
	if err != nil {
		r.t.Fatal(err)
	}
	decoded(r.t, strings.ReplaceAll(string(raw), `"GIT_DEPTH":0`, `"GIT_DEPTH":"0"`), &jobs)
	code, output := 0, ""
	for _, name := range slices.Sorted(maps.Keys(jobs)) {
		one, env := jobs[name], r.gitLabEnvironment(event)
		if len(one.Rules) == 0 || !slices.ContainsFunc(one.Rules, func(rule struct{ If string }) bool {
			return r.holds(rule.If, func(term string) string { return env[strings.Trim(term, "$")] })
		}) {
			continue
		}
		for k, v := range one.Variables {
			env[k] = os.Expand(v, func(name string) string { return env[name] })
		}
		if event == "push" {
			env["RESETPLAN_REMOTE"] = r.bare // https, of which there is none here
		}
		script := filepath.Join(r.t.TempDir(), "job.sh")
		writeAll(r.t, map[string]string{script: strings.Join(one.Script, "\n")})
		c, text := typedIn(r.t, r.checkout(map[string]string{"request": "request", "push": r.after}[event], 0), env, "bash", "-eo", "pipefail", script)
		code, output = max(code, c), output+text
	}
	return code, output
}

func (r *review) gitLabEnvironment(event string) map[string]string {
	env := map[string]string{"CI_API_V4_URL": r.forge.url, "CI_PROJECT_ID": "9", "CI_DEFAULT_BRANCH": "main",
		"CI_JOB_URL":    "https://gitlab.example/o/r/-/jobs/4711",
		"CI_SERVER_URL": "https://gitlab.example", "CI_PROJECT_PATH": "o/r", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main",
		"CI_COMMIT_BEFORE_SHA": r.before, "CI_COMMIT_SHA": r.after, "RESETPLAN_TOKEN": "token", "RESETPLAN_PUSH_TOKEN": "secret",
		"PATH": r.tools}
	if event == "request" {
		maps.Copy(env, map[string]string{"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": strconv.Itoa(r.request),
			"CI_MERGE_REQUEST_PROJECT_ID": "9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": map[bool]string{false: "9", true: "12"}[r.fork],
			"CI_MERGE_REQUEST_DIFF_BASE_SHA": r.base})
		delete(env, "CI_COMMIT_BRANCH")
		delete(env, "RESETPLAN_PUSH_TOKEN") // protected
	}
	if r.fork {
		delete(env, "RESETPLAN_TOKEN")
	}
	return env
}
