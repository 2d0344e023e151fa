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
	steps       int
	rate        float64 // the most calls a second
	took        time.Duration
	calls       map[string]int // by kind
	needed      int            // calls that the work cannot do without, as far as that is known
	parallel    int
}

// all is the number of calls.
func (r result) all() (n int) {
	for _, one := range r.calls {
		n += one
	}
	return n
}

// least is the time that a run needs at least: its needed calls by the rate, or by the
// latency of those under way at the same time.
func (r result) least(latency time.Duration) time.Duration {
	byRate := time.Duration(float64(r.needed) / r.rate * float64(time.Second))
	return max(byRate, time.Duration(r.needed)*latency/time.Duration(r.parallel))
}

// ofSteps returns the number of calls that each step makes, by runs of a few steps and of
// more: the rest is shared by all steps.
func ofSteps(few, more result) int { return (more.all() - few.all()) / (more.steps - few.steps) }

// few is the number of steps by which the needed calls are measured: so few that each is
// sent while its first reading is fresh.
const few = 3

// measure plans and applies a step for each group of a cloud, and counts the calls that are
// needed: those of a preview, and for a reset the same and those that each step makes in a
// run of few steps. In an apply that takes longer than a reading is fresh, each step is read
// for the plan and again before it is sent.
func measure(ctx context.Context, ours string, s settings, of service) ([]result, error) {
	var runs [3][]result
	for i, with := range []settings{{steps: few, rate: 10_000}, {steps: 2 * few, rate: 10_000}, s} {
		var err error
		if runs[i], err = works(ctx, ours, with, of); err != nil {
			return nil, err
		}
	}
	all := runs[2]
	planned, applied := &all[0], &all[1]
	each := ofSteps(runs[0][1], runs[1][1])
	planned.needed = planned.all()
	applied.needed = min(planned.all()+each*applied.steps, applied.all())
	return all, nil
}

// The works.
const (
	preview = "preview"
	reset   = "reset"
)

// works plans and applies a step for each group of a cloud.
func works(ctx context.Context, ours string, s settings, of service) (out []result, _ error) {
	if of.most > 0 {
		s.steps = min(s.steps, of.most)
	}
	c, err := of.open(ctx, s.steps)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if s.rate > 0 {
		c.rate = s.rate
	}
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
	if err := os.WriteFile(file, []byte(c.plan(s.steps, url)), 0o600); err != nil {
		return nil, err
	}
	for _, w := range []struct {
		name     string
		parallel int
		resets   int
		args     []string
	}{
		{preview, reads, 0, []string{"plan", file}},
		{reset, writes, c.resets * s.steps, []string{"apply", file, "--auto-approve", "--parallelism", fmt.Sprint(writes)}},
	} {
		fmt.Fprintf(os.Stderr, "cloudbench: %s, %s of %d steps\n", c.name, w.name, s.steps)
		before := c.requests()
		start := time.Now()
		cmd := exec.CommandContext(ctx, ours, w.args...) //nolint:gosec // running it is the purpose
		cmd.Env = append(os.Environ(), c.variable...)
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s, %s: %w; its output:\n%s", c.name, w.name, err, text[max(0, len(text)-2000):])
		}
		r := result{cloud: c.name, work: w.name, steps: s.steps, rate: c.rate, took: time.Since(start), calls: c.requests(), parallel: w.parallel}
		for action, n := range before {
			r.calls[action] -= n
		}
		maps.DeleteFunc(r.calls, func(_ string, n int) bool { return n == 0 })
		if r.calls[c.reset] != w.resets {
			return nil, fmt.Errorf("%s, %s: %d calls of %s instead of %d, of %v", c.name, w.name, r.calls[c.reset], c.reset, w.resets, r.calls)
		}
		out = append(out, r)
	}
	return out, nil
}

// plan is a plan with a step for each group.
func (c *cloud) plan(steps int, url string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "version: 1\nname: bench\nproviders: {it: {type: %s, endpoint: %q, rateLimit: %.0f, %s}}\n", c.name, url, c.rate, c.provider)
	out.WriteString("guards: {maxReplay: unlimited}\nsteps:\n")
	for n := range steps {
		fmt.Fprintf(&out, "  - id: s%03d\n    provider: it\n    "+c.target+"\n", n, group(n))
	}
	return out.String()
}

// report writes the figures as Markdown.
func report(s settings, all []result) string {
	var out strings.Builder
	fmt.Fprintf(&out, "Emulated clouds, a step for each group; each call is answered after %s, and the connection sends at most "+
		"the calls of the column rate in a\nsecond. Needed are all calls of a preview; a reset needs the same, and for each step another reading, "+
		"the reset and its read-back. The least time\nis needed calls ÷ rate, or needed calls × latency ÷ calls at the same time, if that is more. "+
		"A subscription of tencent-dts has at most 10 groups.\n\n",
		s.latency)
	fmt.Fprint(&out, "| cloud | work | steps | rate | calls | needed | least time | at most | measured | met |\n"+
		"|---|---|---:|---:|---:|---:|---:|---:|---:|---|\n")
	for _, r := range all {
		least := r.least(s.latency)
		most := time.Duration(slack * float64(least))
		fmt.Fprintf(&out, "| %s | %s | %d | %g | %d | %d | %.1f s | %.1f s | %.1f s | %s |\n", r.cloud, r.work, r.steps, r.rate, r.all(), r.needed,
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
