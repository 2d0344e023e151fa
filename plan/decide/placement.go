package decide

import (
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// Placement classifies a part's position after a reset, from best to worst.
type Placement uint8

// The placements of a part.
const (
	AtTarget  Placement = iota
	ReadOn              // between the target and the previous position: consumers have read on
	Unproven            // it moved, in the planned direction if that is known; the target is not known well enough to verify it
	Unshown             // at the previous position, to which the reset may have led
	Unmoved             // at the previous position
	Elsewhere           // none of these: another client has committed
)

// A Placer classifies recorded parts, by the capabilities of the service and the kind of target.
type Placer struct {
	Order     providers.Order
	Needs     providers.State
	MovingEnd bool // the target was the end of the log, which moves by itself
	// ByDirection means that the direction of a reset to a time follows from the time of
	// the last consumed record: the service itself resolves times.
	ByDirection bool
}

// PlacerFor returns the placer for resets of a service; ends means that the target was
// the end of the log.
func PlacerFor(c providers.Capabilities, ends bool) Placer {
	return Placer{Order: c.Order, Needs: c.Needs, MovingEnd: ends, ByDirection: !c.Resolves[providers.Time]}
}

// Place classifies the present position of a part. lands is where a target leads that
// the service itself resolves, or the zero Landing.
//
// Consumers that must be online read on from a new position immediately. They never
// go back by themselves: after a move back any position before the previous one is
// the proof, after a move forward any position at or past the target.
func (l Placer) Place(p lock.Part, now providers.Position, lands Landing) Placement {
	if p.After.Exact() || !lands.Known() {
		lands = Landing{p.After, p.After}
	}
	past, measured := l.Order.Distance(now, lands.UpTo)
	switch {
	case !lands.Exact() && lands.has(l.Order, p.Before) && now == p.Before:
		return Unshown
	case !lands.Exact() && lands.has(l.Order, p.Before) && l.Needs == providers.Active && l.beyond(now, p.Before):
		return Unproven // or they read on, as before
	case lands.has(l.Order, now), now == p.After, l.MovingEnd && measured && past > 0:
		return AtTarget
	case now == p.Before && (l.ahead(p) || l.anywhere(p, lands)):
		return Unshown
	case now == p.Before:
		return Unmoved
	case l.Needs == providers.Active:
		return l.placeOnline(p, now, lands)
	}
	left, ordered := l.Order.Distance(p.Before, now)
	_, known := l.Order.Distance(lands.UpTo, p.Before)
	switch {
	case measured && ordered && past > 0 && left > 0:
		return ReadOn
	case !known && l.directed(p) && ordered && l.ahead(p) != (left < 0):
		return Elsewhere // it moved in the other direction
	case !known && !p.After.Exact() && p.After.Kind() != providers.Unset:
		return Unproven
	}
	return Elsewhere
}

// directed reports whether the direction of a recorded reset is known, although its
// target is not.
func (l Placer) directed(p lock.Part) bool {
	_, isTime := p.After.Time()
	return l.ByDirection && isTime && !p.ReadUpTo.IsZero()
}

// ahead reports whether a recorded reset of known direction went forward.
func (l Placer) ahead(p lock.Part) bool {
	at, _ := p.After.Time()
	return l.directed(p) && forward(at, p.ReadUpTo.Time)
}

// anywhere reports whether nothing is known of a recorded target: the reset may have led
// to the previous position, too.
func (l Placer) anywhere(p lock.Part, lands Landing) bool {
	_, known := l.Order.Distance(lands.UpTo, p.Before)
	_, isTime := p.After.Time()
	return isTime && !known && p.Before.Exact() && !l.directed(p)
}

// beyond reports whether a position is known to be past another one.
func (l Placer) beyond(p, other providers.Position) bool {
	n, ok := l.Order.Distance(p, other)
	return ok && n > 0
}

func (l Placer) placeOnline(p lock.Part, now providers.Position, lands Landing) Placement {
	moved, known := l.Order.Distance(now, p.Before)
	jump, ok := l.Order.Distance(lands.UpTo, p.Before)
	past, _ := l.Order.Distance(now, lands.UpTo)
	switch {
	case known && moved < 0 && !ok && l.ahead(p):
		return Elsewhere
	case known && moved < 0 && (!ok || jump < 0), ok && jump > 0 && past >= 0:
		return AtTarget
	case known && moved > 0 && !ok && l.ahead(p):
		return Unproven
	case known && moved > 0:
		return Unmoved // they read on, as before
	}
	return Elsewhere
}

// TookEffect reports whether a placement proves that the reset took effect.
func (p Placement) TookEffect() bool { return p == AtTarget || p == ReadOn }

// WrittenBack reports whether a part is at exactly its position before the reset,
// before the end of its log, while no consumer is connected: it is unlikely that
// consumers stopped exactly there; tools that synchronise commits write them back.
func WrittenBack(p lock.Part, now providers.PartReading, state providers.State) bool {
	return state == providers.Idle && now.Committed == p.Before && p.Before != p.After && now.Committed != now.High
}

// CommitterText describes the clients that may have committed, as far as the service
// reports them.
func CommitterText(a providers.Activity, trust providers.Trust) string {
	if a.State == providers.Idle && trust == providers.Exact {
		return "the group has no members now, so a tool or a consumer outside the group committed it"
	}
	return "the group is " + ActivityText(a)
}
