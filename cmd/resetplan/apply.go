package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

func applyFlags() []cli.Flag {
	return append(append(selectionFlags(), formatFlag()),
		approveFlag(),
		&cli.StringFlag{Name: "expect-digest", Usage: "refuse to apply unless the plan has this `DIGEST`"},
		cmdline.Between(&cli.IntFlag{Name: "parallelism", Usage: "run up to `N` steps at the same time, as their needs allow", Value: 1}, 1, math.MaxInt32),
		&cli.DurationFlag{Name: "settle", Usage: "how long to wait for a reset to become visible: `DURATION`", DefaultText: "depends on the service",
			Action: notNegative("settle")},
		adoptFlag(),
		waitFlag(), retryFlag(), wideFlag(), summaryFlag(), metricsFlag(),
	)
}

func applyCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "apply a plan, verify it and record it in the lock", ArgsUsage: "FILE|SAVED",
		UsageText: "resetplan apply [options] FILE|SAVED\nresetplan apply [options] --provider TYPE --to TARGET --save FILE ...",
		Description: "FILE is a plan. SAVED is a file written by `plan --out`; it is applied exactly as saved, or not at all.\n\n" +
			"Example: resetplan apply orders-replay.yaml --auto-approve --run @date\n\n" +
			"Without a file, which --save then writes, so that the lock has a place and the plan can be rolled back:\n\n" +
			"  resetplan apply --provider kafka --bootstrap broker:9092 \\\n" +
			"    --group orders-billing --topic orders --to now-2h --save replay.yaml\n\n" + applyExits,
		Flags:  append(applyFlags(), laterAdhocFlags()),
		Action: func(c *cli.Context) error { return applyAction(c, proc) },
	}
}

func applyAction(c *cli.Context, proc process) error {
	t, err := proc.task(c)
	if err != nil {
		return err
	}
	return proc.confirmAndApply(c, t, func(ctx context.Context) (*reconcile.Prepared, error) {
		t.sel.Impact = !c.Bool("auto-approve") // shown to the person who confirms
		if t.saved != nil {
			return reconcile.Resume(ctx, t.r, t.saved, t.sel)
		}
		t.sel.PartsLater = reconcile.OfDone
		return reconcile.Plan(ctx, t.r, t.sel)
	})
}

// task reads the plan to be applied, saved or not.
func (proc process) task(c *cli.Context) (*task, error) {
	p, err := proc.adhoc(c, true)
	if p != nil && p.save == "" && c.String("lock") == "" {
		return nil, usage("apply: a plan from flags has no lock of its own; write the plan with --save FILE, or name a lock with --lock PATH or --lock URL")
	}
	if p != nil || err != nil {
		return proc.adhocTask(c, p, err)
	}
	name, err := onlyArgument(c, "FILE or SAVED")
	if err != nil {
		return nil, err
	}
	if name == "-" && c.String("lock") == "" {
		return nil, usage("apply -: a plan from standard input has no lock of its own; name one with --lock PATH or --lock URL")
	}
	if name == "-" && !c.Bool("auto-approve") {
		return nil, usage("apply -: standard input is the plan, so there is no terminal for confirmation; use --auto-approve")
	}
	raw, err := proc.source(name, files.Saved)
	if err != nil {
		return nil, err
	}
	if isSaved(raw) {
		return proc.savedTask(c, name, raw)
	}
	if len(raw) > files.Plan {
		return nil, &files.Unfit{Name: displayName(name), Reason: files.TooLarge(files.Plan)}
	}
	if errs := notOther(name, raw); errs != nil {
		return nil, errs
	}
	doc, err := proc.parse(c, name, raw)
	if err != nil {
		return nil, err
	}
	if name != "-" && !hasFile(name) && c.String("lock") == "" {
		return nil, usage("apply %s: a plan from a pipe has no lock of its own; name one with --lock PATH or --lock URL", name)
	}
	return proc.finishTask(c, &task{doc: doc})
}

func (proc process) savedTask(c *cli.Context, name string, raw []byte) (*task, error) {
	p, err := plan.ReadSaved(name, raw)
	if err != nil {
		return nil, err
	}
	for _, flag := range []string{"step", "set", "params", "run"} {
		if c.IsSet(flag) {
			return nil, usage("apply %s: --%s is part of the saved plan; to change it, run plan again with --%s", name, flag, flag)
		}
	}
	if _, err := (&task{saved: p, savedAs: name}).lock(c.String("lock")); err != nil {
		return nil, err
	}
	file, current := "<stdin>", []byte(nil)
	if p.File != "" {
		file = filepath.Join(filepath.Dir(name), filepath.FromSlash(p.File))
		if current, err = proc.source(file, files.Plan); err != nil {
			reason := fmt.Sprintf("the document of this saved plan cannot be read: %v", err)
			return nil, &plan.Refusal{Reason: reason,
				Remedy: "a saved plan names its document relative to its own folder: move it back, restore the document, or run plan again"}
		}
	} else if c.String("lock") == "" && p.Lock == "" {
		return nil, usage("apply %s: its plan is in no file and has no lock of its own; name the lock with --lock PATH or --lock URL", name)
	}
	permitted, err := proc.configuration(c)
	if err != nil {
		return nil, err
	}
	doc, err := p.Reopen(file, current, permitted.Connections)
	if err != nil {
		own, _ := (&task{saved: p, savedAs: name}).lock(c.String("lock"))
		return nil, reconcile.WithPaused(c.Context, own, err)
	}
	return proc.finishTask(c, &task{doc: doc, saved: p, savedAs: name})
}

// A planMaker computes a plan of an apply or of a rollback.
type planMaker func(context.Context) (*reconcile.Prepared, error)

// errStopped ends a command that was interrupted before its apply started.
var errStopped = fmt.Errorf("%w: nothing was sent", reconcile.ErrInterrupted)

// confirmAndApply shows a plan, asks for confirmation, applies the plan, shows the
// result and reports it to where the operator and the caller want it.
func (proc process) confirmAndApply(c *cli.Context, t *task, makePlan planMaker) error {
	ends, err := proc.reports(c, t)
	if err != nil {
		return errors.Join(err, t.r.Close())
	}
	err = proc.confirmed(c, t, makePlan, ends)
	ends.send(err)
	return err
}

// confirmed does all of confirmAndApply but the reports, for which it notes the plan
// and the result.
func (proc process) confirmed(c *cli.Context, t *task, makePlan planMaker, ends *reports) error {
	if err := proc.checkApproval(c); err != nil {
		return err
	}
	var sending atomic.Bool
	ctx, stop, cancel := proc.stoppable(c.Context, &sending)
	defer cancel()
	p, err := untilStopped(ctx, stop, makePlan)
	if errors.Is(err, errStopped) {
		return err // the abandoned reading still uses the connections
	}
	defer t.r.Close() //nolint:errcheck // the lock has the result by then
	if err != nil {
		return err
	}
	ends.plan = p.Plan
	t.flags.nameFlags(p.Plan)
	if err := proc.present(c, p); err != nil {
		return err
	}
	if err := p.Ready(c.String("expect-digest")); err != nil {
		if wantsJSON(c) {
			return err
		}
		return &shownError{err, p.ReadyShown(c.String("expect-digest"), proc.stdoutColumns() > 0).Error()}
	}
	if err := proc.approve(c, p, stop); err != nil {
		return err
	}
	o := reconcile.ApplyOptions{Selection: t.sel, Parallelism: c.Int("parallelism"), Stop: stop}
	if c.IsSet("settle") {
		d := c.Duration("settle")
		o.Settle = &d
	}
	if err := t.flags.write(); err != nil {
		return err
	}
	sending.Store(true)
	result, err := reconcile.Apply(ctx, t.r, p, o)
	if ends.result = result; result == nil {
		return err
	}
	if e := proc.showResult(c, t, result); e != nil {
		err = errors.Join(err, notPrinted(result, e))
	}
	t.flags.next(proc, t.sel.Lock, err)
	return err
}

// A shownError is an error whose reasons are in a plan that was shown: a person reads less
// of it than a report has.
type shownError struct {
	error
	short string
}

func (e *shownError) Unwrap() error { return e.error }

// checkApproval refuses a call that cannot be confirmed, and an empty digest: an
// unset variable must not switch the check off.
func (proc process) checkApproval(c *cli.Context) error {
	if c.IsSet("expect-digest") && c.String("expect-digest") == "" {
		return usage("--expect-digest is empty; give the approved digest")
	}
	if d := c.String("expect-digest"); d != "" && !isDigest(d) {
		return usage("--expect-digest %q is not a digest; copy the one that plan prints, sha256:…", d)
	}
	if !c.Bool("auto-approve") && !proc.stdinTTY {
		return usage("%s: no terminal for confirmation; use --auto-approve", c.Command.Name)
	}
	return nil
}

// isDigest reports whether a text can be a digest, or the beginning of one: that is
// compared, so that a plan with another digest is shown.
func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && hex != "" && len(hex) <= 64 && strings.Trim(hex, "0123456789abcdef") == ""
}

// present shows the plan. A closed pipe does not stop an apply that was approved in
// advance.
func (proc process) present(c *cli.Context, p *reconcile.Prepared) error {
	if wantsJSON(c) {
		return nil
	}
	err := term.Plan(proc.stdout, p.Plan, proc.look(c))
	if files.IsClosedPipe(err) && c.Bool("auto-approve") {
		return nil
	}
	return err
}

// notPrinted returns the error of a result that could not be printed. The lock has
// what was changed by then.
func notPrinted(r *reconcile.Result, err error) error {
	if r.Idle {
		return err
	}
	return &plan.Incomplete{Reason: fmt.Sprintf("the result could not be printed; it is in the lock %s: %v", r.Lock, err), Err: err}
}

// untilStopped computes a plan, and returns errStopped as soon as stop is closed,
// even if a service does not answer. That is safe because planning has no effect.
func untilStopped(ctx context.Context, stop <-chan struct{}, makePlan planMaker) (*reconcile.Prepared, error) {
	type answer struct {
		p   *reconcile.Prepared
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, 1)
	go func() {
		p, err := makePlan(ctx)
		answers <- answer{p, err}
	}()
	select {
	case <-stop:
		return nil, errStopped
	case a := <-answers:
		return a.p, a.err
	}
}
