package main

import (
	"context"
	"errors"

	"github.com/resetplan/resetplan/plan"
	"github.com/urfave/cli/v2"
)

func rollbackCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "rollback", Usage: "put back what a run has moved", ArgsUsage: "FILE",
		Description: "The positions that stood before come from the lock; a plan of the undo is printed, confirmed, applied and recorded.\n\n" +
			"Example: resetplan rollback orders-replay.yaml --run 2026-11-20\n\n" + exitCodes,
		Flags: applyFlags(),
		Action: func(c *cli.Context) error {
			t, err := w.planTask(c)
			if err != nil {
				return err
			}
			if err := t.recorded("rollback"); err != nil {
				return errors.Join(err, t.r.Close())
			}
			return w.carryOut(c, t, func(ctx context.Context) (*plan.Plan, error) { return t.r.PlanUndo(ctx, t.sel) })
		},
	}
}
