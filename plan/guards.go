package plan

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// guards holds the step's limits against what its moves do. A number that
// cannot be told blocks where its guard was written, and warns where it is
// only the default. A step that puts back what stood there before needs no
// allowance.
func (d *differ) guards() {
	if d.putsBack() {
		return
	}
	var sum Summary
	sum.add(d.step.Parts)
	d.maxReplay(sum.Replay, sum.Unknown > 0)
	d.maxSkip(sum.Skip, sum.Unknown > 0)
	d.maxAge()
}

// putsBack reports whether the step only restores positions that had been
// reached before.
func (d *differ) putsBack() bool { return d.q.Undo || d.q.Step.To.Form == schema.ToLock }

func (d *differ) maxReplay(n int64, unknown bool) {
	limit := d.q.Step.Guards.MaxReplay
	switch {
	case limit == nil || limit.Unlimited:
	case n > limit.N:
		d.block("it replays %s records, and guards.maxReplay allows %s.", d.upTo(n), Grouped(limit.N))
	case unknown:
		d.block("how many records it replays cannot be told, and guards.maxReplay is written. Remove it to go on without knowing.")
	}
}

func (d *differ) maxSkip(n int64, unknown bool) {
	limit := d.q.Step.Guards.MaxSkip
	if limit == nil && d.q.Step.To.Form == schema.ToLatest || limit != nil && limit.Unlimited {
		return
	}
	var allowed int64
	if limit != nil {
		allowed = limit.N
	}
	switch {
	case n > allowed:
		d.block("it skips %s records, which would never be delivered; guards.maxSkip allows %s. Write the number that may be lost, or unlimited.", d.upTo(n), Grouped(allowed))
	case unknown && limit != nil:
		d.block("how many records it skips cannot be told, and guards.maxSkip is written. Remove it to go on without knowing.")
	case unknown:
		d.warn("How many records it replays or skips cannot be told before the reset.")
	}
}

// maxAge limits the age of the oldest position asked for: the time itself
// where a time was asked for, else the time of the first record at the target.
func (d *differ) maxAge() {
	limit := d.q.Step.Guards.MaxAge
	if limit == nil {
		return
	}
	if d.q.Step.To.Form == schema.ToTimestamp {
		at, _ := d.asked().Time()
		if age := d.q.Now.Sub(at); age > *limit {
			d.block("it goes back to %s, %s ago, and guards.maxAge allows %s.", stamp(at), span(age), span(*limit))
		}
		return
	}
	for _, p := range d.step.Parts {
		if p.Effect == EffectKeep || p.LagAfter != nil && *p.LagAfter == 0 {
			continue // nothing will be read there
		}
		at, known := d.q.Oldest[p.Part]
		if !known {
			d.block("how old the records at %s of %s are cannot be told, and guards.maxAge is written. Remove it to go on without knowing.", p.After, partName(p.Part))
			return
		}
		if age := d.q.Now.Sub(at); age > *limit {
			d.block("%s goes back to a record of %s, %s ago, and guards.maxAge allows %s.", partName(p.Part), stamp(at), span(age), span(*limit))
			return
		}
	}
}

func (d *differ) upTo(n int64) string {
	if d.q.Capabilities.Counts == providers.UpperBound {
		return "up to " + Grouped(n)
	}
	return Grouped(n)
}

func partName(p providers.Part) string {
	if s := p.String(); s != "" {
		return s
	}
	return "the target"
}

func gone(low, asked providers.Position) string {
	n, ok := low.Distance(asked)
	if !ok {
		return "an unknown number of"
	}
	return Grouped(n)
}

func lowText(r providers.PartReading) string {
	if r.LowTime.IsZero() {
		return r.Low.String()
	}
	return fmt.Sprintf("%s (%s)", r.Low, stamp(r.LowTime))
}
