package html

import (
	"cmp"
	"slices"
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

// rows are the rows of a step. Parts for which a page that is not complete has no room, or
// that are in rest already, are folded.
func (d *data) rows(parts []view.Part, s shape, o view.Options, rest *view.Rest) (out []row) {
	used := 0
	for _, r := range view.Fold(parts, o) {
		if d.tight && d.bytes+used > mostBytes/2 {
			for _, p := range r.Parts {
				rest.Hide(p)
			}
			continue
		}
		first := r.Parts[0]
		name := view.WholeTarget
		if first.Part != (providers.Part{}) {
			name = view.Plain(first.Stem())
		}
		one := row{Kind: d.rowKind(rowKind{Stem: name, Zone: zone(first), Note: d.sentence(r.Note())}), Parts: make([]part, len(r.Parts))}
		for i, p := range r.Parts {
			single := r.Single(i)
			one.Parts[i] = part{number(p), s.cells(single), bar(single, s.marks(single))}
		}
		if len(r.Parts) > 1 {
			one.Name = view.Options{}.Short(r.Name(), 2*view.NameWidth)
			one.Cells, one.Bar = s.cells(r), bar(r, s.marks(r))
			one.Worst = worst(r, s)
		}
		out = append(out, one)
		used += sizeOf(one)
	}
	return append(out, d.restRows(rest, s)...)
}

// mostSmall is the number of parts of a row that are shown small.
const mostSmall = 12

// worst are the indexes of the parts of a row that are shown small: those with the most
// records first, or that lag the most. Parts that are equal are not shown again.
func worst(r view.Row, s shape) []int {
	differs := r.Low.Differs() || r.High.Differs()
	for _, mark := range s.marks(r) {
		differs = differs || mark.Differs()
	}
	if !differs {
		return nil
	}
	all := make([]int, len(r.Parts))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(weight(r.Parts[b]), weight(r.Parts[a])) })
	return all[:min(len(all), mostSmall)]
}

// weight orders parts that behave alike.
func weight(p *view.Part) int64 {
	for _, n := range []*int64{p.Records, p.Lag, p.LagAfter} {
		if n != nil {
			return *n
		}
	}
	return -1
}

// zone is the class of the zone between two marks: what the reset does to these
// records, or where the consumers have moved since.
func zone(p *view.Part) string {
	switch {
	case p.Moved != nil && *p.Moved > 0:
		return "on"
	case p.Moved != nil && *p.Moved < 0:
		return "back"
	case p.Effect == string(plan.EffectReplay) || p.Effect == string(plan.EffectSkip) || p.Effect == string(plan.EffectSet):
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
	return []string{strings.TrimPrefix(r.Low.Grouped(), "?"), strings.TrimPrefix(r.High.Grouped(), "?")}
}

// known replaces "?" with a word.
func known(cell string) string {
	if cell == "?" {
		return "unknown"
	}
	return cell
}
