package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/urfave/cli/v2"
)

func snapshotCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "snapshot", Usage: "write where a plan's targets stand as a plan that restores it",
		Description: "Globs become the groups that are there, and parameters their values. Where a service cannot be put back\n" +
			"exactly, no step is made up: the reason, and what comes nearest, is told and stands as a comment.\n\n" +
			"Example: resetplan snapshot --from orders-replay.yaml --out before.yaml\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input; 4 nothing of it can be restored.",
		Flags: append(paramFlags(),
			&cli.StringFlag{Name: "from", Usage: "the plan `FILE` whose targets are read"},
			&cli.StringSliceFlag{Name: "step", Usage: "only this step `ID`, or one group of it, ID[GROUP]; repeatable"},
			outFlag(),
		),
		Action: func(c *cli.Context) error { return snapshot(c, w) },
	}
}

func snapshot(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	from := c.String("from")
	if from == "" {
		return usage("snapshot: --from FILE is missing")
	}
	if err := vacant(c.String("out")); err != nil {
		return err
	}
	doc, err := w.document(c, from)
	if err != nil {
		return err
	}
	r, err := w.connect(c, doc, c.StringSlice("step"))
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // no records were written through it
	s, err := draft.Snapshot(ctx, r, c.StringSlice("step"))
	if s != nil {
		for _, l := range s.Left {
			fmt.Fprintf(w.stderr, "not restored: %s\n", view.Plain(l.String()))
		}
	}
	if err != nil {
		return err
	}
	return w.writeDraft(s.Draft, c.String("out"))
}
