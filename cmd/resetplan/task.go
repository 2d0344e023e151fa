package main

import (
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/schema"
	"github.com/urfave/cli/v2"
)

// A task is a plan that a command works on, and which part of it.
type task struct {
	doc   *schema.Document
	r     *plan.Reconciler
	saved *plan.Plan // nil: the plan is to be made
	sel   plan.Selection
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
	}
	t.r, err = w.connect(c, t.doc)
	return t, err
}

// recorded refuses a plan from standard input whose lock nobody has named.
func (t *task) recorded(command string) error {
	if t.sel.Lock == "" {
		return usage("%s -: name the lock with --lock PATH", command)
	}
	return nil
}
