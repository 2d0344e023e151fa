package decide

import (
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// fixed uses the targets that were already decided.
func (d *differ) fixed() {
	d.Parts = slices.Grow(d.Parts, len(d.q.Fixed))
	for i := range d.q.Fixed {
		f := &d.q.Fixed[i]
		r := ReadingAt(d.s.Parts, i, f.Part)
		if r == nil {
			if f.Part == (providers.Part{}) {
				d.Parts = append(d.Parts, plan.Part{After: f.After})
				continue
			}
			d.partReasons.Add(f.Part, "no longer exists.")
			continue
		}
		if f.After.Kind() == providers.Unset && d.q.Capabilities.Moves[providers.Unset] == providers.NoGrain {
			d.partWarnings.Add(f.Part, "is left unchanged: there was no commit before, and %s cannot remove one.", d.q.Type)
			continue
		}
		p := plan.Part{Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, After: d.boundary(f.After, r), LogID: r.LogID}
		if Recreated(f.LogID, r.LogID) {
			d.partReasons.Add(f.Part, "belongs to a topic that was deleted and re-created: this is not the log that was planned for. Run plan again.")
		} else if p.After.Exact() {
			d.bounded(&p)
			d.within(&p)
		} else {
			d.natively(&p, r, p.After)
		}
		d.pastBefore(f, r)
		d.Parts = append(d.Parts, p)
	}
	if !inOrder(d.Parts) {
		slices.SortFunc(d.Parts, func(a, b plan.Part) int { return a.Part.Compare(b.Part) })
	}
	d.added()
	if len(d.q.Fixed) == 0 {
		d.block("nothing is left to move: the parts of this step were not recorded.")
	}
}

// inOrder reports whether parts are sorted, without a copy of each.
func inOrder(parts []plan.Part) bool {
	for i := 1; i < len(parts); i++ {
		if parts[i-1].Part.Compare(parts[i].Part) > 0 {
			return false
		}
	}
	return true
}

// boundary follows the log's boundary if the step goes to one: it moves by
// itself.
func (d *differ) boundary(decided providers.Position, r *providers.PartReading) providers.Position {
	switch {
	case d.q.Undo || !decided.Exact():
	case d.q.Step.To.Form == schema.ToEarliest && !r.Low.IsZero():
		return r.Low
	case d.q.Step.To.Form == schema.ToLatest && !r.High.IsZero():
		return r.High
	}
	return decided
}

// added blocks a step whose target has a part that was not there when its
// targets were decided.
func (d *differ) added() {
	if !d.q.Complete {
		return
	}
	for i := range d.s.Parts {
		if p := d.s.Parts[i].Part; RecordAt(d.q.Fixed, i, p) == nil {
			d.partReasons.Add(p, "was added after the plan was made. Run plan again and review it.")
		}
	}
}

// pastBefore blocks an undo of a move back whose consumers have meanwhile read
// past the position before it: it would deliver records again that the reset
// did not.
func (d *differ) pastBefore(f *lock.Part, r *providers.PartReading) {
	if !d.q.Undo || d.q.Past {
		return
	}
	before := f.After
	if !before.Exact() {
		before = f.Seen // an undo by time
	}
	back, known := d.q.Capabilities.Order.Distance(f.Before, before)
	past, ordered := d.q.Capabilities.Order.Distance(r.Committed, before)
	if known && ordered && back < 0 && past > 0 {
		d.partReasons.Add(f.Part, "has been read past %s, the position before the reset: rolling it back now would deliver %s %s of each partition again. "+
			"Add --past to do so.",
			before, text.Grouped(past), d.units(past))
	}
}

// fixedFrom turns a plan's parts into decided ones.
func fixedFrom(parts []plan.Part) []lock.Part {
	out := make([]lock.Part, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		out = append(out, lock.Part{Part: p.Part, Before: p.Before, After: p.After, LogID: p.LogID})
	}
	return out
}
