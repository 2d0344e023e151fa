package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

const lockExits = "\n\nExit codes: 0 done; 1 failed; 3 bad input; 4 refused, or an apply holds the lock."

func lockCommand(w world) *cli.Command {
	return &cli.Command{
		Name: "lock", Usage: "read a lock, settle a step in doubt, accept a lock changed by hand, drop old runs",
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "show the runs of a lock", ArgsUsage: "FILE",
				Description: "FILE is a plan or its lock. Nothing is contacted. A lock with a wrong checksum is shown, with a warning.\n\n" +
					"Example: resetplan lock show orders-replay.yaml",
				Flags:  []cli.Flag{formatFlag(), wideFlag()},
				Action: func(c *cli.Context) error { return lockShow(c, w) },
			},
			{
				Name: "settle", Usage: "decide whether a step that is in doubt or overwritten was applied", ArgsUsage: "FILE STEP applied|not-applied",
				Description: "Inspect the group first: what is settled as not applied will be sent again. With --part only these\n" +
					"partitions are decided; the step stays in doubt until all of them are.\n\nExample: resetplan lock settle orders-replay.yaml rewind-orders applied --part orders/0" + lockExits,
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "run", Usage: "the run's `KEY`", Value: schema.DefaultRun},
					&cli.StringSliceFlag{Name: "part", Usage: "decide only this `PARTITION`, such as orders/0 or shard/2 (repeatable)"},
				},
				Action: func(c *cli.Context) error { return lockSettle(c, w) },
			},
			{
				Name: "accept", Usage: "show a lock that was edited or merged by hand, and accept it", ArgsUsage: "FILE",
				Description: "Writes the checksum of what the lock records now. What counts as done in it is not sent again.\n\n" +
					"Example: resetplan lock accept orders-replay.yaml" + lockExits,
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"}, wideFlag()},
				Action: func(c *cli.Context) error { return lockAccept(c, w) },
			},
			{
				Name: "prune", Usage: "drop old runs; they then count as never done", ArgsUsage: "FILE",
				Description: "Runs with a step in doubt, overwritten or paused stay.\n\nExample: resetplan lock prune orders-replay.yaml --keep 50" + lockExits,
				Flags:       []cli.Flag{&cli.IntFlag{Name: "keep", Usage: "keep the newest `N` runs", Value: 20}},
				Action:      func(c *cli.Context) error { return lockPrune(c, w) },
			},
		},
		Action: func(c *cli.Context) error { return cli.ShowSubcommandHelp(c) },
	}
}

// lockFile returns the lock that an argument means: itself, or a plan's.
func lockFile(name string) (string, error) {
	if strings.HasSuffix(name, ".lock.yaml") {
		return name, nil
	}
	return lock.For(name)
}

// refusedLock makes of an error what it is to the user: a lock that is held,
// does not match its checksum or belongs to another plan is refused, and what
// cannot be settled is wrong usage.
func refusedLock(err error) error {
	var unresolved *lock.ResolveError
	if errors.As(err, &unresolved) {
		return usage("%v", unresolved)
	}
	return plan.Refused(err)
}

// shownLock reads a lock to be shown, and whether its checksum is right.
func shownLock(name string) (f *lock.File, path string, intact bool, err error) {
	if path, err = lockFile(name); err != nil {
		return nil, "", false, err
	}
	if f, intact, err = lock.ReadUnchecked(path); err != nil {
		return nil, "", false, err
	}
	if f.Plan == "" {
		switch info, err := os.Stat(name); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, "", false, usage("there is neither a lock %s nor a file %s", path, name)
		case err == nil && !info.Mode().IsRegular() && !strings.HasPrefix(info.Mode().Type().String(), "p"):
			return nil, "", false, usage("%s is not a file; name a plan or its lock", name)
		}
		f.Plan = path
	}
	return f, path, intact, nil
}

func lockShow(c *cli.Context, w world) error {
	asJSON := wantsJSON(c)
	name, err := one(c, "FILE")
	if err != nil {
		return err
	}
	f, path, intact, err := shownLock(name)
	if err != nil {
		return err
	}
	if !intact {
		fmt.Fprintf(w.stderr, "resetplan: warning: %s\n", view.Plain((&lock.ChecksumError{Path: path}).Error()))
	}
	if asJSON {
		return view.JSON(w.stdout, f)
	}
	return view.Lock(w.stdout, f, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c), File: name})
}

func lockAccept(c *cli.Context, w world) error {
	name, err := one(c, "FILE")
	if err != nil {
		return err
	}
	approved := c.Bool("auto-approve")
	if !approved && !w.stdinTTY {
		return usage("lock accept: there is no terminal for confirmation; use --auto-approve")
	}
	f, path, intact, err := shownLock(name)
	switch {
	case err != nil:
		return err
	case len(f.Runs) == 0:
		return usage("%s has no runs", path)
	}
	if err := view.Lock(w.stdout, f, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c), File: name}); err != nil {
		return err
	}
	if intact {
		fmt.Fprintf(w.stdout, "\n%s matches its checksum: there is nothing to accept\n", path)
		return nil
	}
	if !approved {
		fmt.Fprintf(w.stderr, "\n%s does not match its checksum. Applies will rely on what is shown above.\nOnly 'yes' accepts it: ", view.Plain(path))
		if text, _ := bufio.NewReader(w.stdin).ReadString('\n'); strings.TrimSpace(text) != "yes" {
			return &plan.Refusal{Reason: "not accepted: the lock was not changed"}
		}
	}
	if err := lock.Accept(path, w.by, w.now); err != nil {
		return refusedLock(err)
	}
	fmt.Fprintf(w.stdout, "\n%s is accepted\n", path)
	return nil
}

// change holds a lock for a change by hand.
func (w world) change(name string, how func(*lock.Held) error) error {
	path, err := lockFile(name)
	if err != nil {
		return err
	}
	there, err := lock.Read(path)
	if err != nil {
		return refusedLock(err)
	}
	if len(there.Runs) == 0 {
		return usage("%s has no runs", path)
	}
	held, err := lock.Open(path, lock.Options{Plan: there.Plan, Holder: w.by, Now: w.now})
	if err != nil {
		return refusedLock(err)
	}
	const all = 1 << 30 // what was kept stays: only an apply trims
	err = how(held)
	return errors.Join(refusedLock(err), held.Close(all))
}

func lockSettle(c *cli.Context, w world) error {
	verdict := c.Args().Get(2)
	if c.NArg() != 3 || verdict != "applied" && verdict != "not-applied" {
		return usage("lock settle takes FILE STEP and applied or not-applied")
	}
	step := c.Args().Get(1)
	run, err := w.runKey(c.String("run"))
	if err != nil {
		return err
	}
	var parts []providers.Part
	for _, name := range c.StringSlice("part") {
		p, err := providers.ParsePart(name)
		if err != nil {
			return usage("--part %q is not a partition; write it as `lock show` does, such as orders/0", name)
		}
		parts = append(parts, p)
	}
	var open bool
	err = w.change(c.Args().First(), func(h *lock.Held) error {
		if err := h.ResolveDoubt(run, step, parts, verdict == "applied", w.by, w.now()); err != nil {
			return err
		}
		s := h.File().Runs[run].ByID(step)
		open = s.Doubtful() || s.Outcome == lock.Overwritten
		return nil
	})
	switch {
	case err != nil:
		return err
	case open:
		fmt.Fprintf(w.stdout, "%s of step %s of run %s settled: %s; the other partitions still have to be settled\n",
			text.Plural(len(parts), "partition"), step, run, verdict)
	default:
		fmt.Fprintf(w.stdout, "step %s of run %s is settled: %s\n", step, run, verdict)
	}
	return nil
}

func lockPrune(c *cli.Context, w world) error {
	name, err := one(c, "FILE")
	if err != nil {
		return err
	}
	if c.Int("keep") < 1 {
		return usage("--keep is at least 1")
	}
	var went []string
	err = w.change(name, func(h *lock.Held) error {
		went = h.Prune(c.Int("keep"))
		return nil
	})
	if err == nil {
		fmt.Fprintf(w.stdout, "%s dropped\n", text.Plural(len(went), "run"))
	}
	return err
}
