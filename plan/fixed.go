package plan

import (
	"slices"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// fixed takes each part's destination from what was decided before.
func (d *differ) fixed() {
	d.step.Parts = slices.Grow(d.step.Parts, len(d.q.Fixed))
	for _, f := range d.q.Fixed {
		r, ok := reading(d.s.Parts, f.Part)
		if !ok {
			if f.Part == (providers.Part{}) {
				d.step.Parts = append(d.step.Parts, Part{After: f.After})
				continue
			}
			d.partReasons.add(f.Part, "is not there any more.")
			continue
		}
		if f.After.Kind() == providers.Unset && d.q.Capabilities.Moves[providers.Unset] == providers.NoGrain {
			d.partWarnings.add(f.Part, "stays where it is: nothing was committed there before, and %s cannot remove a commit.", d.q.Type)
			continue
		}
		p := Part{Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, After: f.After, LogID: r.LogID, readUpTo: r.ReadUpTo, kept: f.Kept, standing: r.Kept}
		if remade(f.LogID, r.LogID) {
			d.partReasons.add(f.Part, "belongs to a topic that was deleted and made again under its name: it is another log than the one this was decided for. Plan again from what stands there now.")
		} else if p.After.Exact() {
			d.bounded(&p)
			d.within(&p)
		} else {
			d.natively(&p, r, p.After)
		}
		d.step.Parts = append(d.step.Parts, p)
	}
	slices.SortFunc(d.step.Parts, func(a, b Part) int { return a.Part.Compare(b.Part) }) // whatever wrote the record
	if len(d.q.Fixed) == 0 {
		d.block("nothing is left to move: the parts of this step were not recorded.")
	}
}

// fixedFrom turns a plan's parts into decided ones.
func fixedFrom(parts []Part) []lock.Part {
	out := make([]lock.Part, 0, len(parts))
	for _, p := range parts {
		out = append(out, lock.Part{Part: p.Part, Before: p.Before, After: p.After, LogID: p.LogID})
	}
	return out
}
