package main

import (
	"context"
	"errors"

	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/urfave/cli/v2"
)

func rollbackCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "rollback", Usage: "restore the positions from before a run", ArgsUsage: "FILE",
		Description: "The previous positions come from the lock. The plan of the rollback is shown and, once confirmed, applied,\n" +
			"verified and recorded like any other.\n\n" +
			"Example: resetplan rollback orders-replay.yaml --run 2026-11-20\n\n" + applyExits,
		Flags: append(applyFlags(),
			&cli.BoolFlag{Name: "past", Usage: "roll back even if consumers have read past the previous position, which delivers records again"}),
		Action: func(c *cli.Context) error {
			t, err := proc.planTask(c)
			if err != nil {
				return err
			}
			if err := t.requireLock("rollback"); err != nil {
				return errors.Join(err, t.r.Close())
			}
			if err := reconcile.CanRollBack(c.Context, t.sel); err != nil {
				return errors.Join(err, t.r.Close())
			}
			return proc.confirmAndApply(c, t, func(ctx context.Context) (*reconcile.Prepared, error) {
				return reconcile.PlanUndo(ctx, t.r, t.sel)
			})
		},
	}
}
