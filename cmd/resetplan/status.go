package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/urfave/cli/v2"
)

func statusCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "compare the positions in the lock with the current ones; changes nothing", ArgsUsage: "FILE",
		Description: "Example: resetplan status orders-replay.yaml --detailed-exitcode\n\n" +
			"Exit codes: 0 shown; 1 failed, or a step could not be compared; 2 positions have changed since the run\n" +
			"(with --detailed-exitcode); 3 bad input.",
		Flags: append(selectionFlags(), formatFlag(statusFormats()...),
			&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 if positions have changed since the run"}, wideFlag()),
		Action: func(c *cli.Context) error { return status(c, proc) },
	}
}

func status(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	t, err := proc.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	st, err := reconcile.ReadStatus(ctx, t.r, t.sel)
	if err != nil {
		return err
	}
	if err := proc.showStatus(c, st); err != nil {
		return err
	}
	if n := st.Unread(); n > 0 {
		return fmt.Errorf("%s could not be compared", text.Plural(n, "step"))
	}
	if c.Bool("detailed-exitcode") && st.Drifted {
		return exitStatus(2)
	}
	return nil
}
