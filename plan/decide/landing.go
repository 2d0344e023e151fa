package decide

import (
	"cmp"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// A Landing is where a position that the service itself resolves leads: to From, to
// UpTo or between them. Both are equal if that is known exactly, and zero if nothing
// is known.
type Landing struct{ From, UpTo providers.Position }

// landingFrom returns the landing between two positions, or exactly at the first one if
// the second is zero.
func landingFrom(from, upTo providers.Position) Landing {
	return Landing{from, cmp.Or(upTo, from)}
}

// Known reports whether something is known.
func (l Landing) Known() bool { return !l.From.IsZero() }

// Exact reports whether the position is known exactly.
func (l Landing) Exact() bool { return l.From == l.UpTo }

// has reports whether a position may be the landing.
func (l Landing) has(order providers.Order, p providers.Position) bool {
	if p == l.From || p == l.UpTo {
		return true
	}
	after, ok := order.Distance(p, l.From)
	before, ordered := order.Distance(l.UpTo, p)
	return ok && ordered && after > 0 && before > 0
}

// narrowed returns the part of a range that is also in an earlier range of the same
// time: a time leads to the same position whenever it is sent.
func (l Landing) narrowed(order providers.Order, earlier Landing) Landing {
	if !l.Known() || !earlier.Known() {
		return Landing{cmp.Or(l.From, earlier.From), cmp.Or(l.UpTo, earlier.UpTo)}
	}
	out := l
	if n, ok := order.Distance(earlier.From, l.From); ok && n > 0 {
		out.From = earlier.From
	}
	if n, ok := order.Distance(l.UpTo, earlier.UpTo); ok && n > 0 {
		out.UpTo = earlier.UpTo
	}
	if n, ok := order.Distance(out.UpTo, out.From); !ok || n < 0 {
		return l // the log was trimmed in between
	}
	return out
}

// LandingOf returns where the service reports that a position leads, whether it was
// requested itself or is sent for another one.
func LandingOf(r providers.PartReading, native providers.Position) Landing {
	switch native.Kind() {
	case providers.Earliest:
		return Landing{r.Low, r.Low}
	case providers.Latest:
		return Landing{r.High, r.High}
	}
	for _, one := range r.Resolved {
		if one.Asked == native || one.Send == native && !native.IsZero() {
			return landing(r, one)
		}
	}
	return Landing{}
}

func landing(r providers.PartReading, one providers.Resolution) Landing {
	end := func(p providers.Position) providers.Position {
		if p.Kind() == providers.Latest {
			return r.High
		}
		return p
	}
	return landingFrom(end(one.Found), end(one.UpTo))
}

// directed bounds a time that only the service resolves, by the time of the last
// consumed record. A reset leads to the first record at or after the time, and a log's
// times increase, so that a later time is a move forward, over the lag at most, and
// any other is a move back. In an empty log every time leads to its end.
func directed(order providers.Order, r providers.PartReading, native providers.Position) Landing {
	at, isTime := native.Time()
	if stored, ok := order.Distance(r.High, r.Low); isTime && ok && stored == 0 {
		return Landing{r.High, r.High}
	}
	unread, measured := order.Distance(r.High, r.Committed)
	if !isTime || r.ReadUpTo.IsZero() || !measured || unread < 0 {
		return Landing{}
	}
	if forward(at, r.ReadUpTo) {
		return Landing{order.Nearest(r.Committed, r.Low, r.High), r.High}
	}
	return Landing{r.Low, order.Nearest(r.Committed, r.Low, r.High)}
}

// forward reports whether a reset to a time moves forward from a position before which
// the last record was written at readUpTo.
func forward(at, readUpTo time.Time) bool { return at.After(readUpTo) }
