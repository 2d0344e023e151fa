package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// destinations fills the step's parts with where each stands and where it is
// to go. Parts that the step does not name are left out: they stay untouched.
func (d *differ) destinations() {
	if d.q.Fixed != nil {
		d.fixed()
		return
	}
	native, isNative := d.native()
	if isNative && len(d.s.Parts) == 0 && d.q.Capabilities.Moves[native.Kind()] == providers.WholeTarget {
		d.step.Parts = append(d.step.Parts, Part{After: native})
		return
	}
	d.unknownParts()
	d.step.Parts = slices.Grow(d.step.Parts, len(d.s.Parts))
	for _, r := range d.s.Parts {
		p := Part{Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, LogID: r.LogID, readUpTo: r.ReadUpTo}
		if isNative {
			d.natively(&p, r, native)
		} else if !d.explicit(&p, r) {
			continue
		}
		d.step.Parts = append(d.step.Parts, p)
	}
	if len(d.step.Parts) == 0 && !d.blocked() {
		d.block("nothing is selected: %s", d.emptyReason())
	}
}

func (d *differ) emptyReason() string {
	if len(d.s.Parts) == 0 {
		return "the target has no partition with a committed position. Name its topic."
	}
	return "no partition of the target is named in `to`."
}

func (d *differ) asked() providers.Position { return providers.AtTime(d.q.Step.To.Time.At(d.q.Now)) }

// unknownParts blocks a step that names partitions which are not there.
func (d *differ) unknownParts() {
	to := d.q.Step.To
	for _, topic := range sorted(to.Offsets) {
		for _, n := range sorted(to.Offsets[topic]) {
			if !slices.ContainsFunc(d.s.Parts, func(r providers.PartReading) bool {
				return r.Part.Number == n && (topic == "" || topic == r.Part.Topic)
			}) {
				d.block("there is no partition %s in the target.", strings.TrimPrefix(fmt.Sprintf("%s/%d", topic, n), "/"))
			}
		}
	}
	for _, n := range sorted(to.Checkpoints) {
		if !slices.ContainsFunc(d.s.Parts, func(r providers.PartReading) bool { return r.Part.Number == n }) {
			d.block("there is no shard %d in the target.", n)
		}
	}
}

// explicit works out the exact position of one part, and whether the part
// takes part at all.
func (d *differ) explicit(p *Part, r providers.PartReading) bool {
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
			p.After, p.Note = r.High, "nothing was committed: pinned at its high"
		}
	case schema.ToUnset:
		p.After = providers.At(providers.Unset)
	case schema.ToShift:
		return d.shift(p, r)
	case schema.ToGroup:
		p.After = r.Resolution(providers.PlaceOf(to.Group)).Found
		if p.After.Kind() == providers.Unset {
			d.partWarnings.add(r.Part, "stays untouched: group %s has committed nothing there.", quote(to.Group))
			return false
		}
		d.within(p)
	}
	if p.After.Kind() == providers.Unknown {
		d.partReasons.add(r.Part, "cannot be placed: the service does not tell where %s is.", words(to))
	} else {
		d.bounded(p)
	}
	return true
}

// bounded blocks a part whose log cannot be read at present, on a service that
// reports the boundaries of logs: the position cannot be checked.
func (d *differ) bounded(p *Part) {
	if d.q.Capabilities.Bounds == providers.Exact && p.High.Kind() == providers.Unknown && p.After.Kind() != providers.Unset {
		d.partReasons.add(p.Part, "cannot be resolved: the service does not report the boundaries of its log at present. Run plan again later, or select other partitions.")
	}
}

// byTime puts a part at the first record at or after the time asked for.
func (d *differ) byTime(p *Part, r providers.PartReading) bool {
	asked, to := d.asked(), d.q.Step.To
	p.After = r.Resolution(asked).Found
	at, _ := asked.Time()
	switch {
	case p.After.Kind() == providers.Unknown:
		d.partReasons.add(r.Part, "cannot be placed: the service does not tell where %s is.", words(to))
	case p.After.Kind() == providers.Latest && to.WhenPastEnd == "fail":
		p.Lands = r.High
		d.partReasons.add(r.Part, "has no record at or after %s. Ask for an earlier time, or write whenPastEnd: end or keep.", stamp(at))
	case p.After.Kind() == providers.Latest && to.WhenPastEnd == "keep":
		p.After, p.Note = r.Committed, "no record at or after the time: kept"
		d.left = true
	case p.After.Kind() == providers.Latest:
		p.After, p.Note = r.High, "no record at or after the time: its end"
	case p.After == r.Low:
		d.gapBefore(p, r, at)
	}
	if at.After(d.q.Now) {
		p.Note = strings.TrimPrefix(p.Note+"; the time lies in the future", "; ")
	}
	return true
}

// gapBefore tells of records that retention has removed between the time
// asked for and the oldest record left. A log that still begins at offset 0
// has lost none.
func (d *differ) gapBefore(p *Part, r providers.PartReading, asked time.Time) {
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
	d.gap(p, fmt.Sprintf("was asked for %s, but retention has removed %s: its log begins at %s.", stamp(asked), gone, lowText(r)))
}

// gap warns of a range that is gone and blocks unless that was allowed.
func (d *differ) gap(p *Part, what string) {
	if d.q.Step.Guards.AllowGap {
		d.partWarnings.add(p.Part, "%s", what)
	} else {
		d.partReasons.add(p.Part, "%s Write guards: {allowGap: true} to start at the oldest record left.", what)
	}
	p.Note = "part of the range is gone"
}

// shift moves a part relative to where it stands, within its log.
func (d *differ) shift(p *Part, r providers.PartReading) bool {
	from, ok := r.Committed.Offset()
	if !ok {
		d.partReasons.add(r.Part, "has no commit to shift from. Name the partitions to shift, or give this one an offset.")
		return true
	}
	want := providers.AtOffset(addClamped(from, d.q.Step.To.Shift))
	p.After = nearest(want, r.Low, r.High)
	if p.After != want {
		p.Note = fmt.Sprintf("clamped from %s", want)
	}
	return true
}

// within holds an explicit position against the log's boundaries.
func (d *differ) within(p *Part) {
	inside := nearest(p.After, p.Low, p.High)
	if inside == p.After {
		return
	}
	g, asked := d.q.Step.Guards, p.After
	beyond, _ := asked.Distance(p.High)
	switch {
	case g.Clamp:
		p.After, p.Note = inside, fmt.Sprintf("clamped from %s", asked)
		if beyond < 0 {
			d.partWarnings.add(p.Part, "was asked for %s, before its log's begin: %s records of the range are gone.", asked, gone(p.Low, asked))
		}
	case beyond > 0:
		d.partReasons.add(p.Part, "cannot go to %s, past the end of its log, %s. Write an offset up to that, or guards: {clamp: true}.", asked, p.High)
	case g.AllowGap:
		p.After = inside
		d.gap(p, fmt.Sprintf("was asked for %s, which retention has removed with %s records: its log begins at %s.", asked, gone(p.Low, asked), p.Low))
	default:
		d.partReasons.add(p.Part, "cannot go to %s, before the begin of its log, %s: %s records of the range are gone. Write guards: {allowGap: true} or {clamp: true} to start at the oldest record left.", asked, p.Low, gone(p.Low, asked))
	}
}
