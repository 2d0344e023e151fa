package term

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
)

// A layout is one way to lay out rows in columns. The first column is the name.
type layout struct {
	head  []view.Column
	cells func(i int) []string // of the i-th row, without its name
	least int                  // how far names may be shortened for it
}

// without returns a layout without some columns, given by their names.
func (l layout) without(least int, names ...string) layout {
	var keep []int
	out := layout{head: l.head[:1:1], least: least}
	for i, c := range l.head[1:] {
		if !strings.Contains(" "+strings.Join(names, " ")+" ", " "+c.Name+" ") {
			keep, out.head = append(keep, i), append(out.head, c)
		}
	}
	out.cells = func(row int) []string {
		all := l.cells(row)
		cells := make([]string, len(keep))
		for i, k := range keep {
			cells[i] = all[k]
		}
		return cells
	}
	return out
}

// inColumns lays out rows with names in the first layout that fits, and returns the line
// of the head and one line per row. Without a terminal, and with Wide, the first one
// always fits. It returns no lines if none fits.
func inColumns(layouts []layout, names []string, o view.Options) (head string, lines []string, err error) {
	for i, l := range layouts {
		rows := make([][]string, len(names))
		longest := 0
		for n, name := range names {
			rows[n] = append([]string{o.Name(name, view.NameWidth)}, l.cells(n)...)
			longest = max(longest, view.Columns(rows[n][0]))
		}
		if over := breadth(l.head, rows) - columns(o); over > 0 && limited(o) {
			if longest-over < l.least {
				continue
			}
			for n, name := range names {
				rows[n][0] = o.Name(name, longest-over)
			}
			if i == 0 && breadth(l.head, rows) > columns(o) { // the head of the names is wider
				continue
			}
		}
		all, err := aligned(l.head, rows)
		if err != nil {
			return "", nil, err
		}
		return all[0], all[1:], nil
	}
	return "", nil, nil
}

// planLayouts are the layouts of rows of a plan: low and high become one range, and then
// the log and the lag are left out.
func planLayouts(rows []view.Row) []layout {
	full := layout{head: view.PlanColumns(), least: 24, cells: func(i int) []string {
		c := rows[i].PlanCells()
		c[4] = signed(rows[i])
		return c
	}}
	oneLog := layout{
		head: []view.Column{{Name: "PARTITION"}, {Name: "LOG"}, {Name: "NOW", Number: true}, {Name: "TARGET", Number: true},
			{Name: "EFFECT"}, {Name: "LAG"}},
		cells: func(i int) []string {
			c := full.cells(i)
			return []string{rows[i].Log(), c[1], c[2], c[4], c[5]}
		},
		least: 20,
	}
	brief := oneLog
	brief.cells = func(i int) []string {
		c := oneLog.cells(i)
		c[3] = briefly(rows[i])
		return c
	}
	return []layout{full, oneLog, oneLog.without(20, "LOG"), oneLog.without(18, "LOG", "LAG"),
		brief.without(14, "LOG"), brief.without(12, "LOG", "LAG")}
}

// briefly is the effect of a row with its sign, and without the figure of each part.
func briefly(r view.Row) string { return view.EffectSign(r.Worst()) + " " + r.Effect() }

// signed is the effect of a row with its sign.
func signed(r view.Row) string { return view.EffectSign(r.Worst()) + " " + r.EffectEach() }

// stepTables lays out the parts of steps, and returns each step's table with the notes
// below it: in one set of columns if all of them fit, otherwise each step in the layout that
// fits it, or as sentences.
func stepTables(steps []*plan.Step, undo bool, o view.Options) ([]string, error) {
	var all []view.Row
	rows := make([][]view.Row, len(steps))
	for i, s := range steps {
		rows[i] = view.Fold(view.PlanParts(s.AllParts(), o), o)
		all = append(all, rows[i]...)
	}
	head, lines, err := inColumns(planLayouts(all)[:1], namesOf(all), o)
	if err != nil {
		return nil, err
	}
	if view.Columns(strings.TrimRight(head, "\n")) > columns(o) && !o.Wide {
		lines = nil // one long name must not move the columns of all steps
	}
	out := make([]string, len(steps))
	for i, own := range rows {
		if lines != nil {
			n := len(own)
			out[i] = stepTable(own, head, lines[:n:n], undo, o)
			lines = lines[n:]
			continue
		}
		ownHead, ownLines, err := inColumns(planLayouts(own), namesOf(own), o)
		if err != nil {
			return nil, err
		}
		out[i] = stepTable(own, ownHead, ownLines, undo, o)
	}
	return out, nil
}

// stepTable writes the rows of one step: as lines of a table or, if there are none, as
// sentences.
func stepTable(rows []view.Row, head string, lines []string, undo bool, o view.Options) string {
	if len(rows) == 0 {
		return ""
	}
	var out, notes strings.Builder
	out.WriteString(head)
	for i, r := range rows {
		if lines == nil {
			out.WriteString(wrapped(planSentence(r, o), "  ", o))
		} else {
			tone := view.EffectTone(r.Worst(), undo)
			if line := painted(o, lines[i], signed(r), tone); line != lines[i] {
				out.WriteString(line)
			} else {
				out.WriteString(painted(o, lines[i], briefly(r), tone))
			}
		}
		if r.Note() != "" {
			notes.WriteString(wrapped(o.Name(r.Name(), view.NameWidth)+": "+r.Note(), "  ", o))
		}
	}
	return out.String() + notes.String()
}

// planSentence is a row as a sentence.
func planSentence(r view.Row, o view.Options) string {
	c := r.PlanCells()
	return fmt.Sprintf("%s: %s; low %s, now %s, target %s, high %s; lag %s", o.Name(r.Name(), view.NameWidth), signed(r), c[0], c[1], c[2], c[3], c[5])
}

func namesOf(rows []view.Row) []string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name()
	}
	return names
}

// painted styles the last occurrence of a text in a line.
func painted(o view.Options, line, s string, t view.Tone) string {
	i := strings.LastIndex(line, s)
	if i < 0 {
		return line
	}
	return line[:i] + paint(o, style(t), s) + line[i+len(s):]
}
