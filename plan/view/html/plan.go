package html

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/term"
)

// planPage is the page of a plan.
func planPage(p *plan.Plan, o view.Options) (*page, error) {
	var err error
	pg := &page{
		Title: "Plan of " + view.Plain(p.Name), Why: view.Plain(p.Description), Lead: p.Summary.Line(),
		Facts: planFacts(p, o), Tiles: append(planTiles(p.Summary), impactTiles(p)...), Alarms: planAlarms(p), Warnings: planWarnings(p),
		Approve: view.Plain(p.Digest),
		Legend: []legend{
			{"track", "the log, from low to high"}, {"mark now", "now: the committed position"}, {"mark target", "target"},
			{"mark now outside", "outside the log"}, {"mark band", "several partitions: from the first to the last"},
			{"zone replay", "replay: delivered again"}, {"zone skip", "skip: lost, never delivered"}, {"zone set", "set: the first commit"},
		},
	}
	if p.Undo {
		pg.Title = "Rollback of " + view.Plain(p.Name)
	}
	pg.Data = data{
		Columns: []string{"Partition", "Effect", "Now", "Target", "Log", "Lag"}, Log: 3,
		Marks: []string{"now", "target"}, Between: [2]int{0, 1},
	}
	notes, order := pg.Data.fill(pg.Data.planned(p, o))
	pg.Warnings = append(pg.Warnings, notes...)
	if pg.Text, err = planText(p, order); err != nil {
		return nil, err
	}
	if len(p.Steps) >= briefFrom {
		pg.Data.shareStems()
		pg.Lead += fmt.Sprintf(" Time axes are shown for plans with at most %s.", text.Plural(briefFrom-1, "step"))
	}
	return pg, nil
}

// planFacts are the named values of a plan's head.
func planFacts(p *plan.Plan, o view.Options) []fact {
	out := []fact{{Name: "Run", Value: view.Plain(p.Run)}, {Name: "Planned", Value: moment(p.CreatedAt)}}
	if p.CreatedBy != "" {
		out = append(out, fact{Name: "By", Value: view.Plain(p.CreatedBy)})
	}
	if o.Version != "" {
		out = append(out, fact{Name: "Version", Value: "resetplan " + view.Plain(o.Version)})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Labels)) {
		out = append(out, fact{Name: "Label " + view.Plain(name), Value: view.Plain(p.Labels[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Params)) {
		out = append(out, fact{Name: "Parameter " + view.Plain(name), Value: view.Plain(fmt.Sprint(p.Params[name]))})
	}
	out = append(out, fact{Name: "Digest", Value: view.Plain(p.Digest), Code: true, Copy: "digest"})
	if command := o.Command("apply", "--expect-digest", p.Digest); command != "" && !p.Undo && p.Summary.Blocked == 0 && p.Summary.Reset > 0 {
		out = append(out, fact{Name: "Apply", Value: command, Code: true, Copy: "apply"})
	}
	return out
}

// planAlarms are what a review must not miss.
func planAlarms(p *plan.Plan) (out []string) {
	switch {
	case p.InDoubt():
		out = append(out, "A step is in doubt: an earlier attempt may have taken effect. Apply sends nothing until that is decided.")
	case p.Summary.Blocked > 0:
		out = append(out, "Apply sends nothing while a step is blocked. Each blocked step shows the reason and the remedy.")
	}
	if p.Paused() {
		out = append(out, "Consumers are still paused by resetplan.")
	}
	for _, replay := range p.LeftReplaying {
		out = append(out, "A replay is not over, and no apply of this plan continues it: "+view.Plain(replay))
	}
	losing := p.Losing()
	for i, s := range losing {
		if i == plan.MostListed {
			out = append(out, fmt.Sprintf("%s more would lose records.", text.Plural(len(losing)-i, "step")))
			break
		}
		out = append(out, fmt.Sprintf("Step %s would lose %s: they would never be delivered to its consumers.", view.Plain(s.ID), s.Sum().Lost()))
	}
	return out
}

// planWarnings are warnings about the whole plan.
func planWarnings(p *plan.Plan) []string {
	if text := p.Expires(); text != "" {
		return []string{view.Plain(text)}
	}
	return nil
}

// impactTiles are the sums of the impact of a plan, as far as they are known.
func impactTiles(p *plan.Plan) (out []tile) {
	bytes, seconds := p.Totals()
	if bytes != nil {
		out = append(out, tile{Name: "to be delivered again, estimated", Figure: text.Bytes(*bytes)})
	}
	if seconds != nil {
		out = append(out, tile{Name: "until the slowest step has caught up", Figure: text.About(time.Duration(*seconds) * time.Second)})
	}
	return out
}

// planText is the first steps that the page shows as text, with unabridged names. Groups
// and partitions are folded if there are many.
func planText(p *plan.Plan, order []int) (string, error) {
	shown, parts := inText(order, func(i int) int { return len(p.Steps[i].Parts) })
	brief := *p
	brief.Steps = nil
	for _, i := range shown {
		brief.Steps = append(brief.Steps, p.Steps[i])
	}
	var out bytes.Buffer
	if err := term.Plan(&out, &brief, view.Options{Wide: parts <= textParts}); err != nil {
		return "", err
	}
	return out.String() + omitted(len(brief.Steps), len(p.Steps)), nil
}

// inText returns the first steps of an order whose parts the text has room for, and how
// many parts they have.
func inText(order []int, partsOf func(step int) int) (shown []int, parts int) {
	for _, i := range order[:min(len(order), textSteps)] {
		if n := partsOf(i); parts+n <= mostParts {
			shown, parts = append(shown, i), parts+n
		}
	}
	return shown, parts
}

// omitted says that the text does not show all steps.
func omitted(shown, steps int) string {
	if shown == steps {
		return ""
	}
	return fmt.Sprintf("%d of %s are shown. Open this page in a browser that runs scripts to see more, or use --format json.\n",
		shown, text.Plural(steps, "step"))
}

// planTiles are the figures of a plan's summary.
func planTiles(s plan.Summary) []tile {
	upper := s.Bound == plan.BoundUpper
	var tiles, skipped []tile
	for _, a := range s.Amounts() {
		tiles = append(tiles, tile{Name: text.Noun(a.Replay, a.Unit) + " replayed", Figure: text.Grouped(a.Replay), Tone: "replay",
			Upper: upper && a.Replay > 0})
		one := tile{Name: text.Noun(a.Skip, a.Unit) + " skipped (lost)", Figure: text.Grouped(a.Skip), Upper: upper && a.Skip > 0}
		if a.Skip > 0 {
			one.Tone = "skip"
		}
		skipped = append(skipped, one)
	}
	tiles = append(tiles, skipped...)
	tiles = append(tiles, tile{Name: text.Noun(int64(s.Partitions), "partition") + " moved", Figure: text.Grouped(int64(s.Partitions))})
	if s.Removed > 0 {
		n := int64(s.Removed)
		tiles = append(tiles, tile{Name: text.Noun(n, "commit") + " removed", Figure: text.Grouped(n), Tone: "warn"})
	}
	if s.Unknown > 0 {
		n := int64(s.Unknown)
		tiles = append(tiles, tile{Name: text.Noun(n, "partition") + " with unknown effect", Figure: text.Grouped(n), Tone: "warn"})
	}
	if s.Blocked > 0 {
		tiles = append(tiles, tile{Name: text.Noun(int64(s.Blocked), "step") + " blocked", Figure: text.Grouped(int64(s.Blocked)), Tone: "bad"})
	}
	return tiles
}

// planned are the steps of a plan.
func (d *data) planned(p *plan.Plan, o view.Options) source {
	return source{
		steps: len(p.Steps),
		parts: func(i int) int { return len(p.Steps[i].Parts) },
		id:    func(i int) string { return view.Plain(p.Steps[i].ID) },
		weight: func(i int) importance {
			s := &p.Steps[i]
			switch sum := s.Sum(); {
			case s.Action == plan.Blocked:
				return importance{0, sum.Skip}
			case sum.Loses():
				return importance{1, sum.Skip}
			case s.Action == plan.Reset:
				return importance{2, sum.Replay}
			}
			return importance{3, 0}
		},
		step: func(i, most int) step { return d.planStep(p, &p.Steps[i], o, most) },
		sum: func(i int, into *others) {
			s := &p.Steps[i]
			into.words[string(s.Action)]++
			if s.Action == plan.Reset || s.Action == plan.Blocked {
				into.sum.Add(s.Parts)
			}
		},
	}
}

// partWeight orders planned parts: losses first.
func partWeight(p *plan.Part) importance {
	order := []plan.Effect{plan.EffectSkip, plan.EffectUnknown, plan.EffectRemove, plan.EffectReplay, plan.EffectSet, plan.EffectKeep}
	w := importance{class: slices.Index(order, p.Effect)}
	if p.Count != nil {
		w.size = *p.Count
	}
	return w
}

// planParts reduces the parts of a step: those of which each is shown, and the rest.
func (d *data) planParts(s *plan.Step, o view.Options, most int) ([]view.Part, *view.Rest) {
	rest := d.rest()
	if len(s.Parts) <= most {
		return view.PlanParts(s.Parts, o), rest
	}
	shown := separated(s.Parts, most, partWeight, func(p *plan.Part, shown bool) { rest.AddPlan(p, shown, o) })
	return view.PlanParts(shown, o), rest
}

func (d *data) planStep(p *plan.Plan, s *plan.Step, o view.Options, most int) step {
	sum, brief := s.Sum(), len(p.Steps) >= briefFrom
	loses := sum.Loses() && !p.Undo
	kind := stepKind{Word: string(s.Action), Tone: view.ActionTone(s.Action), Details: "to " + d.sentence(s.To) + view.StepFacts(s)}
	if brief && loses && !d.tight {
		kind.Loss = "loses records"
	}
	parts, rest := d.planParts(s, o, most)
	out := step{
		ID: view.Plain(s.ID), Kind: d.stepKind(kind), Address: view.Plain(s.Address), Why: d.sentence(s.Why), Impact: d.sentence(view.Impact(s.Impact)),
		Rows: d.rows(parts, planShape(), o, rest),
	}
	if loses && (d.tight || !brief) {
		out.Loss = "loses " + sum.Lost()
	}
	if !brief {
		out.Axis = axisOf(p.Moments(s), sum)
	}
	if s.Action == plan.Blocked {
		out.Why = "Blocked: " + out.Why
	}
	for _, w := range s.Warnings {
		out.Warnings = append(out.Warnings, "Warning: "+d.sentence(w))
	}
	out.Warnings = d.warnings(out.Warnings)
	slices.SortStableFunc(out.Rows, func(a, b row) int { return d.rank(a) - d.rank(b) })
	switch {
	case len(parts) < len(s.Parts):
		out.Total = rest.Total()
	case len(out.Rows) > 1:
		out.Total = view.Total(parts)
	}
	return out
}

// rank orders rows: those that lose records first.
func (d *data) rank(r row) int {
	if d.RowKinds[r.Kind].Zone == string(plan.EffectSkip) {
		return 0
	}
	return 1
}

func planShape() shape {
	return shape{
		cells: func(r view.Row) []string {
			first := r.Parts[0]
			now, target := known(r.Now.Grouped())+first.Outside(first.Now), known(r.Target.Grouped())+first.Outside(first.Target)
			lag := known(r.Lag) + " → " + known(r.LagAfter)
			if r.Lag == "?" && r.LagAfter == "?" {
				lag = known("?")
			}
			return append([]string{r.Effect(), now, target, lag}, ends(r)...)
		},
		marks: func(r view.Row) []view.Span { return []view.Span{r.Now, r.Target} },
	}
}
