package decide

import (
	"fmt"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// guards checks the step's moves against its limits. If a number is unknown, an
// explicit guard blocks the step; a default guard only warns. A step that
// restores previous positions needs no allowance.
func (d *differ) guards() {
	if d.restores() {
		return
	}
	var sum plan.Summary
	sum.Add(d.Parts)
	d.maxReplay(sum)
	d.maxSkip(sum)
	d.maxAge()
}

// restores reports whether the step only restores positions that had been
// reached before.
func (d *differ) restores() bool { return d.q.Undo || d.q.Step.To.Form == schema.ToLock }

func (d *differ) maxReplay(sum plan.Summary) {
	limit, n, unknown := d.q.Step.Guards.MaxReplay, sum.Replay, sum.Unknown > 0
	switch {
	case limit == nil || limit.Unlimited:
	case n > limit.N:
		d.block("this would deliver %s %s again; guards.maxReplay allows %s. Raise it, or choose a later target.", d.upTo(n, sum), d.units(n),
			text.Grouped(limit.N))
	case unknown:
		d.block("the number of %s to replay is unknown, so guards.maxReplay cannot be checked. Remove guards.maxReplay to continue anyway.",
			d.units(0))
	}
}

func (d *differ) maxSkip(sum plan.Summary) {
	limit, n, unknown := d.q.Step.Guards.MaxSkip, sum.Skip, sum.Unknown > 0
	if limit == nil && d.q.Step.To.Form == schema.ToLatest || limit != nil && limit.Unlimited {
		return
	}
	var allowed int64
	if limit != nil {
		allowed = limit.N
	}
	switch {
	case n > allowed:
		d.block("this would skip %s %s, which would never be delivered; guards.maxSkip allows %s. Set guards.maxSkip to the number of "+
			"%s you accept losing, or to unlimited.", d.upTo(n, sum), d.units(n), text.Grouped(allowed), d.units(0))
	case unknown && limit != nil:
		d.block("the number of %s to skip is unknown, so guards.maxSkip cannot be checked. Remove guards.maxSkip to continue anyway.", d.units(0))
	case unknown:
		d.warn(fmt.Sprintf("The number of %s that are delivered again or skipped is unknown before the reset.", d.units(0)))
	}
}

// maxAge limits the age of the oldest requested position: the requested time
// itself or, for other targets, the time of the first record at the target.
func (d *differ) maxAge() {
	limit := d.q.Step.Guards.MaxAge
	if limit == nil {
		return
	}
	if d.q.Step.To.Form == schema.ToTimestamp {
		at, _ := d.requestedTime().Time()
		if age := d.q.Now.Sub(at); age > *limit {
			d.block("this would go back to %s, %s ago; guards.maxAge allows %s.", text.Stamp(at), text.Span(age), text.Span(*limit))
		}
		return
	}
	for _, p := range d.Parts {
		if p.Effect == plan.EffectKeep || p.LagAfter != nil && *p.LagAfter == 0 {
			continue // nothing will be read there
		}
		at, known := d.q.Oldest[p.Part]
		if sent, isTime := p.After.Time(); isTime {
			at, known = sent, true
		}
		if !known {
			d.block("the age of the records at %s of %s is unknown, so guards.maxAge cannot be checked. Remove guards.maxAge to continue anyway.",
				p.After, plan.PartName(p.Part))
			return
		}
		if age := d.q.Now.Sub(at); age > *limit {
			d.block("%s would go back to a record of %s, %s ago; guards.maxAge allows %s.", plan.PartName(p.Part), text.Stamp(at), text.Span(age),
				text.Span(*limit))
			return
		}
	}
}

// units returns what the service counts, in the number of n.
func (d *differ) units(n int64) string { return text.Noun(n, plan.UnitName(d.q.Capabilities.Unit)) }

// upTo formats a number of records, as exact or as an upper bound.
func (d *differ) upTo(n int64, sum plan.Summary) string {
	if d.q.Capabilities.Counts == providers.UpperBound || sum.Bound == plan.BoundUpper {
		return "up to " + text.Grouped(n)
	}
	return text.Grouped(n)
}

// gone returns the number of deleted records from a requested position to the low
// boundary, with their unit.
func (d *differ) gone(low, asked providers.Position) string {
	n, ok := d.q.Capabilities.Order.Distance(low, asked)
	if !ok {
		return "an unknown number of " + d.units(0)
	}
	return text.Grouped(n) + " " + d.units(0)
}

// lowText describes the start of a log, with the time of its first record if known.
func lowText(r providers.PartReading) string {
	if r.LowTime.IsZero() {
		return r.Low.String()
	}
	return fmt.Sprintf("%s (%s)", r.Low, text.Stamp(r.LowTime))
}
