package decide

import (
	"maps"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// effects determines the effect of each part's move and how many records it
// covers.
func (d *differ) effects() {
	bound, order := plan.Bound(d.q.Capabilities.Counts.String()), d.q.Capabilities.Order
	for i := range d.Parts {
		p := &d.Parts[i]
		p.LagBefore = order.Between(p.Before, p.High)
		if p.LagAfter = order.Between(p.Destination(), p.High); !p.UpTo.IsZero() {
			p.LagAfter = nil
		}
		p.Effect, p.Count = effectOf(p, order)
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
	f := recordAt(d.q.Fixed, i, part)
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
// it may cover; nil if unknown. A move that may be either is a skip, so that a loss is
// never hidden.
func effectOf(p *plan.Part, order providers.Order) (plan.Effect, *int64) {
	to := p.Destination()
	if ahead, ok := order.Distance(p.UpTo, p.Before); ok && ahead > 0 {
		to = p.UpTo
	}
	switch {
	case p.Before.Kind() == providers.Unset && p.After.Kind() == providers.Unset:
		return plan.EffectKeep, nil
	case p.After.Kind() == providers.Unset:
		return plan.EffectRemove, nil
	case p.Before.Kind() == providers.Unset && to.Kind() != providers.Unknown:
		return plan.EffectSet, nil
	}
	distance, ok := order.Distance(to, p.Before)
	switch {
	case !ok:
		return plan.EffectUnknown, nil
	case distance == 0 && p.After.Exact():
		return plan.EffectKeep, new(int64(0))
	case distance > 0:
		return plan.EffectSkip, order.Between(order.Nearest(p.Before, p.Low, p.High), order.Nearest(to, p.Low, p.High))
	}
	return plan.EffectReplay, order.Between(order.Nearest(to, p.Low, p.High), order.Nearest(p.Before, p.Low, p.High))
}
