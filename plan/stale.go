package plan

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Case is one step between its plan and its end: the request, the newest reading
// of its target, the planned step, and the step decided on the newest reading.
type Case struct {
	question Question
	snapshot providers.Snapshot
	planned  Step       // what was shown and approved
	now      Step       // decided on the newest reading, with the planned positions
	promise  bool       // now relies on the user's promise
	resolved *lock.Step // the record of a step in doubt, as the reading resolves it; nil = nothing to record
}

// decide decides the step on the newest reading.
func (c *Case) decide() { c.decideOn(c.question) }

func (c *Case) decideOn(q Question) {
	d := Diff(q, c.snapshot)
	c.now, c.promise, c.resolved = d.Step, d.promise, d.resolved
}

// byTime reports whether the service resolves a time for the step, and returns the
// time of the record with the position.
func (q Question) byTime() bool { return q.Step.To.Form == schema.ToTimestamp && q.Fixed == nil }

// again decides a step on the newest reading. A time keeps its resolved positions:
// what was shown is sent. Everything else is decided from scratch, so that any
// difference shows.
func (c *Case) again() {
	q := c.question
	if q.byTime() && (c.planned.Action == Reset || c.planned.Action == Keep) && !c.leavesOut() {
		q.Fixed, q.Complete = fixedFrom(c.planned.Parts), true
	}
	c.decideOn(q)
}

// leavesOut reports whether the service has no parts, so that no positions can be
// fixed.
func (c *Case) leavesOut() bool {
	return len(c.planned.Parts) == 1 && c.planned.Parts[0].Part == (providers.Part{})
}

// stale returns how a step differs from the plan, or "". A step that this run has
// applied since is not sent, so it may differ.
func (c *Case) stale() string {
	planned, now := &c.planned, &c.now
	switch {
	case now.Action == Done && now.RolledBack == planned.RolledBack:
		return ""
	case now.Action == Blocked:
		return now.Why
	case now.RolledBack != planned.RolledBack:
		return "it was rolled back after the plan was made"
	case planned.Action == Done:
		return "it was shown as done in this run, and the lock no longer says so"
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

// identity identifies a step's target, by whatever names it is reached.
func identity(s *Step) string {
	if s.Identity == "" {
		return s.Address
	}
	return s.Identity
}

// differingPart returns how a part differs from the plan.
func (c *Case) differingPart() string {
	planned, now := c.approvedParts(&c.planned), c.approvedParts(&c.now)
	for i, p := range planned {
		if i >= len(now) || now[i].Part != p.Part {
			return "its partitions differ from the plan"
		}
		n := now[i]
		switch {
		case n.LogID != p.LogID:
			return fmt.Sprintf("%s belongs to a topic that was deleted and re-created: this is not the log that was planned for", partName(p.Part))
		case c.coversBefore(&c.planned) && n.Before != p.Before:
			return fmt.Sprintf("%s was at %s when this was planned and is now at %s", partName(p.Part), p.Before, n.Before)
		case c.word(&c.planned, p.After) != c.word(&c.planned, n.After):
			return fmt.Sprintf("the target of %s was %s and is now %s", partName(p.Part), p.After, n.After)
		}
	}
	if len(now) > len(planned) {
		return fmt.Sprintf("%s was added after the plan was made", partName(now[len(planned)].Part))
	}
	return ""
}

// turned returns which part would move in another direction than planned, or "":
// after a wait, targets relative to the present are decided again.
func (c *Case) turned() string {
	shown := map[Effect]bool{}
	for _, p := range c.planned.Parts {
		shown[p.Effect] = true
	}
	for i, p := range c.now.Parts {
		if p.Effect == EffectKeep || p.Effect == EffectUnknown {
			continue
		}
		before := EffectKeep
		if i < len(c.planned.Parts) {
			before = c.planned.Parts[i].Effect
		}
		if before == p.Effect || before == EffectUnknown || before == EffectKeep && shown[p.Effect] {
			continue
		}
		return fmt.Sprintf("%s would now %s (it is at %s, the target is %s), and the plan showed %s", partName(p.Part), p.moveText(), p.Before, p.After, before)
	}
	return ""
}

// moveText describes the effect of the move: "skip 6 records".
func (p *Part) moveText() string {
	if p.Count == nil {
		return string(p.Effect)
	}
	return string(p.Effect) + " " + Plural(int(*p.Count), "record")
}
