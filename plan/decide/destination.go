package decide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// destinations fills the step's parts with their positions and targets.
func (d *differ) destinations() {
	d.requested()
	if d.q.nearly() {
		d.approach()
	}
}

// requested fills the step's parts with their positions and requested targets. Parts
// that the step does not select are left out: they stay unchanged.
func (d *differ) requested() {
	if d.q.Fixed != nil {
		d.fixed()
		return
	}
	native, isNative := d.native()
	if isNative && len(d.s.Parts) == 0 && d.q.Capabilities.Moves[native.Kind()] == providers.WholeTarget {
		d.Parts = append(d.Parts, plan.Part{After: native})
		return
	}
	d.unknownParts()
	d.Parts = slices.Grow(d.Parts, len(d.s.Parts))
	for i := range d.s.Parts {
		r := &d.s.Parts[i]
		p := plan.Part{Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, LogID: r.LogID}
		if isNative {
			d.natively(&p, r, native)
		} else if !d.explicit(&p, r) {
			continue
		}
		d.Parts = append(d.Parts, p)
	}
	if len(d.Parts) == 0 && !d.blocked() {
		d.block("nothing is selected: %s", d.emptyReason())
	}
}

// emptyReason returns why the step selects no part.
func (d *differ) emptyReason() string {
	named := d.q.Step.Target["topic"] != nil || d.q.Step.Target["topics"] != nil
	switch {
	case len(d.s.Parts) == 0 && !named && schema.TakesTopic(d.q.Type):
		return "the target has no partition with a committed position. Name the topic."
	case len(d.s.Parts) == 0:
		return "the service lists no partition or shard of the target. Check its names, or run plan again later."
	}
	return "`to` names no partition of the target."
}

// requestedTime returns the time of the step as a position.
func (d *differ) requestedTime() providers.Position {
	return providers.AtTime(d.q.Step.To.Time.At(d.q.Now))
}

// unknownParts blocks a step that names partitions that the target does not have.
func (d *differ) unknownParts() {
	to := d.q.Step.To
	for _, topic := range slices.Sorted(maps.Keys(to.Offsets)) {
		for _, n := range slices.Sorted(maps.Keys(to.Offsets[topic])) {
			if !slices.ContainsFunc(d.s.Parts, func(r providers.PartReading) bool {
				return r.Part.Number == n && (topic == "" || topic == r.Part.Topic)
			}) {
				d.block("partition %s is not in the target.", strings.TrimPrefix(fmt.Sprintf("%s/%d", topic, n), "/"))
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(to.Checkpoints)) {
		if !slices.ContainsFunc(d.s.Parts, func(r providers.PartReading) bool { return r.Part.Number == n }) {
			d.block("shard %d is not in the target.", n)
		}
	}
}

// explicit determines the exact position of one part, and whether the step moves
// that part at all.
func (d *differ) explicit(p *plan.Part, r *providers.PartReading) bool {
	to := d.q.Step.To
	switch to.Form {
	case schema.ToEarliest:
		p.After = r.Low
	case schema.ToLatest:
		p.After = r.High
	case schema.ToTimestamp:
		return d.byTime(p, r)
	case schema.ToOffset:
		p.After = providers.AtOffset(to.Offset)
		d.within(p)
	case schema.ToOffsets:
		n, ok := to.Offsets[r.Part.Topic][r.Part.Number]
		if !ok {
			n, ok = to.Offsets[""][r.Part.Number]
		}
		if !ok {
			return false
		}
		p.After = providers.AtOffset(n)
		d.within(p)
	case schema.ToCheckpoints:
		c, ok := to.Checkpoints[r.Part.Number]
		if !ok {
			return false
		}
		p.After = providers.AtCursor(c)
		d.within(p)
	case schema.ToCurrent:
		p.After = r.Committed
		if r.Committed.Kind() == providers.Unset {
			p.After, p.Note = r.High, "no commit: pinned at the high watermark"
		}
	case schema.ToUnset:
		p.After = providers.At(providers.Unset)
	case schema.ToShift:
		return d.shift(p, r)
	case schema.ToGroup:
		one := r.Resolution(providers.PlaceOf(to.Group))
		if p.After = one.Found; !one.UpTo.IsZero() {
			p.After = one.UpTo // a group at the start of the range is not there yet
		}
		switch p.After.Kind() {
		case providers.Unset:
			d.partWarnings.Add(r.Part, "is unchanged: group %s has no commit there.", text.Quote(to.Group))
			return false
		case providers.Unknown:
			d.partReasons.Add(r.Part, "cannot be resolved: the service reports no position of group %s.", text.Quote(to.Group))
			return true
		}
		d.within(p)
	}
	if p.After.Kind() == providers.Unknown {
		d.partReasons.Add(r.Part, "cannot be resolved: the service reports no position for %s.", plan.TargetText(to))
	} else {
		d.bounded(p)
	}
	return true
}

// bounded blocks a part whose log cannot be read at present, on a service that
// reports the boundaries of logs: the position cannot be checked.
func (d *differ) bounded(p *plan.Part) {
	if d.q.Capabilities.Bounds == providers.Exact && p.High.Kind() == providers.Unknown && p.After.Kind() != providers.Unset {
		d.partReasons.Add(p.Part, "cannot be resolved: the service does not report the boundaries of the log at present. Run plan again later, "+
			"or select other partitions.")
	}
}

// byTime moves a part to the first record at or after the requested time.
func (d *differ) byTime(p *plan.Part, r *providers.PartReading) bool {
	asked, to := d.requestedTime(), d.q.Step.To
	p.After = r.Resolution(asked).Found
	at, _ := asked.Time()
	switch {
	case p.After.Kind() == providers.Unknown:
		d.partReasons.Add(r.Part, "cannot be resolved: the service reports no position for %s.", plan.TargetText(to))
	case p.After.Kind() == providers.Latest && to.WhenPastEnd == "fail":
		p.Lands = r.High
		d.partReasons.Add(r.Part, "has no record at or after %s. Choose an earlier time, or set whenPastEnd to end or keep.", text.Stamp(at))
	case p.After.Kind() == providers.Latest && to.WhenPastEnd == "keep":
		p.After, p.Note = r.Committed, "no record at or after that time: left unchanged"
		d.left = true
	case p.After.Kind() == providers.Latest:
		p.After, p.Note = r.High, "no record at or after that time: using the end of the log"
	case p.After == r.Low:
		d.gapBefore(p, r, at)
	}
	if at.After(d.q.Now) {
		p.Note = strings.TrimPrefix(p.Note+"; the time is in the future", "; ")
	}
	return true
}

// gapBefore reports records that retention has deleted between the requested
// time and the oldest record left. A log that still starts at offset 0 has lost no
// record.
func (d *differ) gapBefore(p *plan.Part, r *providers.PartReading, asked time.Time) {
	if n, ok := r.Low.Offset(); ok && n == 0 {
		return
	}
	if !r.LowTime.IsZero() && !asked.Before(r.LowTime) {
		return
	}
	gone := "records before offset " + strings.TrimPrefix(r.Low.String(), "offset:")
	if !r.LowTime.IsZero() {
		gone = fmt.Sprintf("up to %s of records", r.LowTime.Sub(asked).Round(time.Second))
	}
	d.gap(p, fmt.Sprintf("requested %s, but retention has deleted %s: the log starts at %s.", text.Stamp(asked), gone, lowText(*r)))
}

// gap warns of a deleted range, and blocks unless that was allowed.
func (d *differ) gap(p *plan.Part, what string) {
	if d.q.Step.Guards.AllowGap {
		d.partWarnings.Add(p.Part, "%s", what)
	} else {
		d.partReasons.Add(p.Part, "%s Set guards: {allowGap: true} to start at the oldest record left.", what)
	}
	p.Note = "part of the range is deleted"
}

// shift moves a part relative to its committed position, within its log.
func (d *differ) shift(p *plan.Part, r *providers.PartReading) bool {
	want, ok := d.q.Capabilities.Order.Shift(r.Committed, d.q.Step.To.Shift)
	if !ok {
		d.partReasons.Add(r.Part, "has no commit to shift from. Select the partitions to shift, or set an offset instead.")
		return true
	}
	p.After = d.q.Capabilities.Order.Nearest(want, r.Low, r.High)
	if p.After == want {
		return true
	}
	p.Note = fmt.Sprintf("clamped from %s", want)
	if want.Kind() == providers.Cursor { // which people cannot read
		p.Note = "clamped to the end of the log"
		if p.After == r.Low {
			p.Note = "clamped to the start of the log"
		}
	}
	return true
}

// within checks an explicit position against the log's boundaries.
func (d *differ) within(p *plan.Part) {
	inside := d.q.Capabilities.Order.Nearest(p.After, p.Low, p.High)
	if inside == p.After {
		return
	}
	g, asked := d.q.Step.Guards, p.After
	beyond, _ := d.q.Capabilities.Order.Distance(asked, p.High)
	switch {
	case g.Clamp:
		p.After, p.Note = inside, fmt.Sprintf("clamped from %s", asked)
		if beyond < 0 {
			d.partWarnings.Add(p.Part, "requested %s, before the start of the log: %s of the range are deleted.", asked, d.gone(p.Low, asked))
		}
	case beyond > 0:
		d.partReasons.Add(p.Part, "cannot go to %s, past the end of the log, %s. Choose an offset up to that, or set guards: {clamp: true}.", asked,
			p.High)
	case g.AllowGap:
		p.After = inside
		d.gap(p, fmt.Sprintf("requested %s, which retention has deleted with %s: the log starts at %s.", asked, d.gone(p.Low, asked), p.Low))
	default:
		d.partReasons.Add(p.Part, "cannot go to %s, before the start of the log, %s: %s in the range have been deleted. Set guards: "+
			"{allowGap: true} or {clamp: true} to start at the oldest record left.", asked, p.Low, d.gone(p.Low, asked))
	}
}
