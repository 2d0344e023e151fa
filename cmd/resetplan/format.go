package main

import (
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/commands"
	"github.com/resetplan/resetplan/plan/view/html"
	"github.com/resetplan/resetplan/plan/view/markdown"
	"github.com/resetplan/resetplan/plan/view/term"
	"github.com/urfave/cli/v2"
)

// planFormats and statusFormats are the formats of a plan and of a status; the
// functions below print each of them.
func planFormats() []string   { return append(statusFormats(), "commands") }
func statusFormats() []string { return []string{"table", "json", "markdown", "html"} }

// showPlan prints a plan in the format of --format.
func (proc process) showPlan(c *cli.Context, p *reconcile.Prepared) error {
	switch o := proc.look(c); c.String("format") {
	case "json":
		return view.PlanJSON(proc.stdout, p.Plan)
	case "markdown":
		return markdown.Plan(proc.stdout, p.Plan, proc.reviewed(c, p.Run))
	case "html":
		return html.Plan(proc.stdout, p.Plan, proc.reviewed(c, p.Run))
	case "commands":
		return commands.Plan(proc.stdout, p.Plan, p.Scripts(), o)
	default:
		return term.Plan(proc.stdout, p.Plan, o)
	}
}

// showStatus prints a status in the format of --format.
func (proc process) showStatus(c *cli.Context, s *reconcile.Status) error {
	switch o := proc.look(c); c.String("format") {
	case "json":
		return view.StatusJSON(proc.stdout, s)
	case "markdown":
		return markdown.Status(proc.stdout, s, o)
	case "html":
		return html.Status(proc.stdout, s, o)
	default:
		return term.Status(proc.stdout, s, o)
	}
}

// look returns how a view for a person looks.
func (proc process) look(c *cli.Context) view.Options {
	return view.Options{Wide: c.Bool("wide"), Colour: proc.colour(c), Columns: proc.stdoutColumns()}
}

// lookAt is look with the plan or lock file that commands in hints name.
func (proc process) lookAt(c *cli.Context, name string) view.Options {
	o := proc.look(c)
	o.File = name
	return o
}
