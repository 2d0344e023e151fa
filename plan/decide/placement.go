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
	Unproven            // it moved, but the target is not known well enough to verify it
	Unmoved             // at the previous position
	Elsewhere           // none of these: another client has committed
)

// A Placer classifies recorded parts, by the capabilities of the service and of target.
type Placer struct {
	Order     providers.Order
	Needs     providers.State
	MovingEnd bool // the target was the end of the log, which moves by itself
}

// Place classifies the present position of a part. lands is the expected position
// for a target that the service itself resolves, or zero.
//
// Consumers that must be online read on from a new position immediately. They never
// go back by themselves: after a move back any position before the previous one is
// the proof, after a move forward any position at or past the target.
func (l Placer) Place(p lock.Part, now, lands providers.Position) Placement {
	target := p.After
	if !target.Exact() && !lands.IsZero() {
		target = lands
	}
	past, measured := l.Order.Distance(now, target)
	switch {
	case now == target, now == p.After, l.MovingEnd && measured && past > 0:
		return AtTarget
	case now == p.Before:
		return Unmoved
	case l.Needs == providers.Active:
		return l.placeOnline(p, now, target)
	}
	left, comparable := l.Order.Distance(p.Before, now)
	_, known := l.Order.Distance(target, p.Before)
	switch {
	case measured && comparable && past > 0 && left > 0:
		return ReadOn
	case !known && !p.After.Exact() && p.After.Kind() != providers.Unset:
		return Unproven
	}
	return Elsewhere
}

func (l Placer) placeOnline(p lock.Part, now, target providers.Position) Placement {
	moved, known := l.Order.Distance(now, p.Before)
	jump, ok := l.Order.Distance(target, p.Before)
	past, _ := l.Order.Distance(now, target)
	switch {
	case known && moved < 0 && (!ok || jump < 0), ok && jump > 0 && past >= 0:
		return AtTarget
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
