package main

import (
	"context"
	"errors"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/urfave/cli/v2"
)

func rollbackCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "rollback", Usage: "restore the positions from before a run", ArgsUsage: "FILE",
		Description: "The previous positions come from the lock; a plan of the rollback is printed, confirmed, applied and recorded.\n\n" +
			"Example: resetplan rollback orders-replay.yaml --run 2026-11-20\n\n" + exitCodes,
		Flags: append(applyFlags(), &cli.BoolFlag{Name: "past", Usage: "roll back even if consumers have read past the previous position, which delivers records again"}),
		Action: func(c *cli.Context) error {
			t, err := w.planTask(c)
			if err != nil {
				return err
			}
			if err := t.recorded("rollback"); err != nil {
				return errors.Join(err, t.r.Close())
			}
			return w.carryOut(c, t, func(ctx context.Context) (*reconcile.Prepared, error) { return reconcile.PlanUndo(ctx, t.r, t.sel) })
		},
	}
}
