package memory

import (
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// late describes a service whose consumers apply a reset themselves, some time after
// it was accepted (Huawei RocketMQ).
type late struct {
	now    func() time.Time
	delay  time.Duration // from the acceptance to the effect
	settle time.Duration // a second reset within this time is accepted and lost
	eager  bool          // consumers read from the target to the end at once
}

// coming is a reset that has been accepted and not applied yet.
type coming struct {
	at time.Time
	do func()
}

// Late makes the effect of every reset come this long after its acceptance. A
// second reset of a group within the settle time is accepted and lost. Eager
// consumers read from the target to the end as soon as the effect comes.
func (s *Service) Late(now func() time.Time, delay, settle time.Duration, eager bool) {
	s.locked(func() { s.late = &late{now, delay, settle, eager} })
}

// ripen applies the late resets that are due.
func (s *Service) ripen() {
	if s.late == nil {
		return
	}
	var names []string
	for name, g := range s.groups {
		if g.coming != nil && !s.late.now().Before(g.coming.at) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		do := s.groups[name].coming.do
		s.groups[name].coming = nil
		do()
	}
}

// accept accepts a reset whose effect comes later, or never.
func (c *connection) accept(t *target, g *group, moves []providers.PartMove) (providers.Receipt, error) {
	l := c.s.late
	now := l.now()
	if !g.accepted.IsZero() && now.Sub(g.accepted) < l.settle {
		c.s.note(Entry{By: ByLoss, Group: t.group})
		return c.answer(t, nil)
	}
	g.accepted = now
	g.coming = &coming{at: now.Add(l.delay), do: func() { c.takeOver(t, g, moves) }}
	return c.answer(t, nil)
}

// takeOver applies a late reset as the consumers do.
func (c *connection) takeOver(t *target, g *group, moves []providers.PartMove) {
	for _, r := range c.carryOut(t, g, moves) {
		if l := c.s.logs[r.Part]; r.Err == nil && l != nil && c.s.late.eager && len(g.members) > 0 {
			c.s.set(ByCommit, t.group, r.Part, commit{offset: l.high()})
		}
	}
}
