package main

import (
	"errors"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

func resumeCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "resume", Usage: "start consumers that an interrupted apply has left stopped; resets nothing", ArgsUsage: "FILE",
		Description: "The lock records the consumers that an apply pauses or stops, until they were seen running again. This command\n" +
			"starts those that are still recorded, in all runs of the plan, and waits until their service reports them active.\n" +
			"The start command of a workload runs even if its consumers are active: it must do no harm then.\n\n" +
			"Example: resetplan resume orders-replay.yaml\n\n" +
			"Exit codes: 0 all consumers run, or none was stopped; 1 failed; 3 bad input; 4 refused, or an apply holds the lock;\n" +
			"5 some consumers are still stopped; 130 interrupted.",
		Flags: append(paramFlags(),
			&cli.StringFlag{Name: "lock", Usage: "the `PATH` or the URL of the lock", DefaultText: "FILE.lock.yaml next to the plan"},
			formatFlag()),
		Action: func(c *cli.Context) error { return resume(c, proc) },
	}
}

func resume(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	name, err := onlyArgument(c, "plan FILE")
	if err != nil {
		return err
	}
	doc, err := proc.document(c, name)
	if err != nil {
		return err
	}
	var sel reconcile.Selection
	if sel.Lock, err = lockOf(c, doc.File); err != nil {
		return err
	}
	if err := (&task{sel: sel}).requireLock("resume"); err != nil {
		return err
	}
	if err := proc.permitLock(c, sel.Lock); err != nil {
		return err
	}
	r, err := proc.connect(c, doc, nil)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // the lock has the result by then
	started, err := reconcile.StartPaused(ctx, r, sel)
	if started == nil {
		return err
	}
	if wantsJSON(c) {
		return errors.Join(view.JSON(proc.stdout, map[string]any{"started": started}), err)
	}
	return errors.Join(term.Started(proc.stdout, started, sel.Lock, proc.look(c)), err)
}
