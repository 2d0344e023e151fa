package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// What a person can decide about a step.
const (
	isApplied    = "applied"
	isNotApplied = "not-applied"
	isReleased   = "released"
)

func lockSettleCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "settle", Usage: "decide what the program cannot: a step in doubt, a replay without its step, consumers that are gone",
		ArgsUsage: "FILE|URL STEP applied|not-applied|released",
		Description: "applied, not-applied: whether a step that is in doubt or overwritten counts as applied. Inspect the group first: a step\n" +
			"settled as not applied will be sent again. With --part only these partitions are settled; the step stays in doubt until\n" +
			"all its partitions are. If the step was applied and its replay is not over, applied ends the replay: nothing more\n" +
			"follows it.\n\n" +
			"released: the consumers that the lock records as stopped for the step, such as those of a workload that is gone for\n" +
			"good, are no longer reported or started. It asks for confirmation.\n\n" +
			"Example: resetplan lock settle replay.yaml rewind applied --part orders/0\n" +
			"Example: resetplan lock settle replay.yaml rewind released" + lockExits,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "run", Usage: "the `KEY` of the run", Value: schema.DefaultRun},
			&cli.StringSliceFlag{Name: "part", KeepSpace: true, Usage: "settle only this `PARTITION`, such as orders/0 or shard/2; repeatable"},
			approveFlag(),
		},
		Action: func(c *cli.Context) error { return lockSettle(c, proc) },
	}
}

func lockSettle(c *cli.Context, proc process) error {
	verdict := c.Args().Get(2)
	if c.NArg() != 3 || verdict != isApplied && verdict != isNotApplied && verdict != isReleased {
		return usage("lock settle requires FILE STEP and applied, not-applied or released")
	}
	run, err := proc.runKey(c.String("run"))
	if err != nil {
		return err
	}
	if verdict == isReleased {
		return proc.releaseConsumers(c, run, c.Args().Get(1))
	}
	var parts []providers.Part
	for _, name := range c.StringSlice("part") {
		p, err := providers.ParsePart(name)
		if err != nil {
			return usage("--part %q is not a partition; write it as `lock show` does, such as orders/0", name)
		}
		parts = append(parts, p)
	}
	return proc.settleStep(c, run, c.Args().Get(1), parts, verdict)
}

// settleStep records whether a step was applied, or that its replay is over.
func (proc process) settleStep(c *cli.Context, run, step string, parts []providers.Part, verdict string) error {
	var open, ended bool
	err := proc.change(c, c.Args().First(), func(h *lock.Held) error {
		replays := len(h.File().Replays())
		if err := h.ResolveDoubt(run, step, parts, verdict == isApplied, proc.by(), proc.now()); err != nil {
			return err
		}
		s := h.File().Runs[run].ByID(step)
		open, ended = s.Doubtful() || s.Outcome == lock.Overwritten, len(h.File().Replays()) < replays
		return nil
	})
	switch {
	case err != nil:
		return err
	case ended:
		fmt.Fprintf(proc.stdout, "the replay of step %s of run %s is ended; nothing more follows it\n", step, run)
	case open:
		fmt.Fprintf(proc.stdout, "%s of step %s of run %s settled: %s; the other partitions still have to be settled\n",
			text.Plural(len(parts), "partition"), step, run, verdict)
	default:
		fmt.Fprintf(proc.stdout, "step %s of run %s settled: %s\n", step, run, verdict)
	}
	return nil
}

// releaseConsumers removes, after confirmation, the record that the consumers of a step
// were stopped.
func (proc process) releaseConsumers(c *cli.Context, run, step string) error {
	approved, name := c.Bool("auto-approve"), c.Args().First()
	switch {
	case len(c.StringSlice("part")) > 0:
		return usage("lock settle: released is about the consumers of the step, not about partitions; leave --part out")
	case !approved && !proc.stdinTTY:
		return usage("lock settle: no terminal for confirmation; use --auto-approve")
	}
	f, _, _, err := proc.shownLock(c, name)
	if err != nil {
		return err
	}
	s, err := f.StoppedFor(run, step)
	if err != nil {
		return refusedLock(err)
	}
	what := view.Plain(fmt.Sprintf("The consumers of step %s of run %s (%s) are %s.", s.ID, run, s.Address, s.Paused.What()))
	if !approved {
		fmt.Fprintf(proc.stderr, "%s\nOnce released, they are neither reported nor started by resetplan.\n", what)
		fmt.Fprint(proc.stderr, "Only 'yes' releases them: ")
		if text, _ := bufio.NewReader(proc.stdin).ReadString('\n'); strings.TrimSpace(text) != "yes" {
			return &plan.Refusal{Reason: "not released: the lock was not changed"}
		}
	}
	err = proc.change(c, name, func(h *lock.Held) error { return h.Release(run, step, proc.by(), proc.now()) })
	if err == nil {
		fmt.Fprintf(proc.stdout, "the consumers of step %s of run %s are released; resetplan does not start them\n", step, run)
	}
	return err
}
