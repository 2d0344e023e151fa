package decide

import (
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// effects determines the effect of each part's move and how many records it
// covers.
func (d *differ) effects() {
	bound, order := plan.Bound(d.q.Capabilities.Counts.String()), d.q.Capabilities.Order
	numbers := d.figures(3 * len(d.Parts))
	for i := range d.Parts {
		p := &d.Parts[i]
		p.LagBefore = numbers.keep(lag(order, p.Before, p.Low, p.High))
		if p.UpTo.IsZero() {
			p.LagAfter = numbers.keep(lag(order, p.Destination(), p.Low, p.High))
		}
		effect, count, known := effectOf(p, order)
		p.Effect, p.Count = effect, numbers.keep(count, known)
		if p.Effect == plan.EffectSkip {
			p.OrReplay = orReplay(p, order)
		}
		if p.Effect == plan.EffectKeep && !d.sameMetadata(i, p.Part) {
			p.Effect = plan.EffectReplay
		}
		if p.Count != nil {
			p.Bound, p.Unit = bound, d.q.Capabilities.Unit
			if !p.UpTo.IsZero() {
				p.Bound = plan.BoundUpper
			}
		}
		p.FromLow = plan.FromLow(order, p.Low, p.High, p.Before, p.Destination(), p.UpTo)
	}
}

// sameMetadata reports whether the metadata that an undo would restore is already
// set on the part, the i-th of the step. Other moves restore none.
func (d *differ) sameMetadata(i int, part providers.Part) bool {
	f := RecordAt(d.q.Fixed, i, part)
	if f == nil || f.Metadata == nil {
		return true
	}
	now, _ := ReadingOf(d.s.Parts, part)
	return maps.Equal(f.Metadata, now.Metadata)
}

// orReplay returns how many records the move of a part may deliver again, if it may
// also be a move back; nil if it cannot be.
func orReplay(p *plan.Part, order providers.Order) *int64 {
	back, ok := order.Distance(p.Before, p.Lands)
	if p.UpTo.IsZero() || !ok || back <= 0 {
		return nil
	}
	return order.Between(order.Nearest(p.Lands, p.Low, p.High), order.Nearest(p.Before, p.Low, p.High))
}

// effectOf returns the effect of a part's move and the largest number of records that
// it may cover, if that is known. A move that may be either is a skip, so that a loss is
// never hidden.
func effectOf(p *plan.Part, order providers.Order) (_ plan.Effect, count int64, known bool) {
	to := p.Destination()
	if ahead, ok := order.Distance(p.UpTo, p.Before); ok && ahead > 0 {
		to = p.UpTo
	}
	switch {
	case p.Before.Kind() == providers.Unset && p.After.Kind() == providers.Unset:
		return plan.EffectKeep, 0, false
	case p.After.Kind() == providers.Unset:
		return plan.EffectRemove, 0, false
	case p.Before.Kind() == providers.Unset && to.Kind() != providers.Unknown:
		return plan.EffectSet, 0, false
	}
	distance, ok := order.Distance(to, p.Before)
	switch {
	case !ok:
		return plan.EffectUnknown, 0, false
	case distance == 0 && p.After.Exact():
		return plan.EffectKeep, 0, true
	case distance > 0:
		count, known = between(order, order.Nearest(p.Before, p.Low, p.High), order.Nearest(to, p.Low, p.High))
		return plan.EffectSkip, count, known
	}
	count, known = between(order, order.Nearest(to, p.Low, p.High), order.Nearest(p.Before, p.Low, p.High))
	return plan.EffectReplay, count, known
}

// between returns the number of positions from a to b, 0 if b is not after a, and whether
// it is known.
func between(order providers.Order, a, b providers.Position) (int64, bool) {
	n, ok := order.Distance(b, a)
	return max(n, 0), ok
}

// lag is Order.Lag as a value, for figures.
func lag(order providers.Order, at, low, high providers.Position) (int64, bool) {
	return between(order, order.Nearest(at, low, high), high)
}

// figures holds the numbers of a step's parts in one piece of memory, which may not grow:
// parts point into it.
type figures []int64

// figures returns memory for n numbers.
func (d *differ) figures(n int) figures {
	room := d.q.room
	if room == nil {
		return make(figures, 0, n)
	}
	room.figures = slices.Grow(room.figures[:0], n)
	return room.figures
}

// keep returns a pointer to a number, or nil if it is not known.
func (f *figures) keep(n int64, known bool) *int64 {
	if !known {
		return nil
	}
	*f = append(*f, n)
	return &(*f)[len(*f)-1]
}
