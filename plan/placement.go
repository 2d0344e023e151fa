package plan

import (
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// placement classifies a part's position after a reset, from best to worst.
type placement uint8

// The placements of a part.
const (
	atTarget  placement = iota
	readOn              // between the target and the previous position: consumers have read on
	unproven            // it moved, but the target is not known well enough to verify it
	unmoved             // at the previous position
	elsewhere           // none of these: another client has committed
)

// A placer classifies recorded parts, by the kind of service and of target.
type placer struct {
	needs providers.State
	ends  bool // the target was the end of the log, which moves by itself
}

// placer returns the placer for the parts of this step.
func (q Question) placer() placer {
	return placer{q.Capabilities.Needs, !q.Undo && q.movingEnd()}
}

// movingEnd reports whether the step goes to the end of the log.
func (q Question) movingEnd() bool { return q.Step.To.Form == schema.ToLatest }

// place classifies the present position of a part. lands is the expected position
// for a target that the service itself resolves, or zero.
//
// Consumers that must be online read on from a new position immediately. They never
// go back by themselves: after a move back any position before the previous one is
// the proof, after a move forward any position at or past the target.
func (k placer) place(p lock.Part, now, lands providers.Position) placement {
	target := p.After
	if !target.Exact() && !lands.IsZero() {
		target = lands
	}
	past, measured := now.Distance(target)
	switch {
	case now == target, now == p.After, k.ends && measured && past > 0:
		return atTarget
	case now == p.Before:
		return unmoved
	case k.needs == providers.Active:
		return placeOnline(p, now, target)
	}
	left, comparable := p.Before.Distance(now)
	_, known := target.Distance(p.Before)
	switch {
	case measured && comparable && past > 0 && left > 0:
		return readOn
	case !known && !p.After.Exact() && p.After.Kind() != providers.Unset:
		return unproven
	}
	return elsewhere
}

func placeOnline(p lock.Part, now, target providers.Position) placement {
	moved, known := now.Distance(p.Before)
	way, ok := target.Distance(p.Before)
	past, _ := now.Distance(target)
	switch {
	case known && moved < 0 && (!ok || way < 0), ok && way > 0 && past >= 0:
		return atTarget
	case known && moved > 0:
		return unmoved // they read on, as before
	}
	return elsewhere
}

// took reports whether a placement proves that the reset took effect.
func (p placement) took() bool { return p == atTarget || p == readOn }
