package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

func lockCommand(w world) *cli.Command {
	where := []cli.Flag{&cli.StringFlag{Name: "run", Usage: "the run's `KEY`", Value: schema.DefaultRun}}
	return &cli.Command{
		Name: "lock", Usage: "read a lock, settle a step in doubt, drop old runs",
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "show the runs of a lock", ArgsUsage: "FILE",
				Description: "FILE is a plan or its lock.\n\nExample: resetplan lock show orders-replay.yaml",
				Flags:       []cli.Flag{formatFlag(), wideFlag()},
				Action:      func(c *cli.Context) error { return lockShow(c, w) },
			},
			{
				Name: "settle", Usage: "decide whether a step that is in doubt was applied", ArgsUsage: "FILE STEP applied|not-applied",
				Description: "Look at the group first: what is settled as not applied will be sent again.\n\nExample: resetplan lock settle orders-replay.yaml rewind-orders applied\n\nExit codes: 0 done; 1 failed; 3 bad input; 4 the lock is held by an apply.",
				Flags:       where,
				Action:      func(c *cli.Context) error { return lockSettle(c, w) },
			},
			{
				Name: "prune", Usage: "drop old runs; they then count as never done", ArgsUsage: "FILE",
				Description: "Runs with a step in doubt stay.\n\nExample: resetplan lock prune orders-replay.yaml --keep 50\n\nExit codes: 0 done; 1 failed; 3 bad input; 4 the lock is held by an apply.",
				Flags:       []cli.Flag{&cli.IntFlag{Name: "keep", Usage: "keep the newest `N` runs", Value: 20}},
				Action:      func(c *cli.Context) error { return lockPrune(c, w) },
			},
		},
		Action: func(c *cli.Context) error { return cli.ShowSubcommandHelp(c) },
	}
}

// lockFile returns the lock that an argument means: itself, or a plan's.
func lockFile(name string) string {
	if strings.HasSuffix(name, ".lock.yaml") {
		return name
	}
	return lock.Path(name)
}

func lockShow(c *cli.Context, w world) error {
	asJSON := wantsJSON(c)
	name, err := one(c, "FILE")
	if err != nil {
		return err
	}
	f, err := lock.Read(lockFile(name))
	if err != nil {
		return err
	}
	if f.Plan == "" {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return usage("there is neither a lock %s nor a file %s", lockFile(name), name)
		}
		f.Plan = lockFile(name)
	}
	if asJSON {
		return view.JSON(w.stdout, f)
	}
	return view.Lock(w.stdout, f, view.Options{Wide: c.Bool("wide"), Colour: w.colour(c)})
}

// change holds a lock for a change by hand. What changes is named by the
// lock's own plan.
func (w world) change(name string, how func(*lock.Held) error) error {
	path := lockFile(name)
	there, err := lock.Read(path)
	if err != nil {
		return err
	}
	if len(there.Runs) == 0 {
		return usage("%s has no runs", path)
	}
	held, err := lock.Open(path, lock.Options{Plan: there.Plan, Holder: w.by, Now: w.now})
	if err != nil {
		return plan.Refused(err)
	}
	const all = 1 << 30 // what was kept stays: only an apply trims
	err = how(held)
	return errors.Join(err, held.Close(all))
}

func lockSettle(c *cli.Context, w world) error {
	verdict := c.Args().Get(2)
	if c.NArg() != 3 || verdict != "applied" && verdict != "not-applied" {
		return usage("lock settle takes FILE STEP and applied or not-applied")
	}
	step, run := c.Args().Get(1), c.String("run")
	err := w.change(c.Args().First(), func(h *lock.Held) error {
		if err := h.Settle(run, step, nil, verdict == "applied", w.by, w.now()); err != nil {
			return usage("%v", err)
		}
		return nil
	})
	if err == nil {
		fmt.Fprintf(w.stdout, "step %s of run %s is settled: %s\n", step, run, verdict)
	}
	return err
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
		fmt.Fprintf(w.stdout, "%s dropped\n", plan.Plural(len(went), "run"))
	}
	return err
}
