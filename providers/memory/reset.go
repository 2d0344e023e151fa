package memory

import (
	"fmt"
	"maps"

	"github.com/resetplan/resetplan/providers"
)

// reset refuses what the capabilities exclude before anything is written, and then
// moves part by part. As on Kafka, a group that does not exist is created, and an
// offset beyond the log is accepted.
func (c *connection) reset(m providers.Move) (providers.Receipt, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.ripen()
	t := m.Target.(*target)
	if err := c.refusal(t, m.To); err != nil {
		return providers.Receipt{}, err
	}
	g := c.s.group(t.group)
	if c.s.late != nil {
		return c.accept(t, g, m.To)
	}
	before := maps.Clone(g.commits)
	results := c.carryOut(t, g, m.To)
	if err := providers.AllRefused(results); err != nil {
		return providers.Receipt{}, err
	}
	if c.s.hide > 0 {
		g.hidden = before
	}
	return c.answer(t, results)
}

// answer counts a reset that was accepted and answers it.
func (c *connection) answer(t *target, results []providers.PartResult) (providers.Receipt, error) {
	c.s.resets++
	if c.s.lose {
		c.s.lose = false
		return providers.Receipt{}, &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: providers.ErrInDoubt, Message: "the answer was lost"}
	}
	return providers.Receipt{RequestID: fmt.Sprintf("req-%d", c.s.resets), Parts: results}, nil
}

// refusal returns why a move is refused as a whole, or nil.
func (c *connection) refusal(t *target, moves []providers.PartMove) error {
	refuse := func(kind error, code, format string, args ...any) error {
		return &providers.Error{Provider: Type, Op: "reset " + t.group, Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
	}
	for _, p := range moves {
		grain, kind := c.caps.Moves[p.Position.Kind()], p.Position.Kind()
		switch l := c.s.logs[p.Part]; {
		case grain == providers.NoGrain:
			return refuse(providers.ErrUnsupported, "", "%s cannot be sent", p.Position)
		case (grain == providers.WholeTarget) != (p.Part == providers.Part{}):
			return refuse(providers.ErrUnsupported, "", "%s moves the %s, not %q", kind, grain, p.Part)
		case p.Position.Exact() && number(p.Position) < 0:
			return refuse(providers.ErrUnsupported, "", "%s is not a valid offset", p.Position)
		case p.LogID != "" && l != nil && l.id != p.LogID:
			return refuse(providers.ErrNotFound, "OTHER_LOG", "topic %s was re-created", p.Part.Topic)
		}
	}
	alive := c.s.groups[t.group] != nil && len(c.s.groups[t.group].members) > 0
	switch {
	case c.caps.Needs == providers.Idle && alive:
		return refuse(providers.ErrPrecondition, "ACTIVE", "the group has live members")
	case c.caps.Needs == providers.Active && !alive:
		return refuse(providers.ErrPrecondition, "OFFLINE", "the group has no live members")
	}
	return nil
}

// carryOut moves each part, and for the zero Part all that the target selects.
func (c *connection) carryOut(t *target, g *group, moves []providers.PartMove) []providers.PartResult {
	var out []providers.PartResult
	for _, m := range moves {
		parts := []providers.Part{m.Part}
		if m.Part == (providers.Part{}) {
			parts, _ = c.s.selected(t, g)
		}
		for _, p := range parts {
			r := providers.PartResult{Part: p, Err: c.s.deny(p)}
			if r.Err == nil {
				if r.Position = c.put(t.group, g, p, m); c.s.terse {
					r.Position = providers.Position{}
				}
			}
			out = append(out, r)
		}
	}
	c.s.refused = providers.Part{}
	return out
}

// deny refuses one part: it does not exist, or a test set RefusePart.
func (s *Service) deny(p providers.Part) error {
	switch {
	case s.logs[p] == nil:
		return &providers.Error{Provider: Type, Op: "reset " + p.String(), Kind: providers.ErrNotFound, Code: "NO_SUCH_PARTITION"}
	case s.refused == p:
		return &providers.Error{Provider: Type, Op: "reset " + p.String(), Kind: providers.ErrInvalid, Code: "REFUSED"}
	}
	return nil
}

// put moves one part and returns its new position.
func (c *connection) put(name string, g *group, p providers.Part, m providers.PartMove) providers.Position {
	if m.Position.Kind() == providers.Unset {
		c.s.note(Entry{By: ByReset, Group: name, Part: p, From: g.at(p), To: m.Position})
		delete(g.commits, p)
		return m.Position
	}
	n := c.s.logs[p].find(m.Position)
	c.s.set(ByReset, name, p, commit{n, maps.Clone(m.Metadata)})
	return c.place(n)
}
