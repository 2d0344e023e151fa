package decide

import (
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// EffectDigest identifies what an approval covers of one step: the identity of the
// target, the action, how often the run has rolled the step back, and for each part
// its log, what will be sent, and the position before, or the direction if that
// position moves on its own.
func (c *Case) EffectDigest(s *plan.Step) string {
	type part struct {
		Part      string `json:"part"`
		Log       string `json:"log,omitempty"`
		Before    string `json:"before,omitempty"`
		Direction string `json:"way,omitempty"`
		After     string `json:"after"`
	}
	var parts []part
	if s.Action != plan.Done {
		for _, p := range c.approvedParts(s) {
			one := part{Part: p.Part.String(), Log: p.LogID, After: c.approvedTarget(s, p.After)}
			switch {
			case c.coversBefore(s):
				one.Before = p.Before.String()
			case isIdleService(c.Question.Capabilities):
				one.Direction = c.direction(p)
			}
			parts = append(parts, one)
		}
	}
	return plan.DigestOf(struct {
		ID         string      `json:"id"`
		Identity   string      `json:"identity"`
		Action     plan.Action `json:"action"`
		RolledBack int         `json:"rolledBack"`
		Parts      []part      `json:"parts"`
	}{s.ID, identity(s), s.Action, s.RolledBack, parts})
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
	for _, was := range r.Parts {
		p := plan.Part{Part: was.Part, Before: was.Before, After: was.After, LogID: was.LogID}
		if was.Error != "" {
			if at := partOf(s.Parts, was.Part); at != nil {
				p = *at
			}
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

// approvedTarget returns a target as an approval covers it. The boundaries of a log move by
// themselves and count as words; while a step waits for its consumers, so does
// what is relative to their position.
func (c *Case) approvedTarget(s *plan.Step, after providers.Position) string {
	if c.Question.Undo {
		return after.String()
	}
	switch form := c.Question.Step.To.Form; form {
	case schema.ToEarliest, schema.ToLatest:
		return string(form)
	case schema.ToCurrent, schema.ToShift:
		if s.Waits || s.Pauses {
			return plan.TargetText(c.Question.Step.To)
		}
	}
	return after.String()
}

// direction is the direction of a part's move, which an approval covers if it does
// not cover the position before. Consumers that reach the end during a wait leave
// nothing to move.
func (c *Case) direction(p plan.Part) string {
	if p.Effect == plan.EffectKeep && c.Question.Step.To.Form == schema.ToLatest {
		return string(plan.EffectSkip)
	}
	return string(p.Effect)
}

// coversBefore reports whether an approval covers the positions before: on
// services whose consumers are idle during a reset they do not move by
// themselves, unless the step waits for them to stop.
func (c *Case) coversBefore(s *plan.Step) bool {
	return isIdleService(c.Question.Capabilities) && !s.Waits && !s.Pauses
}
