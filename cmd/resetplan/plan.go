package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/impact"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

func planCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "plan", Usage: "show what an apply would do; changes nothing", ArgsUsage: "FILE",
		UsageText: "resetplan plan [options] FILE\nresetplan plan [options] --provider TYPE --to TARGET ...",
		Description: "Example: resetplan plan orders-replay.yaml --out orders.saved.json\n\n" +
			"Without a file:\n\n" +
			"  resetplan plan --provider kafka --bootstrap broker:9092 \\\n" +
			"    --group orders-billing --topic orders --to now-2h\n\n" +
			"With --provider TYPE before it, --help lists only the flags of that service.\n\n" +
			"Exit codes: 0 planned; 1 failed; 2 there are changes (with --detailed-exitcode); 3 bad input; 4 a step is blocked;\n" +
			"5 a step is in doubt, consumers are still paused, or the plan no longer has the step of a replay that is not over.",
		Flags: append(selectionFlags(), formatFlag(planFormats()...), laterAdhocFlags(),
			&cli.StringFlag{Name: "out", Usage: "save the plan to `FILE` for apply; - prints the saved plan instead of showing it"},
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 if there are changes"},
			waitFlag(), retryFlag(), adoptFlag(), wideFlag(), summaryFlag(),
			&cli.StringFlag{Name: "rate", Usage: "estimate catch-up time at this consumption rate: `N/s`, N/m or N/h records"},
			&cli.DurationFlag{Name: "sample", Usage: "measure the rates of consumers and producers for this `DURATION`"},
		),
		Action: func(c *cli.Context) error { return planAction(c, proc) },
	}
}

func planAction(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	if c.String("out") == "-" && c.IsSet("format") && !wantsJSON(c) {
		return usage("--out - prints the saved plan, which is JSON; omit --format")
	}
	if out := c.String("out"); out != "" && out != "-" {
		if err := checkSavable(out); err != nil {
			return err
		}
	}
	t, err := proc.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	rates, err := estimateOptions(c)
	if err != nil {
		return err
	}
	if err := errors.Join(checkNotLock("out", c.String("out"), t.sel.Lock), t.checkReport("summary", c.String("summary"))); err != nil {
		return err
	}
	t.sel.Impact = true
	t.sel.Ages = c.String("format") == "html" || wantsJSON(c) || c.String("out") != ""
	t.sel.ShownOnly = rates == (impact.Estimate{})
	if t.sel.ShownOnly && c.String("format") == "table" && c.String("out") == "" && c.String("summary") == "" {
		t.sel.PartsLater = reconcile.OfSeveral
	}
	p, err := reconcile.Plan(ctx, t.r, t.sel)
	if err != nil {
		return err
	}
	if err := reconcile.Estimate(ctx, t.r, p, rates); err != nil {
		return err
	}
	if out := c.String("out"); out != "" {
		if err := proc.save(out, p.Plan, t); err != nil {
			return err
		}
	}
	t.flags.nameFlags(p.Plan)
	if c.String("out") != "-" {
		if err := proc.showPlan(c, p); err != nil {
			return err
		}
	}
	if err := proc.summarise(c, p.Plan); err != nil {
		return err
	}
	if err := t.flags.saveFor(proc, p.Summary.Blocked > 0); err != nil {
		return err
	}
	return planStatus(c, p)
}

// planStatus returns the exit code of a plan that was shown, or why it is incomplete.
func planStatus(c *cli.Context, p *reconcile.Prepared) error {
	unread := p.Unread()
	if c.String("format") == "table" && c.String("out") != "-" {
		unread = p.UnreadInShort()
	}
	if len(unread) > 0 && !p.InDoubt() {
		return errors.New(strings.Join(unread, "\n"))
	}
	switch {
	case p.Unfinished():
		return exitStatus(5)
	case p.Summary.Blocked > 0:
		return exitStatus(4)
	case c.Bool("detailed-exitcode") && (p.Summary.Reset > 0 || p.Replaying()):
		return exitStatus(2)
	}
	return nil
}

// save writes a plan with its document to a file, or to standard output for "-".
func (proc process) save(out string, p *plan.Plan, t *task) error {
	saved := *p
	saved.Source = string(t.doc.Source)
	if hasFile(t.doc.File) {
		saved.File = relative(out, t.doc.File)
	}
	if saved.Lock = t.sel.Lock; saved.Lock != "" && !lock.IsURL(saved.Lock) {
		saved.Lock = relative(out, t.sel.Lock)
	}
	var text bytes.Buffer
	if err := view.PlanJSON(&text, &saved); err != nil {
		return err
	}
	if out == "-" {
		_, err := proc.stdout.Write(text.Bytes())
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

// relative returns the path of a file as seen from the folder of another.
func relative(from, file string) string {
	a, err1 := filepath.Abs(filepath.Dir(from))
	b, err2 := filepath.Abs(file)
	if r, err := filepath.Rel(a, b); err1 == nil && err2 == nil && err == nil {
		return filepath.ToSlash(r)
	}
	return file
}

// estimateOptions reads --rate and --sample.
func estimateOptions(c *cli.Context) (impact.Estimate, error) {
	e := impact.Estimate{Sample: c.Duration("sample")}
	if c.IsSet("sample") && e.Sample <= 0 {
		return e, usage("--sample must be more than 0; write a duration such as 5s")
	}
	text := c.String("rate")
	if !c.IsSet("rate") {
		return e, nil
	}
	number, unit, ok := strings.Cut(text, "/")
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	if !ok || per == 0 || err != nil || n <= 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return e, usage("--rate requires records per second, minute or hour, such as 2000/s or 120000/m, got %q", text)
	}
	e.Rate = n / per.Seconds()
	return e, nil
}
