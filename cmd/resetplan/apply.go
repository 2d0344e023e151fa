package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

func applyFlags() []cli.Flag {
	return append(append(selectionFlags(), formatFlag()),
		&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"},
		&cli.StringFlag{Name: "expect-digest", Usage: "refuse to apply unless the plan has this `DIGEST`"},
		&cli.IntFlag{Name: "parallelism", Usage: "up to `N` steps at once, as far as needs allow", Value: 1},
		&cli.DurationFlag{Name: "settle", Usage: "how long to wait for a reset to become visible", DefaultText: "what the service needs", Action: notNegative("settle")},
		&cli.BoolFlag{Name: "adopt", Usage: "use a lock that was written for a plan of another name, after a rename"},
		waitFlag(), retryFlag(), wideFlag(),
	)
}

func applyCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "apply", Usage: "apply a plan, verify it and record it in the lock", ArgsUsage: "FILE|SAVED",
		Description: "FILE is a plan; SAVED is what `plan --out` wrote, and is sent exactly as it was saved or not at all.\n\n" +
			"Example: resetplan apply orders-replay.yaml --auto-approve --run \"$(date -u +%F)\"\n\n" + exitCodes,
		Flags:  applyFlags(),
		Action: func(c *cli.Context) error { return applyAction(c, w) },
	}
}

func applyAction(c *cli.Context, w world) error {
	t, err := w.task(c)
	if err != nil {
		return err
	}
	return w.carryOut(c, t, func(ctx context.Context) (*reconcile.Prepared, error) {
		t.sel.Impact = !c.Bool("auto-approve") // for the person who decides
		if t.saved != nil {
			return reconcile.Resume(ctx, t.r, t.saved, t.sel)
		}
		return reconcile.Plan(ctx, t.r, t.sel)
	})
}

// task reads what is to be applied.
func (w world) task(c *cli.Context) (*task, error) {
	name, err := one(c, "FILE or SAVED")
	if err != nil {
		return nil, err
	}
	if name == "-" && c.String("lock") == "" {
		return nil, usage("apply -: a plan from standard input has no lock of its own; name one with --lock PATH")
	}
	if name == "-" && !c.Bool("auto-approve") {
		return nil, usage("apply -: standard input is the plan, so there is no terminal for confirmation; use --auto-approve")
	}
	raw, err := w.source(name, files.Saved)
	if err != nil {
		return nil, err
	}
	if isSaved(raw) {
		return w.savedTask(c, name, raw)
	}
	if len(raw) > files.Plan {
		return nil, &files.Unfit{Name: shown(name), Reason: files.TooLarge(files.Plan)}
	}
	doc, err := w.parse(c, name, raw)
	if err != nil {
		return nil, err
	}
	return w.finishTask(c, &task{doc: doc})
}

func (w world) savedTask(c *cli.Context, name string, raw []byte) (*task, error) {
	p, err := plan.ReadSaved(name, raw)
	if err != nil {
		return nil, err
	}
	for _, flag := range []string{"step", "set", "params", "run"} {
		if c.IsSet(flag) {
			return nil, usage("apply %s: --%s was decided when the plan was saved; plan again with it", name, flag)
		}
	}
	file, now := "<stdin>", []byte(nil)
	if p.File != "" {
		file = filepath.Join(filepath.Dir(name), filepath.FromSlash(p.File))
		if now, err = w.source(file, files.Plan); err != nil {
			return nil, &plan.Refusal{Reason: fmt.Sprintf("the document of this saved plan cannot be read: %v", err), Remedy: "put it back, or plan again"}
		}
	} else if c.String("lock") == "" && p.Lock == "" {
		return nil, usage("apply %s: its plan came from standard input; name the lock with --lock PATH", name)
	}
	doc, err := p.Reopen(file, now)
	if err != nil {
		own, _ := (&task{saved: p, savedAs: name}).lock(c.String("lock"))
		return nil, reconcile.WithPaused(own, err)
	}
	return w.finishTask(c, &task{doc: doc, saved: p, savedAs: name})
}

// errStopped ends a command that was interrupted before its apply began.
var errStopped = fmt.Errorf("%w: nothing was sent", reconcile.ErrInterrupted)

// carryOut shows a plan, has it approved, applies it and shows what was done.
func (w world) carryOut(c *cli.Context, t *task, makePlan func(context.Context) (*reconcile.Prepared, error)) error {
	if err := w.checkApproval(c); err != nil {
		return err
	}
	var sending atomic.Bool
	ctx, stop, cancel := w.stoppable(c.Context, &sending)
	defer cancel()
	p, err := untilStopped(ctx, stop, makePlan)
	if errors.Is(err, errStopped) {
		return err // the reading that was left still uses the connections
	}
	defer t.r.Close() //nolint:errcheck // what was done is in the lock by then
	if err != nil {
		return err
	}
	if err := w.present(c, p); err != nil {
		return err
	}
	if err := p.Ready(c.String("expect-digest")); err != nil {
		return err
	}
	if err := w.approve(c, p, stop); err != nil {
		return err
	}
	o := reconcile.ApplyOptions{Selection: t.sel, Parallelism: c.Int("parallelism"), Stop: stop}
	if c.IsSet("settle") {
		d := c.Duration("settle")
		o.Settle = &d
	}
	sending.Store(true)
	result, err := reconcile.Apply(ctx, t.r, p, o)
	if result == nil {
		return err
	}
	if shown := showResult(c, w, result, wantsJSON(c)); shown != nil {
		err = errors.Join(err, unprinted(result, shown))
	}
	return err
}

// checkApproval refuses a call that nobody could approve, or that names an empty
// digest: a variable that is not set must not apply without a check.
func (w world) checkApproval(c *cli.Context) error {
	if c.IsSet("expect-digest") && c.String("expect-digest") == "" {
		return usage("--expect-digest is empty; give the digest that was approved")
	}
	if d := c.String("expect-digest"); d != "" && !strings.HasPrefix(d, "sha256:") {
		return usage("--expect-digest %q is not a digest; give the one that plan prints, sha256:…", d)
	}
	if !c.Bool("auto-approve") && !w.stdinTTY {
		return usage("%s: no terminal for confirmation; use --auto-approve", c.Command.Name)
	}
	if n := c.Int("parallelism"); n < 1 {
		return usage("--parallelism must be 1 or more, got %d", n)
	}
	return nil
}

// present shows the plan. A reader that has gone away does not stop an apply
// that was approved in advance.
func (w world) present(c *cli.Context, p *reconcile.Prepared) error {
	if wantsJSON(c) {
		return nil
	}
	err := term.Plan(w.stdout, p.Plan, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c)})
	if errors.Is(err, syscall.EPIPE) && c.Bool("auto-approve") {
		return nil
	}
	return err
}

// unprinted is the error of a result that could not be printed. What was changed
// by then is in the lock.
func unprinted(r *reconcile.Result, err error) error {
	if r.Idle {
		return err
	}
	return &plan.Incomplete{Reason: fmt.Sprintf("the result could not be printed, and the lock %s has it: %v", r.Lock, err), Err: err}
}

// untilStopped makes a plan, and ends with errStopped as soon as it is to: a
// service that does not answer keeps nobody waiting. A plan has no effect that
// would have to be waited for.
func untilStopped(ctx context.Context, stop <-chan struct{}, plans func(context.Context) (*reconcile.Prepared, error)) (*reconcile.Prepared, error) {
	type answer struct {
		p   *reconcile.Prepared
		err error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, 1)
	go func() {
		p, err := plans(ctx)
		answers <- answer{p, err}
	}()
	select {
	case <-stop:
		return nil, errStopped
	case a := <-answers:
		return a.p, a.err
	}
}

// approve asks a person, unless nothing is to be done or it was approved in
// advance.
func (w world) approve(c *cli.Context, p *reconcile.Prepared, stop <-chan struct{}) error {
	if c.Bool("auto-approve") || p.Summary.Reset == 0 && !p.Paused() {
		return nil
	}
	fmt.Fprintf(w.stderr, "\n%s\nOnly 'yes' applies this plan: ", p.Summary.Line())
	answer := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(w.stdin).ReadString('\n') // no answer is no
		answer <- strings.TrimSpace(text)
	}()
	select {
	case <-stop:
		fmt.Fprintln(w.stderr) // ends the line of the question
		return errStopped
	case text := <-answer:
		if text == "yes" {
			return nil
		}
	}
	return &plan.Refusal{Reason: "not approved: nothing was sent"}
}

func showResult(c *cli.Context, w world, r *reconcile.Result, asJSON bool) error {
	if asJSON {
		return view.JSON(w.stdout, r)
	}
	fmt.Fprintln(w.stdout)
	return term.Result(w.stdout, r, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c)})
}
