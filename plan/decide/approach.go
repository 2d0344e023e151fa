package decide

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A service that accepts only times can be reset to a time near an exact position, if
// the step allows it. The exact positions are determined first. The service then reports
// a time near each, and this file replaces the former with the latter.

// approach lists the offsets near which the service has to find times.
func (q *Question) approach(s providers.Snapshot) []providers.PartPosition {
	if !q.nearly() || s.Err != nil || q.Fixed == nil && q.Step.To.Form == schema.ToGroup {
		return nil
	}
	d := &differ{q: *q, s: s}
	d.requested()
	var out []providers.PartPosition
	for _, p := range d.Parts {
		if p.After.Kind() == providers.Offset && (p.After != p.Before || d.together()) {
			out = append(out, providers.PartPosition{Part: p.Part, Position: p.After})
		}
	}
	return out
}

// together reports whether the service moves all parts to one time.
func (d *differ) together() bool {
	return d.q.Capabilities.Moves[providers.Time] == providers.WholeTarget
}

// approach replaces the requested positions with the times near them. A part that is
// at its requested position stays, unless it is moved together with others.
func (d *differ) approach() {
	if d.blocked() || !d.moves() {
		return
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		if _, isTime := p.After.Time(); isTime || p.After == p.Before && !d.together() {
			continue
		}
		d.approachPart(p)
	}
	if !d.Approximate || d.blocked() {
		return
	}
	if d.together() {
		d.oneTime()
		return
	}
	d.warn(fmt.Sprintf("%s accepts times, not exact positions: each partition goes to a time near its requested position.", d.q.Type))
}

// moves reports whether any part is not at its requested position.
func (d *differ) moves() bool {
	for _, p := range d.Parts {
		if p.After != p.Before {
			return true
		}
	}
	return false
}

// approachPart replaces the requested position of one part with a time near it.
func (d *differ) approachPart(p *plan.Part) {
	r, _ := ReadingOf(d.s.Parts, p.Part)
	asked, name := p.After, p.After.String()
	if d.q.Fixed == nil && d.q.Step.To.Form == schema.ToGroup {
		asked, name = providers.PlaceOf(d.q.Step.To.Group), "the position of group "+text.Quote(d.q.Step.To.Group)
	}
	one := r.Resolution(asked)
	if one.Send.IsZero() && d.q.Landings != nil {
		d.partReasons.Add(p.Part, "was at %s when this was planned and is now at %s. Run plan again.", name, p.Before)
		return
	}
	if one.Send.IsZero() {
		d.partReasons.Add(p.Part, "cannot be approximated: the service reports no time near %s. Choose another position, or a timestamp.", name)
		return
	}
	d.Approximate = true
	l := landing(r, one)
	if p.Lands, p.After = l.From, one.Send; !l.Exact() {
		p.UpTo = l.UpTo
	}
	note := "by time, near " + name
	if asked.Exact() {
		p.Wanted = asked
	}
	if n, ok := d.q.Capabilities.Order.Distance(l.From, asked); ok && l.Exact() {
		note = "by time, to " + name
		if n != 0 {
			note = "by time, " + plan.DistanceText(n, d.q.Capabilities.Unit) + " " + name
		}
	}
	p.Note = strings.TrimPrefix(p.Note+"; "+note, "; ")
}

// oneTime sends the earliest of the parts' times for all of them. A part whose own
// time is later goes at most as far as that one would lead.
func (d *differ) oneTime() {
	if left := len(d.s.Parts) - len(d.Parts); left > 0 {
		d.block("%s accepts one time for the whole target, which would also move %s that the step leaves out. Select every partition, "+
			"or use a timestamp.", d.q.Type, text.Plural(left, "partition"))
		return
	}
	earliest := d.Parts[0].After
	for _, p := range d.Parts {
		if sooner(p.After, earliest) {
			earliest = p.After
		}
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		if p.After == earliest {
			continue
		}
		r, _ := ReadingOf(d.s.Parts, p.Part)
		from, upTo := p.Low, p.Lands
		if !p.UpTo.IsZero() {
			upTo = p.UpTo
		}
		at, _ := earliest.Time()
		if !r.ReadUpTo.IsZero() && forward(at, r.ReadUpTo) {
			from = d.q.Capabilities.Order.Nearest(p.Before, p.Low, upTo)
		}
		if p.After, p.Lands, p.UpTo = earliest, from, upTo; from == upTo {
			p.UpTo = providers.Position{}
		}
		p.Note = "by the time of another partition, at or before " + p.Wanted.String()
		if p.Wanted.IsZero() {
			p.Note = "by the time of another partition"
		}
	}
	at, _ := earliest.Time()
	d.warn(fmt.Sprintf("%s accepts one time for the whole target, not exact positions: all partitions go to %s, the earliest that any of them needs.",
		d.q.Type, text.Stamp(at)))
}

func sooner(p, q providers.Position) bool {
	a, _ := p.Time()
	b, _ := q.Time()
	return a.Before(b)
}

// landingsOf returns where the times lead that a step sends instead of exact positions.
func landingsOf(s *plan.Step) map[providers.Part]Landing {
	out := map[providers.Part]Landing{}
	if !s.Approximate {
		return out
	}
	for i := range s.Parts {
		p := &s.Parts[i]
		if _, isTime := p.After.Time(); !isTime || p.Lands.IsZero() {
			continue
		}
		out[p.Part] = landingFrom(p.Lands, p.UpTo)
	}
	return out
}
