package plan

import (
	"maps"
	"math"

	"github.com/resetplan/resetplan/providers"
)

// effects determines the effect of each part's move and how many records it
// covers.
func (d *differ) effects() {
	bound := Bound(d.q.Capabilities.Counts.String())
	for i := range d.Parts {
		p := &d.Parts[i]
		p.LagBefore = lag(p.High, p.Before)
		p.LagAfter = lag(p.High, p.place())
		p.Effect, p.Count = p.effect()
		if p.Effect == EffectKeep && !d.sameMetadata(p.Part) {
			p.Effect = EffectReplay
		}
		if p.Count != nil {
			p.Bound = bound
		}
	}
}

// sameMetadata reports whether the metadata that an undo would restore is already
// set. Other moves restore none.
func (d *differ) sameMetadata(part providers.Part) bool {
	f, ok := recordOf(d.q.Fixed, part)
	if !ok || f.Metadata == nil {
		return true
	}
	now, _ := reading(d.s.Parts, part)
	return maps.Equal(f.Metadata, now.Metadata)
}

// place returns a part's target as a position in its log, as far as it is known
// before the reset.
func (p *Part) place() providers.Position {
	if p.Lands.IsZero() {
		return p.After
	}
	return p.Lands
}

func (p *Part) effect() (Effect, *int64) {
	to := p.place()
	switch {
	case p.Before.Kind() == providers.Unset && p.After.Kind() == providers.Unset:
		return EffectKeep, nil
	case p.After.Kind() == providers.Unset:
		return EffectUnknown, nil
	case p.Before.Kind() == providers.Unset && to.Kind() != providers.Unknown:
		return EffectSet, nil
	}
	far, ok := to.Distance(p.Before)
	switch {
	case !ok:
		return EffectUnknown, nil
	case far == 0 && p.After.Exact():
		return EffectKeep, new(int64(0))
	case far > 0:
		return EffectSkip, between(nearest(p.Before, p.Low, p.High), nearest(to, p.Low, p.High))
	}
	return EffectReplay, between(nearest(to, p.Low, p.High), nearest(p.Before, p.Low, p.High))
}

// lag returns the number of positions from p to the high boundary, or nil if it is
// unknown.
func lag(high, p providers.Position) *int64 {
	n, ok := high.Distance(p)
	if !ok {
		return nil
	}
	return new(max(n, 0))
}

// between returns the number of positions from a to b, or nil if it is unknown.
func between(a, b providers.Position) *int64 {
	n, ok := b.Distance(a)
	if !ok {
		return nil
	}
	return new(max(n, 0))
}

// nearest returns p, or the boundary if p is outside the log.
func nearest(p, low, high providers.Position) providers.Position {
	if n, ok := p.Distance(low); ok && n < 0 {
		return low
	}
	if n, ok := p.Distance(high); ok && n > 0 {
		return high
	}
	return p
}

// addClamped adds and clamps the result to the range of int64.
func addClamped(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}
