package main

import (
	"time"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/cmd/resetplan/internal/terminal"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/plan/watch"
	"github.com/urfave/cli/v2"
)

func watchCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "watch", Usage: "follow a run's consumers until they have caught up; changes nothing", ArgsUsage: "FILE",
		Description: "Reads the lock and the positions repeatedly, and joins no group. The progress of a step is counted from the\n" +
			"position of the reset to the end of the log, which moves. A terminal shows a bar for each step; otherwise each\n" +
			"reading prints a line for each step that has changed or, with --format json, one object. --format html prints the\n" +
			"address of a page on this machine that shows each reading until the command ends.\n\n" +
			"Example: resetplan watch orders-replay.yaml --until caught-up\n\n" +
			"--until caught-up ends when no partition has more records left than arrived since the previous reading.\n" +
			"--until settled ends when every step is verified, kept or undone: in the lock, or because a step that is applied\n" +
			"or in doubt is found at its target. The lock is not written; the next plan or apply records the outcome.\n" +
			"Both wait while an apply is running, and exit with 5 if a step can no longer get there: another client committed\n" +
			"over it (which one, if the service reports it), it is in doubt, or it was not applied. Without --until, watch\n" +
			"runs until it is interrupted. If the service becomes unavailable after the first reading, watch retries.\n\n" +
			"Exit codes: 0 reached; 1 failed; 3 bad input; 4 nothing to watch; 5 can no longer be reached; 130 interrupted.",
		Flags: append(selectionFlags(), formatFlag("table", "json", "html"),
			cmdline.Either(&cli.StringFlag{Name: "until", Usage: "the `STATE` to wait for: caught-up or settled"}, string(watch.UntilCaughtUp),
				string(watch.UntilSettled)),
			&cli.DurationFlag{Name: "every", Usage: "the `DURATION` between two readings", Value: 2 * time.Second,
				Action: func(_ *cli.Context, d time.Duration) error {
					if d < 100*time.Millisecond {
						return usage("--every must be at least 100ms, got %v", d)
					}
					return nil
				}},
		),
		Action: func(c *cli.Context) error { return watchAction(c, proc) },
	}
}

func watchAction(c *cli.Context, proc process) error {
	ctx, cancel := proc.interruptible(c.Context)
	defer cancel()
	t, err := proc.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	if err := t.requireLock("watch"); err != nil {
		return err
	}
	o := watch.Options{Selection: t.sel, Until: watch.Until(c.String("until")), Every: c.Duration("every")}
	switch {
	case wantsJSON(c):
		return watch.Run(ctx, t.r, o, func(p *watch.Progress) error { return view.JSONLine(proc.stdout, p) })
	case c.String("format") == "html":
		return proc.watchPage(ctx, t.r, o)
	case !proc.controls(proc.stdoutTTY) || c.Bool("verbose"): // log lines would break the bars
		return watch.Run(ctx, t.r, o, term.NewLines(proc.stdout).Show)
	}
	live := term.NewLive(terminal.Behind(proc.stdout), view.Options{Colour: proc.colour(c)})
	defer live.Close()
	return watch.Run(ctx, t.r, o, live.Show)
}
