package decide

import (
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// EffectDigest identifies what an approval covers of one step: the identity of the
// target, the action, how often the run has rolled the step back, and for each part
// its log, what will be sent, and the position before, or the direction if that
// position moves on its own.
func (c *Case) EffectDigest(s *plan.Step) string { return c.digest(s, c.approvedParts(s), false) }

// RestDigest is the EffectDigest by which an approval continues after some parts of a
// step were refused. The record then has only the parts that were moved, so the digest
// leaves out the parts at their target. A target that is a boundary of the log moves by
// itself: then no part is left out, and the parts that the record does not have are
// added to its own.
func (c *Case) RestDigest(s *plan.Step) string {
	parts := c.approvedParts(s)
	if r := c.resumed(); r != nil && s.Action == plan.Reset && c.toBoundary() {
		parts = c.withKept(s, r, parts)
	}
	return c.digest(s, parts, c.leavesOut(s))
}

// RestDiffers reports whether the RestDigest of a step may differ from its EffectDigest.
func (c *Case) RestDiffers(s *plan.Step) bool {
	return c.leavesOut(s) || c.resumed() != nil && s.Action == plan.Reset && c.toBoundary()
}

// leavesOut reports whether the RestDigest of a step leaves a part out.
func (c *Case) leavesOut(s *plan.Step) bool {
	return s.Action == plan.Reset && c.resumed() == nil && !c.toBoundary() && keeps(s.Parts)
}

func keeps(parts []plan.Part) bool {
	for i := range parts {
		if parts[i].Effect == plan.EffectKeep {
			return true
		}
	}
	return false
}

// toBoundary reports whether the target is a boundary of the log.
func (c *Case) toBoundary() bool {
	form := c.Question.Step.To.Form
	return form == schema.ToEarliest || form == schema.ToLatest
}

// withKept adds to the parts of a record, in order, those of the target that were at
// their target when the others were sent: as the step shows them, or else as they are
// now.
func (c *Case) withKept(s *plan.Step, r *lock.Step, parts []plan.Part) []plan.Part {
	known := make(map[providers.Part]bool, len(r.Parts)+len(s.Parts))
	for i := range r.Parts {
		known[r.Parts[i].Part] = true
	}
	out := slices.Clone(parts)
	for i := range s.Parts {
		if p := s.Parts[i]; !known[p.Part] {
			known[p.Part], out = true, append(out, p)
		}
	}
	readings := c.Snapshot.Readings()
	for i := range readings {
		now := &readings[i]
		if !known[now.Part] {
			out = append(out, plan.Part{Part: now.Part, Before: now.Committed, After: now.Committed, LogID: now.LogID, Effect: plan.EffectKeep})
		}
	}
	slices.SortFunc(out, func(a, b plan.Part) int { return a.Part.Compare(b.Part) })
	return out
}

// digest is the digest of a step with these parts, or only with those that move.
func (c *Case) digest(s *plan.Step, parts []plan.Part, onlyMoved bool) string {
	d := plan.NewDigest()
	d.Open('{')
	d.Text("id", s.ID)
	d.Text("identity", identity(s))
	d.Text("action", string(s.Action))
	d.Number("rolledBack", s.RolledBack)
	none := len(parts) == 0 || s.Action == plan.Done || onlyMoved && !anyMoves(parts)
	if d.Key("parts"); none {
		d.Null()
		d.Close('}')
		return d.Sum()
	}
	d.Open('[')
	covers := c.coverage(s)
	for i := range parts {
		if !onlyMoved || parts[i].Effect != plan.EffectKeep {
			covers.digest(d, &parts[i])
		}
	}
	d.Close(']')
	d.Close('}')
	return d.Sum()
}

// anyMoves reports whether one of the parts has another effect than to be kept.
func anyMoves(parts []plan.Part) bool {
	for i := range parts {
		if parts[i].Effect != plan.EffectKeep {
			return true
		}
	}
	return false
}

// A coverage is what an approval covers of each part of a step.
type coverage struct {
	before bool   // the position before
	way    bool   // or else the direction
	latest bool   // the step goes to the end of the log
	after  string // a word in place of the position after; "" = the position
}

func (c *Case) coverage(s *plan.Step) coverage {
	return coverage{before: c.coversBefore(s), way: isIdleService(&c.Question.Capabilities),
		latest: c.Question.Step.To.Form == schema.ToLatest, after: c.approvedWord(s)}
}

// digest adds to a digest what an approval covers of one part.
func (c *coverage) digest(d *plan.Digest, p *plan.Part) {
	d.Open('{')
	d.Part("part", p.Part)
	if p.LogID != "" {
		d.Text("log", p.LogID)
	}
	switch {
	case c.before:
		d.Position("before", p.Before)
	case c.way:
		if way := c.direction(p); way != "" {
			d.Text("way", way)
		}
	}
	if c.after != "" {
		d.Text("after", c.after)
	} else {
		d.Position("after", p.After)
	}
	d.Close('}')
}

// approvedParts are a step's parts as an approval covers them. Those that an
// earlier apply of the run has moved count as they were before it: the rest of an
// approved step belongs to the same approval.
func (c *Case) approvedParts(s *plan.Step) []plan.Part {
	r := c.resumed()
	if r == nil || s.Action != plan.Reset {
		return s.Parts
	}
	var out []plan.Part
	index := make(map[providers.Part]*plan.Part, len(s.Parts))
	for i := range s.Parts {
		index[s.Parts[i].Part] = &s.Parts[i]
	}
	for _, was := range r.Parts {
		p := plan.Part{Part: was.Part, Before: was.Before, After: was.After, LogID: was.LogID}
		at := index[was.Part]
		switch {
		case at != nil && was.Error != "":
			p = *at
		case at != nil && at.Before == was.Before:
			p.Effect = at.Effect
		default: // the lock records no effects
			p.Effect, _, _ = effectOf(&p, c.Question.Capabilities.Order)
		}
		out = append(out, p)
	}
	return out
}

// resumed returns the record of a step of which some parts have moved already
// and others have not; nil for any other.
func (c *Case) resumed() *lock.Step {
	r := c.Question.Record
	if c.Resolved != nil {
		r = c.Resolved
	}
	if r == nil || !inPart(r) || c.Question.Undo {
		return nil
	}
	return r
}

// inPart reports whether some parts of a recorded step have moved and others
// have not.
func inPart(s *lock.Step) bool {
	moved, left := 0, 0
	for _, p := range s.Parts {
		if p.Error == "" {
			moved++
		} else {
			left++
		}
	}
	return s.Outcome == lock.Failed && moved > 0 && left > 0
}

func partOf(parts []plan.Part, p providers.Part) *plan.Part {
	for i := range parts {
		if parts[i].Part == p {
			return &parts[i]
		}
	}
	return nil
}

// sameTarget reports whether two targets are the same as an approval covers them. The boundaries of a log move by
// themselves and count as words; while a step waits for its consumers, so does
// what is relative to their position.
func (c *Case) sameTarget(s *plan.Step, planned, now providers.Position) bool {
	return planned == now || c.approvedWord(s) != ""
}

// approvedWord returns the word that an approval covers in place of the positions of a
// step; "" if it covers the positions.
func (c *Case) approvedWord(s *plan.Step) string {
	if c.Question.Undo {
		return ""
	}
	switch form := c.Question.Step.To.Form; form {
	case schema.ToEarliest, schema.ToLatest:
		return string(form)
	case schema.ToCurrent, schema.ToShift:
		if c.MayMove(s) {
			return plan.TargetText(c.Question.Step.To)
		}
	}
	return ""
}

// direction is the direction of a part's move, which an approval covers if it does
// not cover the position before. Consumers that reach the end during a wait leave
// nothing to move.
func (c *coverage) direction(p *plan.Part) string {
	if p.Effect == plan.EffectKeep && c.latest {
		return string(plan.EffectSkip)
	}
	return string(p.Effect)
}

// coversBefore reports whether an approval covers the positions before: on
// services whose consumers are idle during a reset they do not move by
// themselves, unless the step waits for them to stop.
func (c *Case) coversBefore(s *plan.Step) bool {
	return isIdleService(&c.Question.Capabilities) && !c.MayMove(s)
}

// MayMove reports whether the consumers of a step may move between its plan and its
// apply. If the document lets it wait, that holds whether they are active at the moment
// or not: an approval from while they ran holds after they were stopped, and the reverse.
func (c *Case) MayMove(s *plan.Step) bool {
	return s.Waits || s.Pauses || c.Question.Patient
}
