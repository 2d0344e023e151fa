package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// reads and writes are how many calls are under way at the same time: the reads of a
// connection, and the steps of an apply with --parallelism.
const (
	reads  = 8
	writes = 16
)

// slack is how much longer than the limit a run may take.
const slack = 1.2

// A result is one run.
type result struct {
	cloud, work string
	took        time.Duration
	calls       map[string]int
	parallel    int
}

// all is the number of calls.
func (r result) all() (n int) {
	for _, one := range r.calls {
		n += one
	}
	return n
}

// least is the time that a run needs at least: its calls by the rate, or by the latency of
// those under way at the same time.
func (r result) least(s settings) time.Duration {
	byRate := time.Duration(float64(r.all()) / s.rate * float64(time.Second))
	return max(byRate, time.Duration(r.all())*s.latency/time.Duration(r.parallel))
}

// measure plans and applies a step for each group of a cloud.
func measure(ctx context.Context, ours string, s settings, open func(context.Context, int) (*cloud, error)) (out []result, _ error) {
	c, err := open(ctx, s.steps)
	if err != nil {
		return nil, err
	}
	defer c.close()
	url, closed, err := c.serve(s.latency)
	if err != nil {
		return nil, err
	}
	defer closed()
	dir, err := os.MkdirTemp("", "resetplan-cloudbench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "plan.yaml")
	if err := os.WriteFile(file, []byte(c.plan(s, url)), 0o600); err != nil {
		return nil, err
	}
	for _, w := range []struct {
		name     string
		parallel int
		args     []string
	}{
		{"preview", reads, []string{"plan", file}},
		{"reset", writes, []string{"apply", file, "--auto-approve", "--parallelism", fmt.Sprint(writes)}},
	} {
		fmt.Fprintf(os.Stderr, "cloudbench: %s, %s\n", c.name, w.name)
		before := c.requests()
		start := time.Now()
		cmd := exec.CommandContext(ctx, ours, w.args...) //nolint:gosec // running it is the purpose
		cmd.Env = append(os.Environ(), c.variable...)
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s, %s: %w; its output:\n%s", c.name, w.name, err, text[max(0, len(text)-2000):])
		}
		r := result{cloud: c.name, work: w.name, took: time.Since(start), calls: c.requests(), parallel: w.parallel}
		for action, n := range before {
			r.calls[action] -= n
		}
		maps.DeleteFunc(r.calls, func(_ string, n int) bool { return n == 0 })
		want := 0
		if w.name == "reset" {
			want = s.steps
		}
		if r.calls[c.reset] != want {
			return nil, fmt.Errorf("%s, %s: %d calls of %s instead of %d, of %v", c.name, w.name, r.calls[c.reset], c.reset, want, r.calls)
		}
		out = append(out, r)
	}
	return out, nil
}

// plan is a plan with a step for each group.
func (c *cloud) plan(s settings, url string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "version: 1\nname: bench\nproviders: {it: {type: %s, endpoint: %q, rateLimit: %.0f, %s}}\n", c.name, url, s.rate, c.provider)
	out.WriteString("guards: {maxReplay: unlimited}\nsteps:\n")
	for n := range s.steps {
		fmt.Fprintf(&out, "  - id: s%03d\n    provider: it\n    "+c.target+"\n", n, group(n))
	}
	return out.String()
}

// report writes the figures as Markdown.
func report(s settings, all []result) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Emulated clouds, %d steps of a group each; each call is answered after %s, and the connection sends at most %g calls a second. "+
		"The least time is calls ÷ rate, or calls × latency ÷ calls at the same time, if that is more.\n\n", s.steps, s.latency, s.rate)
	fmt.Fprint(&out, "| cloud | work | calls | calls of a step | least time | at most | measured | met |\n|---|---|---:|---:|---:|---:|---:|---|\n")
	for _, r := range all {
		least := r.least(s)
		most := time.Duration(slack * float64(least))
		fmt.Fprintf(&out, "| %s | %s | %d | %.2f | %.1f s | %.1f s | %.1f s | %s |\n", r.cloud, r.work, r.all(), float64(r.all())/float64(s.steps),
			least.Seconds(), most.Seconds(), r.took.Seconds(), map[bool]string{true: "yes", false: "**no**"}[r.took <= most])
	}
	fmt.Fprint(&out, "\n| cloud | work | calls by kind |\n|---|---|---|\n")
	for _, r := range all {
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(r.calls)) {
			kinds = append(kinds, fmt.Sprintf("%s %d", kind, r.calls[kind]))
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", r.cloud, r.work, strings.Join(kinds, ", "))
	}
	return out.String()
}
