package html

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
)

// planPage is the page of a plan.
func planPage(p *plan.Plan, o view.Options) (*page, error) {
	summary, err := planText(p)
	if err != nil {
		return nil, err
	}
	pg := &page{
		Title: "Plan of " + view.Plain(p.Name), Lead: p.Summary.Line(), Text: summary,
		Facts: []fact{
			{Name: "Run", Value: view.Plain(p.Run)}, {Name: "Planned", Value: moment(p.CreatedAt)},
			{Name: "Digest", Value: view.Plain(p.Digest), Code: true},
		},
		Tiles: planTiles(p.Summary),
		Legend: []legend{
			{"track", "the log, from low to high"}, {"mark now", "now: the committed position"}, {"mark target", "target"},
			{"zone replay", "replay: delivered again"}, {"zone skip", "skip: never delivered"},
		},
	}
	if p.Undo {
		pg.Title = "Rollback of " + view.Plain(p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Params)) {
		pg.Facts = append(pg.Facts, fact{Name: "Parameter " + view.Plain(name), Value: view.Plain(fmt.Sprint(p.Params[name]))})
	}
	switch {
	case p.InDoubt():
		pg.Alarm = "A step is in doubt: an earlier attempt may have taken effect. Apply sends nothing until that is decided."
	case p.Summary.Blocked > 0:
		pg.Alarm = "Apply sends nothing while a step is blocked. Each blocked step shows the reason and the remedy."
	}
	pg.Data = data{
		Columns: []string{"Partition", "Effect", "Now", "Target", "Log", "Lag"}, Log: 3,
		Marks: []string{"now", "target"}, Between: [2]int{0, 1},
	}
	for i := range p.Steps {
		pg.Data.Steps = append(pg.Data.Steps, pg.Data.planStep(&p.Steps[i], o))
	}
	return pg, nil
}

// planText is the first steps of the plan as text.
func planText(p *plan.Plan) (string, error) {
	brief := *p
	brief.Steps = p.Steps[:min(len(p.Steps), textSteps)]
	var out bytes.Buffer
	if err := term.Plan(&out, &brief, view.Options{Columns: view.Width}); err != nil {
		return "", err
	}
	return out.String() + omitted(len(p.Steps)), nil
}

// omitted reports that a text does not show all of so many steps.
func omitted(steps int) string {
	if steps <= textSteps {
		return ""
	}
	return fmt.Sprintf("The first %d of %s are shown. Open this page in a browser that runs scripts to see them all.\n",
		textSteps, text.Plural(steps, "step"))
}

// planTiles are the figures of a plan's summary.
func planTiles(s plan.Summary) []tile {
	upper := s.Bound == plan.BoundUpper
	var tiles, skipped []tile
	for _, a := range s.Amounts() {
		tiles = append(tiles, tile{Name: text.Noun(a.Replay, a.Unit) + " replayed", Figure: text.Grouped(a.Replay), Tone: "replay",
			Upper: upper && a.Replay > 0})
		one := tile{Name: text.Noun(a.Skip, a.Unit) + " skipped", Figure: text.Grouped(a.Skip), Upper: upper && a.Skip > 0}
		if a.Skip > 0 {
			one.Tone = "skip"
		}
		skipped = append(skipped, one)
	}
	tiles = append(tiles, skipped...)
	tiles = append(tiles, tile{Name: text.Noun(int64(s.Partitions), "partition") + " moved", Figure: text.Grouped(int64(s.Partitions))})
	if s.Unknown > 0 {
		n := int64(s.Unknown)
		tiles = append(tiles, tile{Name: text.Noun(n, "partition") + " with unknown effect", Figure: text.Grouped(n), Tone: "warn"})
	}
	if s.Blocked > 0 {
		tiles = append(tiles, tile{Name: text.Noun(int64(s.Blocked), "step") + " blocked", Figure: text.Grouped(int64(s.Blocked)), Tone: "bad"})
	}
	return tiles
}

func (d *data) planStep(s *plan.Step, o view.Options) step {
	kind := stepKind{string(s.Action), view.ActionTone(s.Action), "to " + view.Plain(s.To) + view.StepFacts(s)}
	parts := view.PlanParts(s.Parts, o)
	out := step{
		ID: view.Plain(s.ID), Kind: d.stepKind(kind), Address: view.Plain(s.Address), Why: view.Plain(s.Why), Impact: view.Plain(view.Impact(s.Impact)),
		Rows: d.rows(parts, planShape(), o),
	}
	if s.Action == plan.Blocked {
		out.Why = "Blocked: " + out.Why
	}
	for _, w := range s.Warnings {
		out.Warnings = append(out.Warnings, "Warning: "+view.Plain(w))
	}
	if len(out.Rows) > 1 {
		out.Total = view.Total(parts)
	}
	return out
}

func planShape() shape {
	return shape{
		cells: func(r view.Row) []string {
			first := r.Parts[0]
			now, target := known(r.Now.String())+first.Outside(first.Now), known(r.Target.String())+first.Outside(first.Target)
			lag := known(r.Lag) + " → " + known(r.LagAfter)
			if r.Lag == "?" && r.LagAfter == "?" {
				lag = known("?")
			}
			return append([]string{r.Effect(), now, target, lag}, ends(r)...)
		},
		marks: func(r view.Row) []view.Span { return []view.Span{r.Now, r.Target} },
	}
}
