package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

func planCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "show what an apply would do; changes nothing", ArgsUsage: "FILE",
		Description: "Example: resetplan plan orders-replay.yaml --set since=2026-11-18T00:00:00Z --out orders.saved.json\n\n" +
			"Exit codes: 0 planned; 1 failed; 2 there are changes (with --detailed-exitcode); 3 bad input; 4 a step is blocked; 5 a step is in doubt.",
		Flags: append(append(selectionFlags(), formatFlag(planFormats()...)),
			&cli.StringFlag{Name: "out", Usage: "save the plan to a `FILE`, for apply; - is standard output, and the plan is then not shown"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 where there are changes"},
			waitFlag(), retryFlag(), wideFlag(),
			&cli.StringFlag{Name: "rate", Usage: "tell how long catching up takes where a step's consumers read so many records: `N/s`, N/m or N/h"},
			&cli.DurationFlag{Name: "sample", Usage: "read twice, `TIME` apart, to see how fast consumers and producers move"},
		),
		Action: func(c *cli.Context) error { return planAction(c, w) },
	}
}

func planAction(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	if c.String("out") == "-" && c.IsSet("format") && !wantsJSON(c) {
		return usage("--out - writes the saved plan, which is JSON, to standard output: leave --format out")
	}
	if out := c.String("out"); out != "" && out != "-" {
		if err := savable(out); err != nil {
			return err
		}
	}
	t, err := w.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	how, err := estimate(c)
	if err != nil {
		return err
	}
	t.sel.Impact = true
	p, err := reconcile.Plan(ctx, t.r, t.sel)
	if err != nil {
		return err
	}
	if err := reconcile.Estimate(ctx, t.r, p, how); err != nil {
		return err
	}
	if out := c.String("out"); out != "" {
		if err := w.save(out, p.Plan, t); err != nil {
			return err
		}
	}
	if c.String("out") != "-" {
		if err := w.showPlan(c, p); err != nil {
			return err
		}
	}
	if unread := p.Unread(); len(unread) > 0 && !p.InDoubt() {
		return errors.New(strings.Join(unread, "\n"))
	}
	switch {
	case p.InDoubt(), p.Paused():
		return ended(5)
	case p.Summary.Blocked > 0:
		return ended(4)
	case c.Bool("detailed-exitcode") && p.Summary.Reset > 0:
		return ended(2)
	}
	return nil
}

// save writes a plan with its document into a file, or to standard output for
// "-".
func (w world) save(out string, p *plan.Plan, t *task) error {
	saved := *p
	saved.Source = string(t.doc.Source)
	if t.doc.File != "<stdin>" {
		saved.File = relative(out, t.doc.File)
	}
	if t.sel.Lock != "" {
		saved.Lock = relative(out, t.sel.Lock)
	}
	var text bytes.Buffer
	if err := view.JSON(&text, &saved); err != nil {
		return err
	}
	if out == "-" {
		_, err := w.stdout.Write(text.Bytes())
		return err
	}
	return replaceSaved(out, text.Bytes())
}

// isSaved reports whether a file is a saved plan and not a document.
func isSaved(raw []byte) bool {
	var head struct {
		FormatVersion *json.Number `json:"formatVersion"`
	}
	err := json.Unmarshal(raw, &head)
	var syntax *json.SyntaxError
	return !errors.As(err, &syntax) && head.FormatVersion != nil
}
