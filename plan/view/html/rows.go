package html

import (
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers"
)

// A shape is what a plan's rows and a status's rows show differently: the cells
// except the first and the bar, and the marks of the bar.
type shape struct {
	cells func(view.Row) []string
	marks func(view.Row) []view.Span
}

// rows are the rows of a step.
func (d *data) rows(parts []view.Part, s shape, o view.Options) (out []row) {
	for _, r := range view.Fold(parts, o) {
		first := r.Parts[0]
		name := view.WholeTarget
		if first.Part != (providers.Part{}) {
			name = view.Plain(first.Stem())
		}
		one := row{Kind: d.rowKind(rowKind{Stem: name, Zone: zone(first), Note: view.Plain(r.Note())}), Parts: make([]part, len(r.Parts))}
		for i, p := range r.Parts {
			single := r.Single(i)
			one.Parts[i] = part{number(p), s.cells(single), bar(single, s.marks(single))}
		}
		if len(r.Parts) > 1 {
			one.Name = view.Options{}.Short(r.Name(), 2*view.NameWidth)
			one.Cells, one.Bar = s.cells(r), bar(r, s.marks(r))
		}
		out = append(out, one)
	}
	return out
}

// zone is the class of the zone between two marks: what the reset does to these
// records, or where the consumers have moved since.
func zone(p *view.Part) string {
	switch {
	case p.Moved != nil && *p.Moved > 0:
		return "on"
	case p.Moved != nil && *p.Moved < 0:
		return "back"
	case p.Effect == string(plan.EffectReplay) || p.Effect == string(plan.EffectSkip):
		return p.Effect
	}
	return ""
}

// number is a part's number, nil for the whole target.
func number(p *view.Part) any {
	if p.Part == (providers.Part{}) {
		return nil
	}
	return p.Number
}

// ends are the ends of a log, "" if unknown.
func ends(r view.Row) []string {
	return []string{strings.TrimPrefix(r.Low.String(), "?"), strings.TrimPrefix(r.High.String(), "?")}
}

// known replaces "?" with a word.
func known(cell string) string {
	if cell == "?" {
		return "unknown"
	}
	return cell
}
