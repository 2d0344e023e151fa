package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/operator"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/workload"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// A task is a plan that a command works on, and which part of it.
type task struct {
	doc     *schema.Document
	r       *survey.Reader
	saved   *plan.Plan // nil if the plan has not been computed yet
	savedAs string     // the saved plan's file
	flags   *adhocPlan // nil unless the plan is from flags
	sel     reconcile.Selection
}

// planTask reads the plan FILE, or the plan from flags if the command has them, and
// opens its connections.
func (proc process) planTask(c *cli.Context) (*task, error) {
	if p, err := proc.adhoc(c, true); p != nil || err != nil {
		return proc.adhocTask(c, p, err)
	}
	name, err := onlyArgument(c, "plan FILE")
	if err != nil {
		return nil, err
	}
	doc, err := proc.document(c, name)
	if err != nil {
		return nil, err
	}
	return proc.finishTask(c, &task{doc: doc})
}

// adhocTask opens the connection of a plan from flags.
func (proc process) adhocTask(c *cli.Context, p *adhocPlan, err error) (*task, error) {
	if err != nil {
		return nil, err
	}
	t, err := proc.finishTask(c, &task{doc: p.doc, flags: p})
	if err != nil || p.save == "" {
		return t, err
	}
	if err := checkNotLock("save", p.save, t.sel.Lock); err != nil {
		return nil, errors.Join(err, t.r.Close())
	}
	return t, nil
}

func (proc process) finishTask(c *cli.Context, t *task) (*task, error) {
	var err error
	if t.sel, err = proc.selection(c, t.doc.File); err != nil {
		return nil, err
	}
	if t.saved != nil {
		t.sel.Run = t.saved.Run
		if t.sel.Lock, err = t.lock(c.String("lock")); err != nil {
			return nil, err
		}
	}
	if err := proc.permitLock(c, t.sel.Lock); err != nil {
		return nil, err
	}
	t.r, err = proc.connect(c, t.doc, t.steps())
	return t, err
}

// steps returns the ids of the selected steps, none if all are selected.
func (t *task) steps() []string {
	if t.saved == nil {
		return t.sel.Steps
	}
	var ids []string
	for i := range t.saved.Steps {
		ids = append(ids, t.saved.Steps[i].ID)
	}
	return ids
}

// lock returns the lock of a saved plan: the one it was planned with.
func (t *task) lock(given string) (string, error) {
	if t.saved.Lock == "" {
		return given, nil
	}
	if lock.IsURL(t.saved.Lock) { // only a flag chooses a URL: a saved plan may come from another author
		if given != t.saved.Lock {
			return "", usage("apply %s: it was planned with a lock in an object store; to use that lock, add --lock %s",
				t.savedAs, text.ShellWord(t.saved.Lock))
		}
		return given, nil
	}
	own := filepath.Join(filepath.Dir(t.savedAs), filepath.FromSlash(t.saved.Lock))
	if given != "" && !sameFile(own, given) {
		return "", usage("apply %s: it was planned with the lock %s, not with %s; to use that lock, run plan again with --lock", t.savedAs, own, given)
	}
	return own, nil
}

// sameFile reports whether two paths name the same file, which need not exist.
func sameFile(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	if err1 == nil && err2 == nil {
		return os.SameFile(x, y)
	}
	a, err1 = filepath.Abs(a)
	b, err2 = filepath.Abs(b)
	return err1 == nil && err2 == nil && a == b
}

// requireLock refuses a plan from standard input without a lock.
func (t *task) requireLock(command string) error {
	if t.sel.Lock == "" {
		return usage("%s: a plan from standard input or a pipe has no lock of its own; name the lock with --lock PATH", command)
	}
	return nil
}

// connect opens a document's connections, within what the operator permits. It refuses
// variables without permission that these steps, or all steps if none are given, read.
func (proc process) connect(c *cli.Context, doc *schema.Document, steps []string) (*survey.Reader, error) {
	own, err := proc.configuration(c)
	if err != nil {
		return nil, err
	}
	if err := own.Check(doc); err != nil {
		return nil, err
	}
	own.Bind(doc)
	env, err := proc.forProviders(c)
	if err != nil {
		return nil, err
	}
	r, err := survey.Open(doc, survey.Deps{
		Providers: all.Providers(), Process: env, By: proc.by(), Retry: retry.Default(), Progress: proc.progress(c),
		Workloads: workloads(own, env),
	})
	if err != nil {
		return nil, err
	}
	if err := r.Permitted(steps); err != nil {
		_ = r.Close() // nothing was read through it
		return nil, err
	}
	return r, nil
}

// workloads returns the consumers that the operator permits to stop and start.
func workloads(own *operator.Configuration, env providers.Process) map[string]survey.Workload {
	all := map[string]survey.Workload{}
	for name, w := range workload.All(own.Workloads, own.File, env) {
		all[name] = w
	}
	return all
}

// progress returns the function that shows events, or nil for --quiet.
func (proc process) progress(c *cli.Context) func(survey.Event) {
	if c.Bool("quiet") {
		return nil
	}
	return proc.progressLine.Show
}

// selection returns the selected part of a document.
func (proc process) selection(c *cli.Context, file string) (reconcile.Selection, error) {
	run, err := proc.runKey(c.String("run"))
	if err != nil {
		return reconcile.Selection{}, err
	}
	at, err := lockOf(c, file)
	return reconcile.Selection{
		Run: run, Steps: c.StringSlice("step"), Lock: at, Wait: c.Duration("wait"),
		Retry: c.Bool("retry-overwritten"), Past: c.Bool("past"), Adopt: c.Bool("adopt"),
	}, err
}

// lockOf returns the lock of a plan: the one that --lock names, or that next to its file;
// "" = it has none.
func lockOf(c *cli.Context, file string) (string, error) {
	if given := c.String("lock"); given != "" || !hasFile(file) {
		return given, nil
	}
	return lock.For(file)
}

// runKey returns the key of a run: @date and @hour are the UTC date and hour.
func (proc process) runKey(key string) (string, error) {
	const most = 200
	switch {
	case key == "@date":
		return proc.now().UTC().Format("2006-01-02"), nil
	case key == "@hour":
		return proc.now().UTC().Format("2006-01-02T15"), nil
	case strings.HasPrefix(key, "@"):
		return "", usage("--run %q is unknown; use @date, @hour or a key that does not start with @", key)
	case strings.TrimSpace(key) != key || key == "" || view.Plain(key) != key || len(key) > most:
		return "", usage("--run %q is not a valid key; write at most %d visible characters in one line", key, most)
	}
	return key, nil
}
