package memory

import (
	"time"

	"github.com/resetplan/resetplan/providers"
)

// approach translates the positions that a request approaches, and those of other
// groups, into times.
func (c *connection) approach(l *log, p providers.Part, q providers.ReadRequest) []providers.Resolution {
	var out []providers.Resolution
	for _, one := range q.Approach {
		if one.Part == p && c.caps.Approximates[one.Position.Kind()] {
			out = append(out, c.near(l, one.Position, one.Position))
		}
	}
	for _, pos := range q.Resolve {
		if pos.Kind() == providers.Group && c.caps.Approximates[providers.Group] {
			at := c.resolve(l, p, pos)
			if at.Kind() == providers.Unset {
				out = append(out, providers.Resolution{Asked: pos, Found: at})
				continue
			}
			out = append(out, c.near(l, pos, at))
		}
	}
	return out
}

// near returns the time that leads to a position, or to the nearest one before it.
func (c *connection) near(l *log, asked, at providers.Position) providers.Resolution {
	n := min(max(number(at), l.low), l.high())
	var t time.Time
	switch {
	case n < l.high():
		t = l.times[n].Truncate(time.Millisecond)
	case n > l.low:
		t = l.times[n-1].Add(time.Millisecond)
	}
	send := providers.AtTime(t)
	return c.vague(l, send, providers.Resolution{Asked: asked, Send: send, Found: c.place(l.after(t))})
}

// vague widens where a time leads to a range, if a test has made the service vague.
func (c *connection) vague(l *log, pos providers.Position, r providers.Resolution) providers.Resolution {
	t, isTime := pos.Time()
	if !isTime || c.s.doubt == 0 || c.caps.Moves[providers.Time] == providers.NoGrain {
		return r
	}
	n := l.after(t)
	r.Found, r.UpTo = c.place(max(n-c.s.doubt, l.low)), c.place(min(n+c.s.doubt, l.high()))
	return r
}

// Terse leaves the new positions out of the answers to resets.
func (s *Service) Terse() { s.locked(func() { s.terse = true }) }

// Vague makes the service report where a time leads only as a range of n records to
// either side.
func (s *Service) Vague(n int64) { s.locked(func() { s.doubt = n }) }
