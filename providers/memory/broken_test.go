package memory

import (
	"context"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

type numbered struct {
	*target
	n int
}

func (n numbered) Address() string  { return n.target.Address() + strings.Repeat("'", n.n) }
func (n numbered) Identity() string { return n.Address() }
func (n numbered) SameGroup(o providers.Target) bool {
	other, ok := o.(numbered)
	return ok && n.target.SameGroup(other.target)
}
func (n numbered) Overlaps(o providers.Target) bool {
	other, ok := o.(numbered)
	return ok && n.target.Overlaps(other.target)
}

type foreign struct{ *target }

func (foreign) Group() string { return "donor" }
func (f foreign) SameGroup(o providers.Target) bool {
	other, ok := o.(foreign)
	return ok && f.target.SameGroup(other.target)
}
func (f foreign) Overlaps(o providers.Target) bool {
	other, ok := o.(foreign)
	return ok && f.target.Overlaps(other.target)
}

type alone struct{ *target }

func (alone) Overlaps(providers.Target) bool { return false }

func reversed(ctx context.Context, c *connection, reqs []providers.ReadRequest) []providers.Snapshot {
	out := c.Read(ctx, reqs)
	if len(out) > 1 {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

// resolveAs answers every question of a kind with the same.
func resolveAs(k providers.Kind, with providers.Position) func(*connection, *providers.Snapshot) {
	return func(_ *connection, s *providers.Snapshot) {
		for _, p := range s.Parts {
			for i := range p.Resolved {
				if p.Resolved[i].Asked.Kind() == k {
					p.Resolved[i].Found = with
				}
			}
		}
	}
}

func unsetAsEarliest(_ *connection, m *providers.Move) {
	if m.To[0].Position.Kind() == providers.Unset {
		m.To[0].Position = providers.AtOffset(0)
	}
}

func max0(p providers.Position) providers.Position {
	if n, ok := p.Offset(); ok {
		return providers.AtOffset(max(n, 0))
	}
	return p
}
