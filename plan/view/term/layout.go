package term

import (
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
)

// A layout is one way to lay out rows of a plan in columns.
type layout struct {
	head  []view.Column
	cells func(r view.Row, name string) [][]string
	lines int // per row
}

// leastName is the number of columns below which the names are not shortened
// to make room for the numbers.
const leastName = 12

// oneLine lays out a row on one line.
func oneLine() layout {
	return layout{
		head:  view.PlanColumns(),
		cells: func(r view.Row, name string) [][]string { return [][]string{append([]string{name}, r.PlanCells()...)} },
		lines: 1,
	}
}

// twoLines lays out the starts of the spans on one line, and their ends on the
// next one, with the lag.
func twoLines() layout {
	start := func(s view.Span) string {
		if s.Start() == s.End() {
			return s.Start()
		}
		return s.Start() + ".."
	}
	end := func(s view.Span) string {
		if s.Start() == s.End() {
			return ""
		}
		return s.End()
	}
	head := view.PlanColumns()[:6]
	head[5].Name = "EFFECT AND LAG"
	return layout{
		head: head,
		cells: func(r view.Row, name string) [][]string {
			return [][]string{
				{name, start(r.Low), start(r.Now), start(r.Target), start(r.High), r.Effect()},
				{"", end(r.Low), end(r.Now), end(r.Target), end(r.High), r.Lag + " -> " + r.LagAfter},
			}
		},
		lines: 2,
	}
}

// stepTables lays out the parts of all steps in one set of columns, and returns
// each step's table with the notes below it. If the columns do not fit, each
// row becomes a sentence.
func stepTables(steps []plan.Step, o view.Options) ([]string, error) {
	var rows []view.Row
	counts := make([]int, len(steps))
	for i := range steps {
		folded := view.Fold(view.PlanParts(steps[i].Parts, o), o)
		rows, counts[i] = append(rows, folded...), len(folded)
	}
	head, texts, err := inColumns(rows, o)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(steps))
	for i, n := range counts {
		if n == 0 {
			continue
		}
		out[i] = head + strings.Join(texts[:n], "")
		for _, r := range rows[:n] {
			if r.Note() != "" {
				out[i] += wrapped(o.Short(r.Name(), view.NameWidth)+": "+r.Note(), "  ")
			}
		}
		rows, texts = rows[n:], texts[n:]
	}
	return out, nil
}

// inColumns returns the text of the head and of each row, in the first layout
// that fits.
func inColumns(rows []view.Row, o view.Options) (head string, texts []string, err error) {
	for _, l := range []layout{oneLine(), twoLines()} {
		cells := l.all(rows, view.NameWidth, o)
		over := breadth(l.head, cells) - view.Width
		if over > 0 && !o.Wide {
			longest := 0
			for _, c := range cells {
				longest = max(longest, view.Columns(c[0]))
			}
			if longest-over < leastName {
				continue
			}
			cells = l.all(rows, longest-over, o)
		}
		return l.texts(cells)
	}
	for _, r := range rows {
		texts = append(texts, wrapped(r.PlanSentence(o), "  "))
	}
	return "", texts, nil
}

// all are the cells of all rows, with names of at most so many columns.
func (l layout) all(rows []view.Row, nameWidth int, o view.Options) [][]string {
	var cells [][]string
	for _, r := range rows {
		cells = append(cells, l.cells(r, o.Short(r.Name(), nameWidth))...)
	}
	return cells
}

// texts aligns the cells and joins the lines of each row.
func (l layout) texts(cells [][]string) (head string, texts []string, err error) {
	lines, err := aligned(l.head, cells)
	if err != nil {
		return "", nil, err
	}
	for i := 1; i < len(lines); i += l.lines {
		texts = append(texts, strings.Join(lines[i:i+l.lines], ""))
	}
	return lines[0], texts, nil
}
