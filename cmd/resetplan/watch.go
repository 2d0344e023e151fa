package main

import (
	"io"
	"time"

	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/resetplan/resetplan/plan/watch"
	"github.com/resetplan/resetplan/providers"
	"github.com/urfave/cli/v2"
)

func watchCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "watch", Usage: "follow a run's consumers until they have caught up; changes nothing", ArgsUsage: "FILE",
		Description: "It reads the lock and the positions again and again and joins no group. A step's progress is counted from where\n" +
			"it was reset to up to the end of the log, which moves. On a terminal each step has a bar; elsewhere each reading\n" +
			"is a line a step that has changed, and with --format json one object.\n\n" +
			"Example: resetplan watch orders-replay.yaml --until caught-up\n\n" +
			"--until caught-up ends once no part has more left to read than arrived since the reading before.\n" +
			"--until settled ends once every step is verified, kept or undone: by the lock, or because a reading shows a step\n" +
			"that is applied or in doubt where it was to go. The lock is not written; the next plan or apply settles it there.\n" +
			"Both wait while an apply is under way, and end with 5 where a step can get there no more: somebody committed over\n" +
			"it (who, as far as the service tells), it is in doubt, or it was not carried out. Without --until it goes on\n" +
			"until it is interrupted. A service that goes away after the first reading is waited for.\n\n" +
			"Exit codes: 0 reached; 1 failed; 3 bad input; 4 there is nothing to watch; 5 it cannot be reached any more;\n130 interrupted.",
		Flags: append(append(selectionFlags(), formatFlag()),
			&choiceFlag{choices: []string{string(watch.UntilCaughtUp), string(watch.UntilSettled)}, StringFlag: &cli.StringFlag{Name: "until", Usage: "what to wait for: `caught-up` or settled", Action: func(_ *cli.Context, s string) error {
				if u := watch.Until(s); u != watch.UntilCaughtUp && u != watch.UntilSettled {
					return usage("--until is caught-up or settled, not %q", s)
				}
				return nil
			}}},
			&cli.DurationFlag{Name: "every", Usage: "the `TIME` between two readings", Value: 2 * time.Second, Action: func(_ *cli.Context, d time.Duration) error {
				if d < 100*time.Millisecond {
					return usage("--every is at least 100ms, not %v", d)
				}
				return nil
			}},
		),
		Action: func(c *cli.Context) error { return watchAction(c, w) },
	}
}

func watchAction(c *cli.Context, w world) error {
	ctx, cancel := w.interruptible(c.Context)
	defer cancel()
	t, err := w.planTask(c)
	if err != nil {
		return err
	}
	defer t.r.Close() //nolint:errcheck // no records were written through it
	if err := t.recorded("watch"); err != nil {
		return err
	}
	o := watch.Options{Selection: t.sel, Until: watch.Until(c.String("until")), Every: c.Duration("every")}
	switch {
	case wantsJSON(c):
		return watch.Run(ctx, t.r, o, func(p *watch.Progress) error { return view.JSONLine(w.stdout, p) })
	case !w.stdoutTTY || c.Bool("verbose"): // its log would tear the bars
		return watch.Run(ctx, t.r, o, term.NewLines(w.stdout).Show)
	}
	live := term.NewLive(terminal(w.stdout), view.Options{Colour: w.colour(c)})
	defer live.Close()
	return watch.Run(ctx, t.r, o, live.Show)
}

// terminal returns the writer behind the one that makes way for the line of
// progress: a terminal is asked for its size.
func terminal(out io.Writer) io.Writer {
	if a, ok := out.(*aside); ok {
		out = a.out
	}
	if s, ok := out.(*providers.SecretWriter); ok {
		out = s.Unwrap()
	}
	return out
}
