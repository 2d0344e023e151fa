package view

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

func planPage(p *plan.Plan, o Options) (*page, error) {
	text, err := planText(p)
	if err != nil {
		return nil, err
	}
	pg := &page{
		Title: "Plan of " + Plain(p.Name), Lead: Summary(p), Text: text,
		Facts: []fact{{Name: "Run", Value: Plain(p.Run)}, {Name: "Planned", Value: moment(p.CreatedAt)}, {Name: "Digest", Value: Plain(p.Digest), Code: true}},
		Tiles: planTiles(p.Summary),
		Legend: []legend{
			{"track", "its log, from low to high"}, {"mark now", "now: what is committed"}, {"mark target", "target"},
			{"zone replay", "replay: delivered again"}, {"zone skip", "skip: never delivered"},
		},
	}
	if p.Undo {
		pg.Title = "Rollback of " + Plain(p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Params)) {
		pg.Facts = append(pg.Facts, fact{Name: "Parameter " + Plain(name), Value: Plain(fmt.Sprint(p.Params[name]))})
	}
	switch {
	case p.InDoubt():
		pg.Alarm = "A step is in doubt: an earlier send of it may have happened. Apply sends nothing before that is decided."
	case p.Summary.Blocked > 0:
		pg.Alarm = "Apply sends nothing while a step is blocked. Each blocked step says why, and what to write."
	}
	pg.Data = pageData{
		Columns: []string{"Partition", "Effect", "Now", "Target", "Log", "Lag"}, Log: 3,
		Marks: []string{"now", "target"}, Between: [2]int{0, 1},
	}
	for i := range p.Steps {
		pg.Data.Steps = append(pg.Data.Steps, planStep(&pg.Data, &p.Steps[i], o))
	}
	return pg, nil
}

// planText is the plan in text, of its first steps.
func planText(p *plan.Plan) (string, error) {
	brief := *p
	brief.Steps = p.Steps[:min(len(p.Steps), fewSteps)]
	var out bytes.Buffer
	if err := Plan(&out, &brief, Options{}); err != nil {
		return "", err
	}
	return out.String() + left(len(p.Steps)), nil
}

// left tells that a text has not all of so many steps.
func left(steps int) string {
	if steps <= fewSteps {
		return ""
	}
	return fmt.Sprintf("The first %d of %s are shown. Open this page where scripts may run to see them all.\n", fewSteps, count(steps, "step"))
}

func planTiles(s plan.Summary) []tile {
	upper := s.Bound == plan.BoundUpper
	tiles := []tile{
		{Name: "records replayed", Figure: grouped(s.Replay), Tone: "replay", Upper: upper && s.Replay > 0},
		{Name: "records skipped", Figure: grouped(s.Skip), Tone: "skip", Upper: upper && s.Skip > 0},
		{Name: "partitions moved", Figure: grouped(int64(s.Partitions))},
	}
	if s.Skip == 0 {
		tiles[1].Tone = ""
	}
	if s.Unknown > 0 {
		tiles = append(tiles, tile{Name: "of them with an unknown effect", Figure: grouped(int64(s.Unknown)), Tone: "warn"})
	}
	if s.Blocked > 0 {
		tiles = append(tiles, tile{Name: "steps blocked", Figure: grouped(int64(s.Blocked)), Tone: "bad"})
	}
	return tiles
}

func planStep(d *pageData, s *plan.Step, o Options) pageStep {
	kind := stepKind{string(s.Action), tone(actionColour[s.Action]), "to " + Plain(s.To) + "; consumers " + Plain(s.Activity)}
	out := pageStep{ID: Plain(s.ID), Kind: d.kind(kind), Address: Plain(s.Address), Why: Plain(s.Why), Impact: Plain(impact(s.Impact))}
	if s.Action == plan.Blocked {
		out.Why = "Blocked: " + out.Why
	}
	for _, w := range s.Warnings {
		out.Warnings = append(out.Warnings, "Warning: "+Plain(w))
	}
	parts := counted(s.Parts, o)
	for _, f := range foldsOf(parts, o) {
		out.Rows = append(out.Rows, planRow(d, f))
	}
	if len(out.Rows) > 1 {
		out.Total = total(parts)
	}
	return out
}

func planRow(d *pageData, f fold[plan.Part]) pageRow {
	kind := rowKind{Stem: stem(f[0].Part), Note: Plain(f[0].Note)}
	if e := f[0].Effect; e == plan.EffectReplay || e == plan.EffectSkip {
		kind.Zone = string(e)
	}
	row := pageRow{Fold: d.fold(kind), Parts: make([]pagePart, len(f))}
	for i, p := range f {
		one := fold[plan.Part]{p}
		row.Parts[i] = pagePart{number(p.Part), planCells(one), planBar(one)}
	}
	if len(f) > 1 {
		row.Name, row.Cells, row.Bar = short(f.name(func(p *plan.Part) providers.Part { return p.Part }), nameRoom*2, Options{}), planCells(f), planBar(f)
	}
	return row
}

// planCells are the columns of a plan but the first and the bar.
func planCells(f fold[plan.Part]) []string {
	l, p := lineOf(f), f[0]
	return []string{
		l.effect, known(l.now.String()) + beyond(p.Before, p.Low, p.High), known(l.target.String()) + beyond(goal(p), p.Low, p.High),
		strings.NewReplacer("? ->", "not known →", "-> ?", "→ not known", "->", "→").Replace(known(l.lag)), end(l.low), end(l.high),
	}
}

func planBar(f fold[plan.Part]) any {
	return bar(f, func(p *plan.Part) providers.Position { return p.Low }, func(p *plan.Part) providers.Position { return p.High },
		func(p *plan.Part) providers.Position { return p.Before }, goal)
}

// total tells what all of a step's moves come to: the records of each effect
// that has some, and how many parts have another.
func total(parts []plan.Part) string {
	var words []string
	for _, e := range []plan.Effect{plan.EffectReplay, plan.EffectSkip, plan.EffectSet, plan.EffectKeep, plan.EffectUnknown} {
		var f fold[plan.Part]
		for i := range parts {
			if parts[i].Effect == e {
				f = append(f, &parts[i])
			}
		}
		switch counted := slices.ContainsFunc(f, func(p *plan.Part) bool { return p.Count != nil }); {
		case len(f) == 0:
		case counted && (e == plan.EffectReplay || e == plan.EffectSkip):
			words = append(words, effect(f)+" on "+count(len(f), "partition"))
		default:
			words = append(words, string(e)+" on "+count(len(f), "partition"))
		}
	}
	return strings.Join(words, ", ")
}

// stem is a part's name without its number.
func stem(p providers.Part) string {
	if p == (providers.Part{}) {
		return "(the whole)"
	}
	return Plain(strings.TrimSuffix(p.String(), strconv.Itoa(p.Number)))
}

// number is a part's number, nil for the whole.
func number(p providers.Part) any {
	if p == (providers.Part{}) {
		return nil
	}
	return p.Number
}
