package providertest

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// leadsTo reports whether a resolution allows that a reset has led to a position.
func leadsTo(order providers.Order, p providers.PartReading, one providers.Resolution, at providers.Position) bool {
	from, to := boundary(p, one.Found), boundary(p, one.UpTo)
	if to.IsZero() {
		to = from
	}
	after, ok1 := order.Distance(at, from)
	before, ok2 := order.Distance(to, at)
	return at == from || at == to || ok1 && ok2 && after >= 0 && before >= 0
}

func boundary(p providers.PartReading, at providers.Position) providers.Position {
	if at.Kind() == providers.Latest {
		return p.High
	}
	return at
}

// ranged shows that a range has an order, that only a position that the service
// itself resolves leads to one, and that another position is sent only if that is
// claimed.
func (b *bench) ranged(t *testing.T, p providers.PartReading, one providers.Resolution) {
	t.Helper()
	if _, isTime := one.Send.Time(); !one.Send.IsZero() && (!isTime || !b.caps.Approximates[one.Asked.Kind()]) {
		t.Errorf("%s: for %s it sends %s, which is not claimed", p.Part, one.Asked, one.Send)
	}
	if one.UpTo.IsZero() {
		return
	}
	if n, ok := b.caps.Order.Distance(boundary(p, one.UpTo), boundary(p, one.Found)); !ok || n < 0 {
		t.Errorf("%s: %s leads from %s to %s, which is not a range", p.Part, one.Asked, one.Found, one.UpTo)
	}
	if b.caps.Moves[one.Asked.Kind()] == providers.NoGrain && one.Send.IsZero() {
		t.Errorf("%s: %s is sent as an exact position, and leads from %s to %s", p.Part, one.Asked, one.Found, one.UpTo)
	}
}

// resetBounded resets to the time of the last consumed record, which moves every part
// back, and to the millisecond after it, which moves no part back.
func resetBounded(t *testing.T, b *bench) {
	grain := b.caps.Moves[providers.Time]
	parts := b.read(t).Parts
	needs(t, grain != providers.NoGrain && !b.caps.Resolves[providers.Time] && !parts[0].ReadUpTo.IsZero(),
		"a time that only the service resolves, and the time of the last consumed record")
	first, last := parts[0].ReadUpTo, parts[0].ReadUpTo
	for _, p := range parts {
		if grain == providers.PerPart || p.ReadUpTo.IsZero() {
			continue
		}
		if p.ReadUpTo.Before(first) {
			first = p.ReadUpTo
		}
		if p.ReadUpTo.After(last) {
			last = p.ReadUpTo
		}
	}
	before := b.Committed()
	for _, to := range []time.Time{last.Add(time.Millisecond), first} {
		move := providers.PartMove{Position: providers.AtTime(to)}
		if grain == providers.PerPart {
			move.Part = parts[0].Part
		}
		b.reset(t, move)
		for part, at := range b.Committed() {
			if n, ok := b.caps.Order.Distance(at, before[part]); !ok || to.After(last) && n < 0 || !to.After(last) && n >= 0 && part == parts[0].Part {
				t.Errorf("%s: the last consumed records are of %s to %s; %s was at %s and is at %s", move.Position, first, last, part, before[part], at)
			}
		}
	}
}

// resetNear resets to the times that the service reports for an offset and for another
// group's position.
func resetNear(t *testing.T, b *bench) {
	needs(t, len(b.caps.Approximates) > 0, "times near a position")
	if b.caps.Moves[providers.Time] == providers.NoGrain {
		t.Fatal("Approximates is set, and Moves has no times")
	}
	first := b.read(t).Parts[0]
	req := providers.ReadRequest{Target: b.goal}
	var asked providers.Position
	if n, ok := first.Committed.Offset(); ok && b.caps.Approximates[providers.Offset] {
		asked = providers.AtOffset(n - 1)
		b.near(t, providers.ReadRequest{Target: b.goal, Approach: []providers.PartPosition{{Part: first.Part, Position: asked}}}, first, asked)
	}
	if b.caps.Approximates[providers.Group] {
		if b.Donor == "" {
			t.Fatal("Approximates has groups, and the harness names no Donor")
		}
		donor := providers.PlaceOf(b.Donor)
		req.Resolve = []providers.Position{donor}
		b.near(t, req, first, donor)
	}
}

// near reads a request and resets the first part, or the whole target, to the time
// that it reports.
func (b *bench) near(t *testing.T, req providers.ReadRequest, first providers.PartReading, asked providers.Position) {
	t.Helper()
	writes := b.Writes()
	s := b.conn.Read(t.Context(), []providers.ReadRequest{req})[0]
	if s.Err != nil || len(s.Parts) == 0 || s.Parts[0].Part != first.Part {
		t.Fatalf("%s: got %+v", asked, s)
	}
	one := s.Parts[0].Resolution(asked)
	if _, ok := one.Send.Time(); !ok || one.Found.IsZero() {
		t.Fatalf("%s: for %s it reports %+v, want a time to send and where that leads", first.Part, asked, one)
	}
	b.ranged(t, first, one)
	if n, ok := b.caps.Order.Distance(one.Found, asked); ok && n > 0 {
		t.Errorf("%s: %s leads to %s, past %s", first.Part, one.Send, one.Found, asked)
	}
	if n := b.Writes() - writes; n != 0 {
		t.Errorf("%d requests of a reading changed something", n)
	}
	move := providers.PartMove{Position: one.Send}
	if b.caps.Moves[providers.Time] == providers.PerPart {
		move.Part = first.Part
	}
	b.reset(t, move)
	if at := b.Committed()[first.Part]; !leadsTo(b.caps.Order, first, one, at) {
		t.Errorf("%s: for %s it sends %s, which leads to %s, want %s..%s", first.Part, asked, one.Send, at, one.Found, one.UpTo)
	}
}
