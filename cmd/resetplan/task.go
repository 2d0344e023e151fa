package main

import (
	"os"
	"path/filepath"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// A task is a plan that a command works on, and which part of it.
type task struct {
	doc     *schema.Document
	r       *survey.Reader
	saved   *plan.Plan // nil: the plan is to be made
	savedAs string     // the saved plan's file
	sel     reconcile.Selection
}

// planTask reads the plan FILE and connects what it names.
func (w world) planTask(c *cli.Context) (*task, error) {
	name, err := one(c, "plan FILE")
	if err != nil {
		return nil, err
	}
	doc, err := w.document(c, name)
	if err != nil {
		return nil, err
	}
	return w.finishTask(c, &task{doc: doc})
}

func (w world) finishTask(c *cli.Context, t *task) (*task, error) {
	var err error
	if t.sel, err = w.selection(c, t.doc.File); err != nil {
		return nil, err
	}
	if t.saved != nil {
		t.sel.Run = t.saved.Run
		if t.sel.Lock, err = t.lock(c.String("lock")); err != nil {
			return nil, err
		}
	}
	t.r, err = w.connect(c, t.doc, t.steps())
	return t, err
}

// steps are the ids of the selected steps, and none if all are.
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

// lock returns the lock of a saved plan: the one that it was planned with.
func (t *task) lock(given string) (string, error) {
	if t.saved.Lock == "" {
		return given, nil
	}
	own := filepath.Join(filepath.Dir(t.savedAs), filepath.FromSlash(t.saved.Lock))
	if given != "" && !sameFile(own, given) {
		return "", usage("apply %s: it was planned with the lock %s; --lock %s is another one: plan again with it", t.savedAs, own, given)
	}
	return own, nil
}

// sameFile reports whether two paths are of one file, or would be.
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

// recorded refuses a plan from standard input without a lock.
func (t *task) recorded(command string) error {
	if t.sel.Lock == "" {
		return usage("%s -: name the lock with --lock PATH", command)
	}
	return nil
}
