package main

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func snapshotCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "snapshot", Usage: "save the current positions of a plan's targets as a plan that restores them",
		UsageText: "resetplan snapshot [options] --from FILE\nresetplan snapshot [options] --provider TYPE ...",
		Description: "Globs are replaced by the matching groups, and parameters by their values. If a service cannot restore a\n" +
			"position exactly, no step is written for it: the reason and the closest alternative are printed and added\n" +
			"as a comment.\n\n" +
			"Example: resetplan snapshot --from orders-replay.yaml --out before.yaml\n\n" +
			"Exit codes: 0 written; 1 failed; 3 bad input; 4 no position can be restored.",
		Flags: append(paramFlags(),
			&cli.StringFlag{Name: "from", Usage: "the plan `FILE` that names the targets"},
			stepFlag(),
			outFlag(),
			laterTargetFlags(),
		),
		Action: func(c *cli.Context) error { return snapshot(c, proc) },
	}
}

func snapshot(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	if err := checkNew(c.String("out")); err != nil {
		return err
	}
	doc, err := proc.snapshotTargets(c)
	if err != nil {
		return err
	}
	r, err := proc.connect(c, doc, c.StringSlice("step"))
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // no records were written through it
	s, err := draft.Snapshot(ctx, r, c.StringSlice("step"))
	if s != nil {
		for _, l := range s.Left {
			fmt.Fprintf(proc.stderr, "not restored: %s\n", view.Plain(l.String()))
		}
	}
	if err != nil {
		return err
	}
	return proc.writeDraft(s.Draft, c.String("out"))
}

// snapshotTargets returns the document that names the targets: --from, or flags.
func (proc process) snapshotTargets(c *cli.Context) (*schema.Document, error) {
	from := c.String("from")
	if from != "" && (c.IsSet("provider") || c.IsSet("connection")) {
		return nil, usage("snapshot accepts --from FILE, or --provider or --connection, not both")
	}
	if from != "" && c.String("provider") == "" {
		if _, err := proc.adhocCall(c); err != nil {
			return nil, err
		}
		return proc.document(c, from)
	}
	p, err := proc.adhoc(c, false)
	if p == nil && err == nil {
		err = usage("snapshot: name the targets with --from FILE, or with --provider TYPE or --connection NAME and the flags of a target")
	}
	if err != nil {
		return nil, err
	}
	return p.doc, nil
}
