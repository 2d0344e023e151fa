package view

import (
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// A line is some parts that behave alike, as they are shown: the cells of a
// table's row, before it is known how much room there is.
type line struct {
	name                   string
	low, now, target, high span
	effect, lag            string
	note                   string
}

// A layout is one way to show lines in columns.
type layout struct {
	head []column
	rows func(l line, room int) [][]string // room: of the first column
	each int                               // rows a line
}

// nameRoom and leastName are how many columns the first column takes, and how
// far it gives way to the numbers.
const nameRoom, leastName = 30, 12

// oneRow shows a line in one row.
func oneRow(o Options) layout {
	return layout{
		head: []column{{"PARTITION", false}, {"LOW", true}, {"NOW", true}, {"TARGET", true}, {"HIGH", true}, {"EFFECT", false}, {"LAG", false}},
		rows: func(l line, room int) [][]string {
			return [][]string{{short(l.name, room, o), l.low.String(), l.now.String(), l.target.String(), l.high.String(), l.effect, l.lag}}
		},
		each: 1,
	}
}

// twoRows shows where spans begin in one row and where they end in the next,
// beside the lag.
func twoRows(o Options) layout {
	begin := func(s span) string {
		if s.from == s.to {
			return s.from
		}
		return s.from + ".."
	}
	end := func(s span) string {
		if s.from == s.to {
			return ""
		}
		return s.to
	}
	return layout{
		head: []column{{"PARTITION", false}, {"LOW", true}, {"NOW", true}, {"TARGET", true}, {"HIGH", true}, {"EFFECT AND LAG", false}},
		rows: func(l line, room int) [][]string {
			return [][]string{
				{short(l.name, room, o), begin(l.low), begin(l.now), begin(l.target), begin(l.high), l.effect},
				{"", end(l.low), end(l.now), end(l.target), end(l.high), l.lag},
			}
		},
		each: 2,
	}
}

// sheets lays the parts of all steps out in one set of columns, and returns
// each step's share of it with the notes below. Where the columns do not fit,
// each line becomes a sentence.
func sheets(steps []plan.Step, o Options) ([]string, error) {
	var lines []line
	counts := make([]int, len(steps))
	for i := range steps {
		shown := linesOf(counted(steps[i].Parts, o), o)
		lines, counts[i] = append(lines, shown...), len(shown)
	}
	texts, err := inColumns(lines, o)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(steps))
	next := 1
	for i, n := range counts {
		if n == 0 {
			continue
		}
		out[i] = texts[0] + strings.Join(texts[next:next+n], "")
		for _, l := range lines[next-1 : next-1+n] {
			if l.note != "" {
				out[i] += wrapped(short(l.name, nameRoom, o)+": "+l.note, "  ")
			}
		}
		next += n
	}
	return out, nil
}

// inColumns returns the text of the head and the text of each line, in the
// first layout that there is room for.
func inColumns(lines []line, o Options) ([]string, error) {
	for _, l := range []layout{oneRow(o), twoRows(o)} {
		rows := l.all(lines, nameRoom)
		over := breadth(l.head, rows) - width
		if over > 0 && !o.Wide {
			room := 0
			for _, r := range rows {
				room = max(room, columns(r[0]))
			}
			if room -= over; room < leastName {
				continue
			}
			rows = l.all(lines, room)
		}
		return l.texts(rows)
	}
	texts := []string{""}
	for _, l := range lines {
		texts = append(texts, wrapped(l.sentence(o), "  "))
	}
	return texts, nil
}

func (l layout) all(lines []line, room int) [][]string {
	var rows [][]string
	for _, one := range lines {
		rows = append(rows, l.rows(one, room)...)
	}
	return rows
}

// texts aligns the rows and puts those of one line together again.
func (l layout) texts(rows [][]string) ([]string, error) {
	texts, err := aligned(l.head, rows)
	if err != nil {
		return nil, err
	}
	out := texts[:1:1]
	for i := 1; i < len(texts); i += l.each {
		out = append(out, strings.Join(texts[i:i+l.each], ""))
	}
	return out, nil
}

func (l line) sentence(o Options) string {
	return short(l.name, nameRoom, o) + ": low " + l.low.String() + ", now " + l.now.String() + ", target " + l.target.String() +
		", high " + l.high.String() + "; " + l.effect + "; lag " + l.lag
}

// linesOf shows a step's parts in lines.
func linesOf(parts []plan.Part, o Options) []line {
	var out []line
	for _, f := range foldsOf(parts, o) {
		out = append(out, lineOf(f))
	}
	return out
}

// foldsOf folds a step's parts: few of them only where they are equal, many
// where they have the same effect and lie alike in their logs.
func foldsOf(parts []plan.Part, o Options) []fold[plan.Part] {
	few := len(parts) <= fewParts
	type key struct {
		same
		effect  plan.Effect
		note    string
		counted bool
		lies    [4]int
	}
	return folds(parts, o, func(p *plan.Part) key {
		return key{
			likeness(p.Part, few, [4]providers.Position{p.Low, p.High, p.Before, goal(p)}), p.Effect, p.Note, p.Count != nil,
			[4]int{sign(p.Before, p.Low), sign(p.Before, p.High), sign(goal(p), p.Low), sign(goal(p), p.High)},
		}
	})
}

func lineOf(f fold[plan.Part]) line {
	l := line{
		name:   f.name(func(p *plan.Part) providers.Part { return p.Part }),
		low:    f.span(func(p *plan.Part) providers.Position { return p.Low }),
		now:    f.span(func(p *plan.Part) providers.Position { return p.Before }),
		target: f.span(goal),
		high:   f.span(func(p *plan.Part) providers.Position { return p.High }),
		effect: effect(f),
		lag:    f.sum(func(p *plan.Part) *int64 { return p.LagBefore }) + " -> " + f.sum(func(p *plan.Part) *int64 { return p.LagAfter }),
		note:   f[0].Note,
	}
	switch after := f[0].After; {
	case after.Exact() || after.Kind() == providers.Unset:
	case f[0].Lands.IsZero():
		l.target = span{"(known after apply)", "(known after apply)"}
	default:
		l.target = span{"about " + l.target.from, "about " + l.target.to}
	}
	return l
}

// goal is where a part is shown to go: where that leads, as far as it is known.
func goal(p *plan.Part) providers.Position {
	if p.Lands.IsZero() {
		return p.After
	}
	return p.Lands
}

// effect tells what the moves do, in words.
func effect(f fold[plan.Part]) string {
	first := f[0]
	if first.Effect != plan.EffectReplay && first.Effect != plan.EffectSkip || first.Count == nil {
		return string(first.Effect)
	}
	records := f.sum(func(p *plan.Part) *int64 { return p.Count })
	if first.Bound == plan.BoundUpper {
		records = "up to " + records
	}
	return string(first.Effect) + " " + records
}
