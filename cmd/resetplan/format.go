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

// planFormats and statusFormats are how a plan and a status are printed; the
// functions below print each of them.
func planFormats() []string   { return append(statusFormats(), "commands") }
func statusFormats() []string { return []string{"table", "json", "markdown", "html"} }

// showPlan prints a plan in the format that was requested.
func (w world) showPlan(c *cli.Context, p *reconcile.Prepared) error {
	switch o := w.look(c); c.String("format") {
	case "json":
		return view.JSON(w.stdout, p.Plan)
	case "markdown":
		return markdown.Plan(w.stdout, p.Plan, o)
	case "html":
		return html.Plan(w.stdout, p.Plan, o)
	case "commands":
		return commands.Plan(w.stdout, p.Plan, p.Scripts(), o)
	default:
		return term.Plan(w.stdout, p.Plan, o)
	}
}

// showStatus prints a status in the format that was requested.
func (w world) showStatus(c *cli.Context, s *reconcile.Status) error {
	switch o := w.look(c); c.String("format") {
	case "json":
		return view.JSON(w.stdout, s)
	case "markdown":
		return markdown.Status(w.stdout, s, o)
	case "html":
		return html.Status(w.stdout, s, o)
	default:
		return term.Status(w.stdout, s, o)
	}
}

// look is how a view for a person is to look.
func (w world) look(c *cli.Context) view.Options {
	return view.Options{Wide: c.Bool("wide"), Colour: w.colour(c)}
}
