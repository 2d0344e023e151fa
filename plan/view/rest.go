package view

import (
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// mostRuns is the number of ranges of parts that a row of a Rest names.
const mostRuns = 20

// A Rest adds up the parts of a target, and folds those that are not shown each into
// rows. It keeps no part, so its size does not depend on their number.
type Rest struct {
	// Most is the number of behaviours with a row each. Parts with further ones share a row
	// if they have the same effect.
	Most int

	rows    []*RestRow
	rowOf   map[likeness]*RestRow
	effects map[string]*RestRow
	one     [1]Part
}

// A RestRow is several parts that are not shown each. Its only part has the figures of
// all.
type RestRow struct {
	Row
	Count int
	Mixed bool // the parts have only their effect in common, so its positions mean nothing

	runs                                  [][2]int
	more                                  bool // there are more runs
	records, orReplay, lag, after, passed amount
}

// An amount is a sum, unless a number of it is unknown.
type amount struct {
	sum     int64
	unknown bool
}

func (a *amount) add(n *int64) {
	if n == nil {
		a.unknown = true
		return
	}
	a.sum += *n
}

func (a *amount) known() *int64 {
	if a.unknown {
		return nil
	}
	return &a.sum
}

// AddPlan counts a part of a planned step, and folds it if it is not shown.
func (r *Rest) AddPlan(p *plan.Part, shown bool, o Options) {
	reduce(&r.one[0], p)
	readableCursors(r.one[:], o)
	r.add(&r.one[0], shown)
}

// AddStatus is AddPlan for a part of a status.
func (r *Rest) AddStatus(p *reconcile.StatusPart, shown bool, o Options) {
	reduceStatus(&r.one[0], p)
	readableCursors(r.one[:], o)
	r.add(&r.one[0], shown)
}

func (r *Rest) add(p *Part, shown bool) {
	if r.effects == nil {
		r.effects = map[string]*RestRow{}
	}
	known := plan.Effect(p.Effect)
	for _, e := range totalled { // of a status, effects are many texts, and have no total
		if e != known {
			continue
		}
		all := r.effects[p.Effect]
		if all == nil {
			all = newRestRow(p)
			r.effects[p.Effect] = all
		}
		all.add(p)
	}
	if !shown {
		r.Hide(p)
	}
}

// Hide folds a part into a row.
func (r *Rest) Hide(p *Part) {
	if r.rowOf == nil {
		r.rowOf = map[likeness]*RestRow{}
	}
	key, mixed := p.loose(p.likeness(p)), false
	row := r.rowOf[key]
	for _, effect := range []string{key.effect, "various"} {
		if row == nil && len(r.rows) >= r.Most {
			key, mixed = likeness{effect: effect, broker: "\x00"}, true
			if row = r.rowOf[key]; row == nil && len(r.rows) < 2*r.Most {
				break
			}
		}
	}
	if row == nil {
		row = newRestRow(p)
		row.Mixed = mixed
		if mixed {
			row.Parts[0].Effect, row.Parts[0].Note = key.effect, ""
		}
		r.rowOf[key], r.rows = row, append(r.rows, row)
	}
	row.add(p)
}

func newRestRow(p *Part) *RestRow {
	first := *p
	out := &RestRow{Row: Row{
		Parts: []*Part{&first}, Low: Span{From: p.Low, To: p.Low}, High: Span{From: p.High, To: p.High}, Before: Span{From: p.Before, To: p.Before},
		Target: Span{From: p.Target, To: p.Target, resolution: p.resolution}, Seen: Span{From: p.Seen, To: p.Seen}, Now: Span{From: p.Now, To: p.Now},
	}}
	return out
}

// add adds a part to the figures and the spans of a row.
func (row *RestRow) add(p *Part) {
	row.Count++
	first := row.Parts[0]
	first.upper = first.upper || p.upper
	row.records.add(p.Records)
	row.lag.add(p.Lag)
	row.after.add(p.LagAfter)
	row.passed.add(p.Moved)
	if p.OrReplay != nil {
		row.orReplay.add(p.OrReplay)
		first.OrReplay = &row.orReplay.sum
	}
	row.Low.extend(p, p.Low)
	row.High.extend(p, p.High)
	row.Before.extend(p, p.Before)
	row.Target.extend(p, p.Target)
	if row.Target.To.IsZero() || p.compare(p.TargetTo, row.Target.To) > 0 {
		row.Target.To = p.TargetTo
	}
	row.Seen.extend(p, p.Seen)
	row.Now.extend(p, p.Now)
	if n := len(row.runs); n > 0 && row.runs[n-1][1]+1 == p.Number && !row.more {
		row.runs[n-1][1] = p.Number
		return
	}
	if row.more = len(row.runs) == mostRuns; !row.more {
		row.runs = append(row.runs, [2]int{p.Number, p.Number})
	}
}

func (s *Span) extend(p *Part, position providers.Position) {
	switch {
	case p.compare(position, s.From) < 0:
		s.From = position
	case p.compare(position, s.To) > 0:
		s.To = position
	}
}

// Rows are the parts that are not shown, with their figures.
func (r *Rest) Rows() []*RestRow {
	for _, row := range r.rows {
		row.finish()
	}
	return r.rows
}

// finish gives the only part of a row the figures of all.
func (row *RestRow) finish() {
	first := row.Parts[0]
	first.Records, first.Lag, first.LagAfter = row.records.known(), row.lag.known(), row.after.known()
	row.Lag, row.LagAfter = sum(row.Parts, func(p *Part) *int64 { return p.Lag }), sum(row.Parts, func(p *Part) *int64 { return p.LagAfter })
	if moved := row.passed.known(); moved != nil && (row.Mixed && first.Effect == "moved" || strings.HasPrefix(first.Effect, "moved ")) {
		first.Moved = moved
		first.Effect = drift([]*Part{{Effect: "moved ", Moved: moved}, {Effect: "moved ", Moved: new(int64)}})
	}
}

// Name names the parts, as far as they are a few ranges: "orders/0-11,14".
func (row *RestRow) Name() string {
	first := row.Parts[0]
	switch {
	case row.Mixed:
		return "others"
	case first.Part == (providers.Part{}):
		return WholeTarget
	}
	var runs []string
	for _, r := range row.runs {
		one := strconv.Itoa(r[0])
		if r[1] > r[0] {
			one += "-" + strconv.Itoa(r[1])
		}
		runs = append(runs, one)
	}
	if row.more {
		runs = append(runs, "…")
	}
	return first.Stem() + strings.Join(runs, ",")
}

// Total is Total of all parts that were added, the hidden and the others.
func (r *Rest) Total() string {
	var words []string
	for _, e := range totalled {
		if row := r.effects[string(e)]; row != nil {
			row.finish()
			words = append(words, effect(row.Parts)+units(row.Parts)+" on "+text.Plural(row.Count, "partition"))
		}
	}
	return strings.Join(words, ", ")
}
