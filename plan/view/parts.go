package view

import (
	"cmp"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A Part is what views show of one part of a target. The parts of a plan, a
// status and a diagnosis are all reduced to it; positions that one of them
// does not have stay zero.
type Part struct {
	providers.Part
	Low, High providers.Position // the ends of its log
	Before    providers.Position // committed before the reset
	Target    providers.Position // where the reset leads, as far as that is known
	TargetTo  providers.Position // the upper end, if it leads to a range
	Seen      providers.Position // read back after the reset
	Now       providers.Position // committed now

	Effect  string // what happens, what has happened since, or what is wrong
	Note    string
	Records *int64 // replayed or skipped records
	Unit    string // what Records counts, in the singular; "" = "record"
	Moved   *int64 // records between Target and Now; negative = back
	Gone    *int64 // records deleted unread

	OrReplay      *int64 // records that may be replayed instead of skipped
	Lag, LagAfter *int64 // records to read, now and after the reset

	upper      bool                         // Records is an upper bound
	fromLow    map[providers.Position]int64 // of cursors
	resolution resolution
	likeness   func(*Part) likeness // of the parts of a plan, a status or a diagnosis
}

// resolution says how a target is known.
type resolution int

const (
	exact     resolution = iota
	estimated            // the service resolves it; the position is what is expected
	ranged               // the service resolves it, to a position in a range
	deferred             // the service resolves it, and nothing is known before
)

// likeness is what parts that share a row have in common.
type likeness struct {
	topic, broker, effect, note string
	counted                     bool
	positions                   [5]providers.Position
	order                       [4]int // how the positions compare
}

// loose is the likeness by which many parts share a row: their offsets may
// differ and, once the consumers have moved, by how much.
func (p *Part) loose(l likeness) likeness {
	for i, position := range l.positions {
		if _, ok := position.Offset(); ok {
			l.positions[i] = providers.AtOffset(0)
		}
	}
	if p.Moved != nil && strings.HasPrefix(p.Effect, "moved ") {
		l.effect = "moved"
	}
	return l
}

// PlanParts reduces the parts of a planned step.
func PlanParts(parts []plan.Part, o Options) []Part {
	out := reduced(parts)
	readableCursors(out, o)
	return out
}

// unnumbered is the likeness of a planned part whose effect has no number.
func unnumbered(p *Part) likeness {
	l := p.like(false, p.Low, p.High, p.Now, p.Target, p.TargetTo)
	l.order = [4]int{p.compare(p.Now, p.Low), p.compare(p.Now, p.High), p.compare(p.Target, p.Low), p.compare(p.Target, p.High)}
	return l
}

// numbered is the likeness of any other planned part.
func numbered(p *Part) likeness {
	l := unnumbered(p)
	l.counted = true
	return l
}

// reduced reduces the parts of a planned step, for figures of all of them.
func reduced(parts []plan.Part) []Part {
	out := make([]Part, len(parts))
	for i := range parts {
		reduce(&out[i], &parts[i])
	}
	return out
}

// reduce reduces one part of a planned step.
func reduce(v *Part, p *plan.Part) {
	*v = Part{
		Part: p.Part, Low: p.Low, High: p.High, Now: p.Before, Target: p.After, Effect: string(p.Effect), Note: p.Note,
		Lag: p.LagBefore, LagAfter: p.LagAfter, upper: p.Bound == plan.BoundUpper, fromLow: p.FromLow, likeness: unnumbered,
	}
	if p.Count != nil {
		v.likeness = numbered
	}
	if p.Effect == plan.EffectReplay || p.Effect == plan.EffectSkip {
		v.Records, v.Unit, v.OrReplay = p.Count, p.Unit, p.OrReplay
	}
	if !p.Lands.IsZero() {
		v.Target = p.Lands
	}
	switch {
	case p.After.Exact() || p.After.Kind() == providers.Unset:
	case p.Lands.IsZero():
		v.resolution = deferred
	case !p.UpTo.IsZero():
		v.TargetTo, v.resolution = p.UpTo, ranged
	default:
		v.resolution = estimated
	}
}

// StatusParts reduces the parts of a step of a run.
func StatusParts(parts []reconcile.StatusPart, o Options) []Part {
	out := make([]Part, len(parts))
	for i := range parts {
		reduceStatus(&out[i], &parts[i])
	}
	readableCursors(out, o)
	return out
}

// reduceStatus reduces one part of a step of a run.
func reduceStatus(v *Part, p *reconcile.StatusPart) {
	*v = Part{
		Part: p.Part, Low: p.Low, High: p.High, Before: p.Before, Target: p.After, Seen: p.Seen, Now: p.Now,
		Effect: text.Safe(p.Drift), Moved: p.Moved, Lag: p.Lag, fromLow: p.FromLow, likeness: drifted,
	}
	switch {
	case p.Drifted:
	case p.Now.IsZero():
		v.Effect = "not reported by the service"
	default:
		v.Effect = "unchanged"
	}
}

// drifted is the likeness of a part of a status.
func drifted(p *Part) likeness {
	l := p.like(p.Lag != nil, p.Before, p.Target, p.Now, p.High, p.TargetTo)
	l.order[0] = p.compare(p.Now, p.Target)
	return l
}

// FindingParts reduces the findings of a diagnosis.
func FindingParts(findings []doctor.Finding, o Options) []Part {
	out := make([]Part, len(findings))
	for i, f := range findings {
		out[i] = Part{Part: f.Part, Low: f.Low, High: f.High, Now: f.Committed, Target: f.Heal, Effect: string(f.Kind), Note: f.Why, Gone: f.Gone,
			fromLow: f.FromLow}
	}
	readableCursors(out, o)
	for i := range out {
		out[i].likeness = func(p *Part) likeness { return p.like(p.Gone != nil, p.Low, p.Now, p.High, p.Target, p.TargetTo) }
	}
	return out
}

func (p *Part) like(counted bool, positions ...providers.Position) likeness {
	return likeness{topic: p.Topic, broker: p.Broker, effect: p.Effect, note: p.Note, counted: counted, positions: [5]providers.Position(positions)}
}

// readableCursors replaces cursors with their distance from the start of the
// log, which people can compare. With Wide, cursors are shown verbatim.
func readableCursors(parts []Part, o Options) {
	if o.Wide {
		return
	}
	for i := range parts {
		p := &parts[i]
		for _, position := range []*providers.Position{&p.Low, &p.High, &p.Before, &p.Target, &p.TargetTo, &p.Seen, &p.Now} {
			if n, ok := p.fromLow[*position]; ok {
				*position = providers.AtOffset(n)
			}
		}
	}
}

// compare compares two positions of a part; those without an order count as equal.
func (p *Part) compare(a, b providers.Position) int {
	x, ok1 := p.OnLog(a)
	y, ok2 := p.OnLog(b)
	if !ok1 || !ok2 {
		return 0
	}
	return cmp.Compare(x, y)
}

// OnLog returns the number by which a position of a part is ordered, if it has one.
func (p *Part) OnLog(position providers.Position) (int64, bool) {
	if n, ok := position.Offset(); ok {
		return n, true
	}
	n, ok := p.fromLow[position]
	return n, ok
}
