package decide

import (
	"maps"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// At the end of a replay, parts may be returned to their former positions: those before
// the first reset of the step.

// Former returns, by part, the former positions of a step that is reset again, if they are
// not those before this reset.
func (c *Case) Former(step *plan.Step) map[string]providers.Position {
	was := c.earlierReplay()
	if was == nil {
		return nil
	}
	out := maps.Clone(was.Former)
	for i := range step.Parts {
		p := &step.Parts[i]
		name := p.Part.String()
		first, moved := RecordOf(c.Question.Record.Parts, p.Part)
		if _, known := out[name]; known || !moved || first.Before == p.Before || !first.Before.Exact() {
			continue
		}
		if out == nil {
			out = map[string]providers.Position{}
		}
		out[name] = first.Before
	}
	return out
}

// Behind returns the parts of a recorded step that are before their former positions, as
// decided parts that go forward to them. Parts at or past their former positions are
// left out, and so are those whose positions cannot be compared, and those whose former
// positions retention has deleted: nothing is left that they would skip.
func Behind(order providers.Order, s *lock.Step, now []providers.PartReading) []lock.Part {
	out := []lock.Part{}
	for _, p := range Reversed(s.Parts) {
		r, ok := ReadingOf(now, p.Part)
		if !ok || Recreated(p.LogID, r.LogID) {
			continue
		}
		if at, again := s.Replay.Former[p.Part.String()]; again {
			p.After, p.Metadata = at, nil // the metadata is that of the other client
		}
		if n, ok := order.Distance(r.Low, p.After); ok && n > 0 {
			continue
		}
		if n, ok := order.Distance(p.After, r.Committed); ok && n > 0 {
			p.Before = r.Committed
			out = append(out, p)
		}
	}
	return out
}

// returnInDoubt resolves, by the reading, the return to the former positions that may or
// may not have taken effect. The step is shown as done: its reset is not sent again.
func (d *differ) returnInDoubt(r *lock.Step) bool {
	v := d.sortByProof(r.Return.Parts, false)
	if len(r.Return.Parts) == 0 || len(v.unknown) > 0 {
		d.doubt(r.ID, "the return to the former positions", v)
		return true
	}
	s, back := *r, *r.Return
	back.Parts, back.Why = SortedParts(v.yes, v.no), "resolved by reading"
	if back.Outcome = lock.Verified; len(v.no) > 0 {
		back.Outcome = lock.Failed
	}
	s.At, s.Return = lock.AtTime(d.q.Now), &back
	d.resolved = &s
	d.done("an earlier apply was interrupted while returning to the former positions" + map[bool]string{true: "; they were restored",
		false: "; the return has not taken effect" + d.onParts(v) + " and is repeated"}[len(v.no) == 0])
	return true
}
