package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/urfave/cli/v2"
)

func statusCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show the lock beside where the positions are now", ArgsUsage: "FILE",
		Description: "Example: resetplan status orders-replay.yaml --detailed-exitcode\n\nExit codes: 0 shown; 1 failed, or a step could not be compared; 2 something has moved since (with --detailed-exitcode); 3 bad input.",
		Flags:       append(append(selectionFlags(), formatFlag(statusFormats()...)), &cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 where something has moved since"}, wideFlag()),
		Action:      func(c *cli.Context) error { return status(c, w) },
	}
}

func status(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	t, err := w.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	st, err := reconcile.ReadStatus(ctx, t.r, t.sel)
	if err != nil {
		return err
	}
	if err := w.showStatus(c, st); err != nil {
		return err
	}
	if n := st.Unread(); n > 0 {
		return fmt.Errorf("%s could not be compared", text.Plural(n, "step"))
	}
	if c.Bool("detailed-exitcode") && st.Drifted {
		return ended(2)
	}
	return nil
}
