package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// stepDigest is what a step requests, in normal form: its target and its `to`.
// The id, descriptions, guards, idleness and what a rollback may do are not part
// of it: changing them does not request another reset. Nor is the topic's id: a
// step for a re-created topic is the same request, and is refused.
func stepDigest(identity string, s *schema.Step) string {
	return digest(struct {
		Address string    `json:"address"`
		To      schema.To `json:"to"`
	}{identity, normal(s.To)})
}

// normal keeps of a time what was written: the moment that "now" meant is not
// part of what was requested.
func normal(to schema.To) schema.To {
	if to.Form == schema.ToTimestamp && !to.Time.FromNow {
		to.Time = schema.Instant{Text: stamp(to.Time.Time)}
	}
	return to
}

// planDigest identifies what a review approves: the inputs, the run, and the
// effect of each step.
func planDigest(p *Plan, effects []string) string {
	type step struct {
		ID     string `json:"id"`
		Effect string `json:"effect"`
	}
	var all []step
	for i, effect := range effects {
		all = append(all, step{p.Steps[i].ID, effect})
	}
	return digest(struct {
		Inputs string `json:"inputs"`
		Run    string `json:"run"`
		Undo   bool   `json:"undo"`
		Steps  []step `json:"steps"`
	}{p.inputs(), p.Run, p.Undo, all})
}

// inputs is the digest of the document and the parameters.
func (p *Plan) inputs() string {
	params := p.Params
	if len(params) == 0 {
		params = nil // a saved plan does not distinguish none from empty
	}
	return digest(struct {
		Document string         `json:"document"`
		Params   map[string]any `json:"params"`
	}{p.Document, params})
}

// effectDigest identifies what an approval covers of one step: the identity of the
// target, the action, how often the run has rolled the step back, and for each part
// its log, what will be sent, and the position before, or the direction if that
// position moves by itself.
func (c *Case) effectDigest(s *Step) string {
	type part struct {
		Part   string `json:"part"`
		Log    string `json:"log,omitempty"`
		Before string `json:"before,omitempty"`
		Way    string `json:"way,omitempty"`
		After  string `json:"after"`
	}
	var parts []part
	if s.Action != Done {
		for _, p := range c.approvedParts(s) {
			one := part{Part: p.Part.String(), Log: p.LogID, After: c.word(s, p.After)}
			switch {
			case c.coversBefore(s):
				one.Before = p.Before.String()
			case isIdleService(c.question.Capabilities):
				one.Way = c.way(p)
			}
			parts = append(parts, one)
		}
	}
	identity := s.Identity
	if identity == "" {
		identity = s.Address
	}
	return digest(struct {
		ID         string `json:"id"`
		Identity   string `json:"identity"`
		Action     Action `json:"action"`
		RolledBack int    `json:"rolledBack"`
		Parts      []part `json:"parts"`
	}{s.ID, identity, s.Action, s.RolledBack, parts})
}

// approvedParts are a step's parts as an approval covers them. Those that an
// earlier apply of the run has moved count as they were before it: the rest of an
// approved step belongs to the same approval.
func (c *Case) approvedParts(s *Step) []Part {
	r := c.resumed()
	if r == nil || s.Action != Reset {
		return s.Parts
	}
	var out []Part
	for _, was := range r.Parts {
		p := Part{Part: was.Part, Before: was.Before, After: was.After, LogID: was.LogID}
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
	r := c.question.Record
	if c.resolved != nil {
		r = c.resolved
	}
	if r == nil || !inPart(r) || c.question.Undo {
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

func partOf(parts []Part, p providers.Part) *Part {
	for i := range parts {
		if parts[i].Part == p {
			return &parts[i]
		}
	}
	return nil
}

// word returns a target as an approval covers it. The boundaries of a log move by
// themselves and count as words; while a step waits for its consumers, so does
// what is relative to their position.
func (c *Case) word(s *Step, after providers.Position) string {
	if c.question.Undo {
		return after.String()
	}
	switch form := c.question.Step.To.Form; form {
	case schema.ToEarliest, schema.ToLatest:
		return string(form)
	case schema.ToCurrent, schema.ToShift:
		if s.Waits || s.Pauses {
			return words(c.question.Step.To)
		}
	}
	return after.String()
}

// way is the direction of a part's move, which an approval covers if it does not
// cover the position before. Consumers that reach the end while they are waited
// for turn a move to it into none.
func (c *Case) way(p Part) string {
	if p.Effect == EffectKeep && c.question.Step.To.Form == schema.ToLatest {
		return string(EffectSkip)
	}
	return string(p.Effect)
}

// coversBefore reports whether an approval covers the positions before: on
// services whose consumers are idle during a reset they do not move by
// themselves, unless the step waits for them to stop.
func (c *Case) coversBefore(s *Step) bool {
	return isIdleService(c.question.Capabilities) && !s.Waits && !s.Pauses
}

// digest is the SHA-256 of a value's JSON form.
func digest(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("plan: a digest's own types cannot fail to marshal: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}
