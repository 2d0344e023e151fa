package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/notify"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/markdown"
	"github.com/resetplan/resetplan/plan/view/outcomes"
	"github.com/urfave/cli/v2"
)

func summaryFlag() cli.Flag {
	return &cli.StringFlag{Name: "summary", Usage: "append the result as Markdown to a `FILE`, such as $GITHUB_STEP_SUMMARY"}
}

func metricsFlag() cli.Flag {
	return &cli.StringFlag{Name: "metrics-file", Usage: "write the outcome as OpenMetrics text to a `FILE` of this plan, which is replaced"}
}

// reports are where the outcome of an apply or a rollback goes besides the screen.
type reports struct {
	proc             process
	own              *operator.Configuration
	t                *task
	look             view.Options
	summary, metrics string
	started          time.Time

	plan   *plan.Plan        // nil if it could not be made
	result *reconcile.Result // nil if nothing was recorded
}

// fileLook is how a view looks in a file, whatever the terminal is.
func (proc process) fileLook(c *cli.Context) view.Options {
	o := proc.look(c)
	o.Colour, o.Columns = false, 0
	return o
}

// reports prepares the reports of a call. It refuses, before any service is contacted, files
// that must not be written.
func (proc process) reports(c *cli.Context, t *task) (*reports, error) {
	own, err := proc.configuration(c)
	if err != nil {
		return nil, err
	}
	r := &reports{proc: proc, own: own, t: t, look: proc.fileLook(c), summary: c.String("summary"), metrics: c.String("metrics-file"),
		started: proc.now()}
	if r.summary != "" && r.metrics != "" && sameFile(r.summary, r.metrics) {
		return nil, usage("--summary and --metrics-file name the same file; name two files")
	}
	if err := errors.Join(t.checkReport("summary", r.summary), t.checkReport("metrics-file", r.metrics), checkMetrics(r.metrics)); err != nil {
		return nil, err
	}
	return r, nil
}

// checkReport refuses a report in the place of a file of the plan, or in no place.
func (t *task) checkReport(flag, name string) error {
	if name == "" {
		return nil
	}
	if err := checkNotLock(flag, name, t.sel.Lock); err != nil {
		return err
	}
	for _, own := range []string{t.doc.File, t.savedAs} {
		if own != "" && hasFile(own) && sameFile(own, name) {
			return usage("--%s %s: this is the file of the plan; name another file", flag, name)
		}
	}
	info, err := os.Lstat(name)
	if err != nil {
		if in, err := os.Stat(filepath.Dir(name)); err != nil || !in.IsDir() {
			return usage("--%s %s: the folder does not exist; create it, or name another file", flag, name)
		}
		return nil
	}
	var unfit *files.Unfit
	if errors.As(files.Replaceable(name, info), &unfit) {
		return &inputError{"--" + flag + ": " + unfit.Error()}
	}
	return nil
}

// checkMetrics refuses to replace a file that is not one of metrics.
func checkMetrics(name string) error {
	if name == "" {
		return nil
	}
	existing, err := files.Read(name, files.Plan)
	if err == nil && len(existing) > 0 && !bytes.HasPrefix(existing, []byte(outcomes.MetricsHead)) {
		return usage("--metrics-file %s: the file exists and has no metrics of this program; name another file", name)
	}
	return nil
}

// send reports how the command ended. Nothing that fails here changes that: it is a
// warning.
func (r *reports) send(failed error) {
	out := &outcomes.Report{Plan: r.t.doc.Name, Run: r.t.sel.RunKey(), By: r.proc.by(), Lock: r.t.sel.Lock, Started: r.started.UTC(),
		Finished: r.proc.now().UTC(), Outcome: r.outcome(failed)}
	if out.Outcome == "" {
		return
	}
	if failed != nil {
		out.Error = r.proc.secrets.Hide(failed.Error())
	}
	if r.result == nil && out.Outcome != outcomes.InDoubt {
		out.Lock = "" // nothing was recorded
	}
	out.Fill(r.plan, r.result)
	if r.summary != "" {
		r.warn(r.appendSummary(out))
	}
	if r.metrics != "" {
		record, _ := lock.ReadRun(context.Background(), r.t.sel.Lock, r.t.sel.RunKey()) // without it, there is no last success to report
		r.warn(files.Replace(r.metrics, out.Metrics(record), 0o644))
	}
	r.post(out)
}

// outcome is how the command ended, "" if there is nothing to report: a person did not
// approve, or the call was wrong.
func (r *reports) outcome(failed error) string {
	if r.result != nil {
		return string(r.result.Outcome)
	}
	if errors.Is(failed, errNotApproved) {
		return ""
	}
	return map[int]string{1: outcomes.Failed, 4: outcomes.Refused, 5: outcomes.InDoubt, 130: outcomes.Stopped}[exitCode(failed)]
}

func (r *reports) appendSummary(out *outcomes.Report) error {
	var text bytes.Buffer
	if err := markdown.Result(&text, out); err != nil {
		return err
	}
	if r.plan != nil {
		text.WriteString("<details><summary>The plan</summary>\n\n")
		if err := markdown.Plan(&text, r.plan, r.look); err != nil {
			return err
		}
		text.WriteString("\n</details>\n")
	}
	return appendMarkdown(r.summary, text.Bytes())
}

// appendMarkdown adds a text after an empty line, so that the text before it does not
// run into its heading.
func appendMarkdown(name string, text []byte) error {
	return files.Append(name, bytes.Join([][]byte{[]byte("\n"), bytes.TrimRight(text, "\n"), []byte("\n")}, nil), 0o644)
}

// post sends the report to the receivers of the configuration. A command without
// changes is not posted.
func (r *reports) post(out *outcomes.Report) {
	if len(r.own.Notify) == 0 || out.Idle {
		return
	}
	body, err := out.JSON()
	if err != nil {
		r.warn(err)
		return
	}
	p := notify.Post{Outcome: out.Outcome, Body: body, Getenv: r.proc.getenv, Secrets: r.proc.secrets}
	for _, err := range p.To(context.Background(), r.own.Notify) {
		r.warn(err)
	}
}

func (r *reports) warn(err error) {
	if err != nil {
		fmt.Fprintf(r.proc.stderr, "resetplan: warning: the outcome is not affected, and could not be reported: %s\n", view.Plain(err.Error()))
	}
}

// summarise appends a plan to the file of --summary.
func (proc process) summarise(c *cli.Context, p *plan.Plan) error {
	name := c.String("summary")
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := markdown.Plan(&text, p, proc.reviewed(c, p.Run)); err != nil {
		return err
	}
	if err := appendMarkdown(name, text.Bytes()); err != nil {
		return fmt.Errorf("the plan could not be appended to %s: %w", name, err)
	}
	return nil
}
