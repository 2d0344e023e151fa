package decide

import (
	"fmt"
	"maps"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Case is one step between its plan and its end: the request, the newest reading
// of its target, the planned step, and the step decided on the newest reading.
type Case struct {
	Question Question
	Snapshot providers.Snapshot
	Planned  plan.Step  // what was shown and approved
	Now      plan.Step  // decided on the newest reading, with the planned positions
	Promise  bool       // Now relies on the user's promise
	Resolved *lock.Step // the record of a step in doubt, as the reading resolves it; nil = nothing to record
}

// Decide decides the step on the newest reading.
func (c *Case) Decide() { c.decideOn(c.Question) }

// DecideIn is Decide with the parts of the step in a room, until the next decision in it.
func (c *Case) DecideIn(room *Room) {
	q := c.Question
	q.room = room
	c.decideOn(q)
}

// A Room is memory for the parts of one decision at a time. Its zero value is empty.
type Room struct {
	parts   []plan.Part
	figures figures
}

func (c *Case) decideOn(q Question) {
	s := c.Snapshot
	s.Parts = s.Readings()
	d := Diff(q, s)
	c.Now, c.Promise, c.Resolved = d.Step, d.promise, d.resolved
}

// Again decides a step on the newest reading. A time keeps its resolved positions:
// the positions shown are sent. Everything else is decided from scratch, so that any
// difference shows.
func (c *Case) Again() {
	q := c.Question
	if c.keepsTimes() && (c.Planned.Action == plan.Reset || c.Planned.Action == plan.Keep) && !c.wholeTarget() {
		selects := q.Step.To.Form == schema.ToOffsets || q.Step.To.Form == schema.ToGroup
		q.Fixed, q.Complete, q.Landings = fixedFrom(c.Planned.Parts), !selects, c.Landings()
	}
	if !q.Capabilities.Resolves[providers.Time] {
		q.Ranges = rangesOf(&c.Planned)
	}
	c.decideOn(q)
	if c.Planned.Approximate && q.Landings != nil {
		c.explainTimes()
	}
	if sameParts(c.Planned.Parts, c.Now.Parts) {
		c.Now.Parts = c.Planned.Parts // one copy in memory
	}
}

// sameParts reports whether two decisions have equal parts, without a copy of each.
func sameParts(a, b []plan.Part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !samePart(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// samePart reports whether two decisions about a part are equal.
func samePart(a, b *plan.Part) bool {
	same := func(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
	if !same(a.Count, b.Count) || !same(a.OrReplay, b.OrReplay) || !same(a.LagBefore, b.LagBefore) || !same(a.LagAfter, b.LagAfter) ||
		!maps.Equal(a.FromLow, b.FromLow) {
		return false
	}
	return a.Part == b.Part && a.Low == b.Low && a.High == b.High && a.Before == b.Before && a.After == b.After && a.Lands == b.Lands &&
		a.UpTo == b.UpTo && a.Wanted == b.Wanted && a.Effect == b.Effect && a.Bound == b.Bound && a.Unit == b.Unit && a.Note == b.Note &&
		a.LogID == b.LogID
}

// explainTimes adds to a step that keeps its times what they were chosen for.
func (c *Case) explainTimes() {
	c.Now.Approximate = true
	for i := range c.Now.Parts {
		p := &c.Now.Parts[i]
		if was := partOf(c.Planned.Parts, p.Part); was != nil && was.After == p.After {
			p.Wanted = was.Wanted
			if p.Note == "" {
				p.Note = was.Note
			}
		}
	}
}

// keepsTimes reports whether the step keeps the times that were planned for it. A shift
// that waits for its consumers starts from where they stop.
func (c *Case) keepsTimes() bool {
	waits := c.Question.Step.To.Form == schema.ToShift && c.MayMove(&c.Planned)
	return c.Question.ByTime() || c.Question.Fixed == nil && c.Planned.Approximate && !waits
}

// Approach lists the offsets near which times are needed, on the newest reading; none
// if the times are planned already.
func (c *Case) Approach() []providers.PartPosition {
	if c.keepsTimes() {
		return nil
	}
	return c.Question.approach(c.Snapshot)
}

// Landings returns where the approved times lead, as far as the plan has shown it. A
// time leads to the same position whenever it is sent.
func (c *Case) Landings() map[providers.Part]Landing { return landingsOf(&c.Planned) }

// wholeTarget reports whether the service has no parts, so that no positions can be
// fixed.
func (c *Case) wholeTarget() bool {
	return len(c.Planned.Parts) == 1 && c.Planned.Parts[0].Part == (providers.Part{})
}

// Stale returns how a step differs from the plan, or "". A step that this run has
// applied since is not sent, so it may differ.
func (c *Case) Stale() string {
	planned, now := &c.Planned, &c.Now
	switch {
	case now.Action == plan.Done && now.RolledBack == planned.RolledBack:
		return ""
	case now.Action == plan.Blocked:
		return now.Why
	case now.RolledBack != planned.RolledBack:
		return "it was rolled back after the plan was made"
	case planned.Action == plan.Done:
		return "it was shown as done in this run, but the lock no longer records it"
	case identity(planned) != identity(now):
		return fmt.Sprintf("its target was %s and is now %s", identity(planned), identity(now))
	}
	if why := c.differingPart(); why != "" {
		return why
	}
	if planned.Action != now.Action {
		return fmt.Sprintf("it was shown as %s and is now %s", planned.Action, now.Action)
	}
	return ""
}

// identity identifies a step's target, independent of the names that lead to it.
func identity(s *plan.Step) string {
	if s.Identity == "" {
		return s.Address
	}
	return s.Identity
}

// differingPart returns how a part differs from the plan.
func (c *Case) differingPart() string {
	planned, now := c.approvedParts(&c.Planned), c.approvedParts(&c.Now)
	for i := range planned {
		p := &planned[i]
		if i >= len(now) || now[i].Part != p.Part {
			return "its partitions differ from the plan"
		}
		n := &now[i]
		switch {
		case n.LogID != p.LogID:
			return fmt.Sprintf("%s belongs to a topic that was deleted and re-created: this is not the log that was planned for",
				plan.PartName(p.Part))
		case c.coversBefore(&c.Planned) && n.Before != p.Before:
			return fmt.Sprintf("%s was at %s when this was planned and is now at %s", plan.PartName(p.Part), p.Before, n.Before)
		case !c.sameTarget(&c.Planned, p.After, n.After):
			return fmt.Sprintf("the target of %s was %s and is now %s", plan.PartName(p.Part), p.After, n.After)
		}
	}
	if len(now) > len(planned) {
		return fmt.Sprintf("%s was added after the plan was made", plan.PartName(now[len(planned)].Part))
	}
	return ""
}

// rangesOf returns between which positions the times of a step lead, as it shows them.
func rangesOf(s *plan.Step) map[providers.Part]Landing {
	var out map[providers.Part]Landing
	for i := range s.Parts {
		p := &s.Parts[i]
		if _, isTime := p.After.Time(); !isTime || p.Lands.IsZero() || p.UpTo.IsZero() {
			continue
		}
		if out == nil {
			out = map[providers.Part]Landing{}
		}
		out[p.Part] = landingFrom(p.Lands, p.UpTo)
	}
	return out
}

// Turned returns which part would move in another direction than planned, or "":
// consumers that may move change what is relative to the present. An approval that
// covers the positions before covers the directions.
func (c *Case) Turned() string {
	if c.coversBefore(&c.Planned) {
		return ""
	}
	shown, planned := map[plan.Effect]bool{}, make(map[providers.Part]plan.Effect, len(c.Planned.Parts))
	for i := range c.Planned.Parts {
		p := &c.Planned.Parts[i]
		shown[p.Effect], planned[p.Part] = true, p.Effect
	}
	for i := range c.Now.Parts {
		p := &c.Now.Parts[i]
		switch p.Effect {
		case plan.EffectKeep, plan.EffectRemove, plan.EffectUnknown:
			continue
		}
		before, known := planned[p.Part]
		if !known {
			before = plan.EffectKeep
		}
		if before == p.Effect || before == plan.EffectUnknown || before == plan.EffectKeep && shown[p.Effect] {
			continue
		}
		return fmt.Sprintf("%s would now %s (it is at %s, the target is %s), and the plan showed %s", plan.PartName(p.Part), p.MoveText(), p.Before,
			p.After, before)
	}
	return ""
}
