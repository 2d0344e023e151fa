package main

import (
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/view"
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
		return view.JSON(proc.stdout, p.Plan)
	case "markdown":
		return view.Markdown(proc.stdout, p.Plan, o)
	case "html":
		return view.HTML(proc.stdout, p.Plan, o)
	case "commands":
		return view.Commands(proc.stdout, p.Plan, p.Scripts(), o)
	default:
		return view.Plan(proc.stdout, p.Plan, o)
	}
}

// showStatus prints a status in the format of --format.
func (proc process) showStatus(c *cli.Context, s *reconcile.Status) error {
	switch o := proc.look(c); c.String("format") {
	case "json":
		return view.JSON(proc.stdout, s)
	case "markdown":
		return view.StatusMarkdown(proc.stdout, s, o)
	case "html":
		return view.StatusHTML(proc.stdout, s, o)
	default:
		return view.Status(proc.stdout, s, o)
	}
}

// look returns how a view for a person looks.
func (proc process) look(c *cli.Context) view.Options {
	return view.Options{Wide: c.Bool("wide"), Colour: proc.colour(c)}
}
