package view

import (
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// fewParts is the number of parts up to which only equal parts share a row.
const fewParts = 8

// WholeTarget names the part of a target that has no parts.
const WholeTarget = "(whole target)"

// A Row is some parts of one target that behave alike, shown together.
type Row struct {
	Parts                                []*Part // at least one
	Low, High, Before, Target, Seen, Now Span
	Lag, LagAfter                        string // "?" if unknown for any part
	Gone                                 string // "" if not counted
}

// Fold combines parts that behave alike into rows, in the order in which each
// behaviour first occurs: few parts only if they are equal, many if they have
// the same effect and the same order of positions. With Wide, each part is a row.
func Fold(parts []Part, o Options) []Row {
	var groups [][]*Part
	rowOf := map[likeness]int{}
	var last likeness
	current := 0
	for i := range parts {
		if o.Wide {
			groups = append(groups, []*Part{&parts[i]})
			continue
		}
		key := parts[i].likeness(&parts[i])
		if len(parts) > fewParts {
			key = parts[i].loose(key)
		}
		if i == 0 || key != last { // neighbours are mostly alike, and a map look-up of a long key is slow
			row, known := rowOf[key]
			if !known {
				row = len(groups)
				rowOf[key], groups = row, append(groups, nil)
			}
			current = row
			last = key
		}
		groups[current] = append(groups[current], &parts[i])
	}
	var rows []Row
	for _, g := range groups {
		rows = append(rows, newRow(g))
	}
	return rows
}

func newRow(parts []*Part) Row {
	r := Row{
		Parts:    parts,
		Low:      span(parts, func(p *Part) providers.Position { return p.Low }),
		High:     span(parts, func(p *Part) providers.Position { return p.High }),
		Before:   span(parts, func(p *Part) providers.Position { return p.Before }),
		Target:   span(parts, func(p *Part) providers.Position { return p.Target }),
		Seen:     span(parts, func(p *Part) providers.Position { return p.Seen }),
		Now:      span(parts, func(p *Part) providers.Position { return p.Now }),
		Lag:      sum(parts, func(p *Part) *int64 { return p.Lag }),
		LagAfter: sum(parts, func(p *Part) *int64 { return p.LagAfter }),
	}
	r.Target.resolution = parts[0].resolution
	for _, p := range parts {
		if r.Target.To.IsZero() || p.compare(p.TargetTo, r.Target.To) > 0 {
			r.Target.To = p.TargetTo
		}
	}
	if parts[0].Gone != nil {
		r.Gone = sum(parts, func(p *Part) *int64 { return p.Gone })
	}
	return r
}

// Single is the row of the i-th part alone.
func (r Row) Single(i int) Row { return newRow(r.Parts[i : i+1]) }

// Note is what else is to be known about the parts.
func (r Row) Note() string { return r.Parts[0].Note }

// Name names the parts briefly: "orders/0-11,14".
func (r Row) Name() string {
	first := r.Parts[0]
	if first.Part == (providers.Part{}) {
		return WholeTarget
	}
	numbers := make([]int, len(r.Parts))
	for i, p := range r.Parts {
		numbers[i] = p.Number
	}
	return first.Stem() + text.Ranges(numbers)
}

// Stem is a part's name without its number.
func (p *Part) Stem() string { return strings.TrimSuffix(p.String(), strconv.Itoa(p.Number)) }

// Effect describes what happens to the parts, or has happened to them since.
func (r Row) Effect() string { return effect(r.Parts) }

func effect(parts []*Part) string {
	first := parts[0]
	if text := drift(parts); text != "" {
		return text
	}
	if first.Records == nil {
		return first.Effect
	}
	return counted(parts, sum(parts, func(p *Part) *int64 { return p.Records }))
}

// drift describes how far parts that share a row have moved since a reset, together as
// their lag is; "" if they have not, or are one.
func drift(parts []*Part) string {
	if len(parts) < 2 || slices.ContainsFunc(parts, func(p *Part) bool { return p.Moved == nil || !strings.HasPrefix(p.Effect, "moved ") }) {
		return ""
	}
	n := total(parts, func(p *Part) *int64 { return p.Moved })
	if n < 0 {
		return "moved back by " + text.Grouped(-n)
	}
	return "moved on by " + text.Grouped(n)
}

// EffectEach is Effect with the figure of each part, if parts have the same: "replay up
// to 174 each, 522 together".
func (r Row) EffectEach() string {
	first := r.Parts[0]
	if len(r.Parts) == 1 || first.Records == nil ||
		slices.ContainsFunc(r.Parts, func(p *Part) bool { return p.OrReplay != nil || p.Records == nil }) {
		return r.Effect()
	}
	together := text.Grouped(total(r.Parts, func(p *Part) *int64 { return p.Records })) + " together"
	if slices.ContainsFunc(r.Parts, func(p *Part) bool { return *p.Records != *first.Records }) {
		return counted(r.Parts, together)
	}
	return counted(r.Parts, text.Grouped(*first.Records)+" each, "+together)
}

// counted is the effect of some parts with a number of records.
func counted(parts []*Part, records string) string {
	first := parts[0]
	if first.upper {
		records = "up to " + records
	}
	if slices.ContainsFunc(parts, func(p *Part) bool { return p.OrReplay != nil }) {
		records += " or replay up to " + text.Grouped(total(parts, func(p *Part) *int64 { return p.OrReplay }))
	}
	return first.Effect + " " + records
}

// totalled are the effects of a total, in its order.
var totalled = []plan.Effect{plan.EffectReplay, plan.EffectSkip, plan.EffectSet, plan.EffectRemove, plan.EffectKeep, plan.EffectUnknown}

// Total sums up a planned step: the records of each effect that has any, and
// the number of parts with it.
func Total(parts []Part) string {
	var words []string
	for _, e := range totalled {
		var same []*Part
		for i := range parts {
			if parts[i].Effect == string(e) {
				same = append(same, &parts[i])
			}
		}
		if len(same) > 0 {
			words = append(words, effect(same)+units(same)+" on "+text.Plural(len(same), "partition"))
		}
	}
	return strings.Join(words, ", ")
}

// units is the unit of the records of some parts, with a space before it, if it is not
// the record.
func units(parts []*Part) string {
	if parts[0].Records == nil || parts[0].Unit == "" {
		return ""
	}
	return " " + text.Noun(total(parts, func(p *Part) *int64 { return p.Records }), parts[0].Unit)
}

// sum is the sum of a number of each part, "?" if one is unknown.
func sum(parts []*Part, of func(*Part) *int64) string {
	if len(parts) == 0 || slices.ContainsFunc(parts, func(p *Part) bool { return of(p) == nil }) {
		return "?"
	}
	return text.Grouped(total(parts, of))
}

// total is the sum of a number of each part, without those that are unknown.
func total(parts []*Part, of func(*Part) *int64) (sum int64) {
	for _, p := range parts {
		if n := of(p); n != nil {
			sum += *n
		}
	}
	return sum
}

// A Span is the lowest and the highest of a position of each part of a row.
// Positions that have no order share a row only if they are equal.
type Span struct {
	From, To   providers.Position
	resolution resolution
}

func span(parts []*Part, of func(*Part) providers.Position) Span {
	s := Span{From: of(parts[0]), To: of(parts[0])}
	for _, p := range parts[1:] {
		switch position := of(p); {
		case p.compare(position, s.From) < 0:
			s.From = position
		case p.compare(position, s.To) > 0:
			s.To = position
		}
	}
	return s
}

// Start is the text of the lower end: an offset as its number, any other
// position by its name, and an unknown one as "?".
func (s Span) Start() string { return s.text(s.From) }

// End is the text of the upper end.
func (s Span) End() string { return s.text(s.To) }

func (s Span) text(p providers.Position) string {
	switch {
	case s.resolution == deferred:
		return "(known after apply)"
	case p.IsZero():
		return "?"
	}
	position := strings.TrimPrefix(Plain(p.String()), "offset:")
	if s.resolution == estimated {
		return "about " + position
	}
	return position
}

func (s Span) String() string {
	if s.Start() == s.End() {
		return s.Start()
	}
	return s.Start() + ".." + s.End()
}

// Outside reports in words that a position is outside the log of its part.
func (p *Part) Outside(position providers.Position) string {
	switch {
	case p.compare(position, p.Low) < 0:
		return " (before the log)"
	case p.compare(position, p.High) > 0:
		return " (after the log)"
	}
	return ""
}
