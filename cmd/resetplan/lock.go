package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/cmdline"
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

const lockExits = "\n\nExit codes: 0 done; 1 failed; 3 bad input; 4 refused, or an apply holds the lock."

func lockCommand(proc process) *cli.Command {
	return &cli.Command{
		Name: "lock", Usage: "show a lock, settle a step in doubt, accept a manually edited lock, delete old runs",
		Subcommands: []*cli.Command{
			{
				Name: "show", Usage: "show the runs of a lock, or copy it", ArgsUsage: "FILE|URL",
				Description: "FILE is a plan or its lock, URL a lock in an object store. No service is contacted. A lock with a wrong\n" +
					"checksum is shown with a warning. With --out the lock and what its journal records are copied instead, to a file\n" +
					"or a URL that has no lock yet.\n\n" +
					"Example: resetplan lock show orders-replay.yaml\n" +
					"Example: resetplan lock show gs://ops/locks/p --out p.lock.yaml",
				Flags: []cli.Flag{formatFlag(), wideFlag(),
					&cli.StringFlag{Name: "out", Usage: "copy the lock to this `FILE or URL`"}},
				Action: func(c *cli.Context) error { return lockShow(c, proc) },
			},
			lockSettleCommand(proc),
			{
				Name: "accept", Usage: "show a manually edited or merged lock, and accept it", ArgsUsage: "FILE|URL",
				Description: "Writes the checksum of the current content. Steps that it records as applied will not be sent again.\n\n" +
					"Example: resetplan lock accept orders-replay.yaml" + lockExits,
				Flags:  []cli.Flag{approveFlag(), wideFlag()},
				Action: func(c *cli.Context) error { return lockAccept(c, proc) },
			},
			{
				Name: "prune", Usage: "delete old runs; they then count as never applied", ArgsUsage: "FILE|URL",
				Description: "Runs with a step in doubt, overwritten or paused are kept.\n\n" +
					"Example: resetplan lock prune orders-replay.yaml --keep 50" + lockExits,
				Flags:  []cli.Flag{cmdline.Between(&cli.IntFlag{Name: "keep", Usage: "keep the newest `N` runs", Value: 20}, 1, math.MaxInt32)},
				Action: func(c *cli.Context) error { return lockPrune(c, proc) },
			},
		},
		Action: func(c *cli.Context) error { return cli.ShowSubcommandHelp(c) },
	}
}

// lockFile returns the lock that an argument names: itself, or a plan's.
func lockFile(name string) (string, error) {
	if strings.HasSuffix(name, ".lock.yaml") || lock.IsURL(name) {
		return name, nil
	}
	return lock.For(name)
}

// refusedLock returns the kind of error that the user sees: a lock that is held,
// does not match its checksum or belongs to another plan is a refusal, and a step
// that cannot be settled is wrong usage.
func refusedLock(err error) error {
	var unresolved *lock.ResolveError
	if errors.As(err, &unresolved) {
		return usage("%v", unresolved)
	}
	return plan.RefuseLock(err)
}

func noRuns(path string) error {
	return usage("%s has no runs; apply the plan first, or name another lock", path)
}

// permitLock checks the URL of a lock, and that the operator permits to contact its
// store. Only the command line names a URL; no plan can.
func (proc process) permitLock(c *cli.Context, location string) error {
	if !lock.IsURL(location) {
		return nil
	}
	if err := lock.CheckURL(location); err != nil {
		return err //nolint:wrapcheck // it names the URL
	}
	if strings.HasPrefix(location, "mem:") {
		return usage("a lock at mem:// ends with this process, and what it recorded with it; use file:///FOLDER/NAME or a store")
	}
	env, err := proc.forProviders(c)
	if at := lock.Address(location); err == nil && at != "" {
		err = env.MayReach(at)
	}
	return err
}

// shownLock reads a lock to be shown, and whether its checksum matches.
func (proc process) shownLock(c *cli.Context, name string) (f *lock.File, path string, intact bool, err error) {
	if path, err = lockFile(name); err == nil {
		err = proc.permitLock(c, path)
	}
	if err != nil {
		return nil, "", false, err
	}
	if f, intact, err = lock.ReadUnchecked(c.Context, path); err != nil {
		return nil, "", false, err
	}
	if f.Plan == "" && lock.IsURL(name) {
		return nil, "", false, usage("no lock exists at %s; check the URL, or apply the plan first", name)
	}
	if f.Plan == "" {
		switch info, err := os.Stat(name); {
		case errors.Is(err, fs.ErrNotExist):
			return nil, "", false, usage("neither the lock %s nor the file %s exists; check the path", path, name)
		case err == nil && !info.Mode().IsRegular() && info.Mode()&os.ModeNamedPipe == 0:
			return nil, "", false, usage("%s is not a file; name a plan or its lock", name)
		}
		f.Plan = path
	}
	return f, path, intact, nil
}

func lockShow(c *cli.Context, proc process) error {
	asJSON := wantsJSON(c)
	name, err := onlyArgument(c, "FILE")
	if err != nil {
		return err
	}
	if c.String("out") != "" {
		return proc.copyLock(c, name, c.String("out"))
	}
	f, path, intact, err := proc.shownLock(c, name)
	if err != nil {
		return err
	}
	if !intact {
		fmt.Fprintf(proc.stderr, "resetplan: warning: %s\n", view.Plain((&lock.ChecksumError{Path: path}).Error()))
	}
	if asJSON {
		return view.JSON(proc.stdout, f)
	}
	return term.Lock(proc.stdout, f, proc.lookAt(c, name))
}

// copyLock copies a lock to a file or a URL that has none.
func (proc process) copyLock(c *cli.Context, name, out string) error {
	path, err := lockFile(name)
	if err := errors.Join(err, proc.permitLock(c, path), proc.permitLock(c, out)); err != nil {
		return err
	}
	if !lock.IsURL(out) && !strings.HasSuffix(out, ".lock.yaml") {
		return usage("--out %s: a lock in a file is named after its plan; write the name of a plan's lock, such as orders-replay.lock.yaml", out)
	}
	f, err := lock.Copy(c.Context, path, out, proc.by(), proc.now)
	var exists *lock.ExistsError
	switch {
	case errors.As(err, &exists):
		return usage("--out: %v", exists)
	case err != nil:
		return refusedLock(err)
	case len(f.Runs) == 0:
		return noRuns(path)
	}
	fmt.Fprintf(proc.stdout, "%s copied to %s\n", text.Plural(len(f.Runs), "run"), view.Plain(out))
	return nil
}

func lockAccept(c *cli.Context, proc process) error {
	name, err := onlyArgument(c, "FILE")
	if err != nil {
		return err
	}
	approved := c.Bool("auto-approve")
	if !approved && !proc.stdinTTY {
		return usage("lock accept: no terminal for confirmation; use --auto-approve")
	}
	f, path, intact, err := proc.shownLock(c, name)
	switch {
	case err != nil:
		return err
	case len(f.Runs) == 0:
		return noRuns(path)
	}
	if err := term.Lock(proc.stdout, f, proc.lookAt(c, name)); err != nil {
		return err
	}
	if intact {
		fmt.Fprintf(proc.stdout, "\n%s matches its checksum; nothing to accept\n", path)
		return nil
	}
	if !approved {
		fmt.Fprintf(proc.stderr, "\n%s does not match its checksum. Applies will rely on the content shown above.\n", view.Plain(path))
		fmt.Fprint(proc.stderr, "Only 'yes' accepts it: ")
		if text, _ := bufio.NewReader(proc.stdin).ReadString('\n'); strings.TrimSpace(text) != "yes" {
			return &plan.Refusal{Reason: "not accepted: the lock was not changed"}
		}
	}
	if err := lock.Accept(c.Context, path, proc.by(), proc.now); err != nil {
		return refusedLock(err)
	}
	fmt.Fprintf(proc.stdout, "\nAccepted %s\n", path)
	return nil
}

// change holds a lock while it is changed by a command other than apply.
func (proc process) change(c *cli.Context, name string, change func(*lock.Held) error) error {
	ctx := c.Context
	path, err := lockFile(name)
	if err := errors.Join(err, proc.permitLock(c, path)); err != nil {
		return err
	}
	existing, err := lock.ReadRun(ctx, path, "")
	if err != nil {
		return refusedLock(err)
	}
	if len(existing.Runs) == 0 {
		return noRuns(path)
	}
	held, err := lock.Open(ctx, path, lock.Options{Plan: existing.Plan, Holder: proc.by(), Now: proc.now})
	if err != nil {
		return refusedLock(err)
	}
	const everyRun = 1 << 30 // only an apply shortens old runs
	err = change(held)
	return errors.Join(refusedLock(err), held.Close(everyRun))
}

func lockPrune(c *cli.Context, proc process) error {
	name, err := onlyArgument(c, "FILE")
	if err != nil {
		return err
	}
	var deleted []string
	err = proc.change(c, name, func(h *lock.Held) error {
		deleted = h.Prune(c.Int("keep"))
		return nil
	})
	if err == nil {
		fmt.Fprintf(proc.stdout, "%s deleted\n", text.Plural(len(deleted), "run"))
	}
	return err
}
