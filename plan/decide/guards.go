package decide

import (
	"fmt"
	"strings"

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
	g, bounds := d.q.Step.Guards, d.q.Step.Bounds
	b := bounded(g.MaxReplay, bounds.MaxReplay, "maxReplay", bounds.File)
	n, unknown := sum.Replay, sum.Unknown+sum.Removed > 0
	switch {
	case b.none:
	case n > b.n:
		d.block("this would deliver %s %s again; %s allows %s. %s", d.upTo(n, sum), d.units(n), b.name, text.Grouped(b.n),
			b.remedy("Raise it, or choose a later target.", "Choose a later target."))
	case unknown:
		d.block("the number of %s to replay is unknown, so %s cannot be checked. %s", d.units(0), b.name,
			b.remedy("Remove guards.maxReplay to continue anyway.", ""))
	}
}

func (d *differ) maxSkip(sum plan.Summary) {
	g, bounds := d.q.Step.Guards, d.q.Step.Bounds
	own := g.MaxSkip
	switch {
	case own == nil && d.q.Step.To.Form == schema.ToLatest:
		own = &schema.Limit{Unlimited: true} // the target itself requests the skip
	case own == nil:
		own = &schema.Limit{}
	}
	b := bounded(own, bounds.MaxSkip, "maxSkip", bounds.File)
	n, unknown := sum.Skip, sum.Unknown+sum.Removed > 0
	switch {
	case b.none:
	case n > b.n:
		d.block("this would skip %s %s, which would never be delivered; %s allows %s. %s%s", d.upTo(n, sum), d.units(n), b.name, text.Grouped(b.n),
			d.notReadYet(sum), b.remedy(fmt.Sprintf("Set guards.maxSkip to the number of %s you accept losing, or to unlimited.", d.units(0)), ""))
	case unknown && (g.MaxSkip != nil || bounds.MaxSkip != nil):
		if g.MaxSkip == nil {
			b = bounded(nil, bounds.MaxSkip, "maxSkip", bounds.File)
		}
		d.block("the number of %s to skip is unknown, so %s cannot be checked. %s", d.units(0), b.name,
			b.remedy("Remove guards.maxSkip to continue anyway.", ""))
	case unknown:
		d.warn(fmt.Sprintf("The number of %s that are delivered again or skipped is unknown before the reset.", d.units(0)))
	}
}

// notReadYet explains a time ahead of a group, for a person who expects a replay from then on:
// the group delivers it without a reset.
func (d *differ) notReadYet(sum plan.Summary) string {
	if d.q.Undo || d.q.Step.To.Form != schema.ToTimestamp || sum.Replay > 0 || sum.Set > 0 || sum.Unknown > 0 {
		return ""
	}
	return "The group's position is before that time: it delivers everything since then without a reset. "
}

// A bound is the smaller one of a guard of the plan and a limit of the operator.
type bound struct {
	none     bool // there is no limit
	n        int64
	operator bool   // it is the operator's
	name     string // what messages call it
}

// bounded returns the bound of a step. No plan can raise the operator's limit, nor
// remove it.
func bounded(guard *schema.Limit, limit *int64, key, file string) bound {
	switch free := guard == nil || guard.Unlimited; {
	case limit == nil && free:
		return bound{none: true}
	case limit != nil && (free || *limit < guard.N):
		return bound{n: *limit, operator: true, name: fmt.Sprintf("limits.%s of the configuration %s", key, text.Safe(file))}
	default:
		return bound{n: guard.N, name: "guards." + key}
	}
}

// remedy returns what to do about a bound that is exceeded: about the plan's own, or
// what the author of a plan can do about the operator's.
func (b bound) remedy(own, otherwise string) string {
	if !b.operator {
		return own
	}
	return strings.TrimSpace(otherwise + " No plan can raise that limit, only the operator of that file.")
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
			d.block("this would go back to %s, %s ago; guards.maxAge allows %s. Raise it, or choose a later target.",
				text.Stamp(at), text.Span(age), text.Span(*limit))
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
