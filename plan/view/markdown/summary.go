package markdown

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// summaryColumns are the columns of the table of steps. A rollback skips only what had
// been read before, which is no loss.
func summaryColumns(undo bool) []view.Column {
	lost := "LOST"
	if undo {
		lost = "SKIPPED"
	}
	return []view.Column{
		{Name: "STEP"}, {Name: "GROUP ON TOPIC"}, {Name: "BACK TO"}, {Name: "AGAIN", Number: true}, {Name: lost, Number: true},
		{Name: "SIZE", Number: true}, {Name: "CONSUMERS"},
	}
}

// summary is the table of the steps in at most so many bytes: names are shortened
// first, and then steps without a refusal or a loss are left out.
func summary(p *plan.Plan, most int, left *omissions) string {
	if len(p.Steps) == 0 {
		return ""
	}
	var rows []string
	for _, width := range []int{nameBytes, 100, 60, 40} {
		size := 0
		rows = make([]string, len(p.Steps))
		for i := range p.Steps {
			rows[i] = summaryRow(&p.Steps[i], width, p.Undo)
			size += len(rows[i])
		}
		if size <= most {
			break
		}
	}
	t := table{head: summaryColumns(p.Undo)}
	for _, i := range steps(p, rows, most) {
		t.rows, t.parts = append(t.rows, rows[i]), append(t.parts, 0)
	}
	before, after := t.frame()
	out := before + strings.Join(t.rows, "") + after
	if n := len(rows) - len(t.rows); n > 0 {
		left.rows += n
		out += fmt.Sprintf("%s more %s not shown in this table.\n\n", text.Grouped(int64(n)), text.Noun(int64(n), "step"))
	}
	return out
}

// steps are the steps whose rows fit in so many bytes, those with a refusal or a loss
// first, in their order.
func steps(p *plan.Plan, rows []string, most int) (out []int) {
	keep := make([]bool, len(rows))
	for _, first := range []bool{true, false} {
		for i := range rows {
			s := &p.Steps[i]
			important := s.Action == plan.Blocked || s.Sum().Loses()
			if important == first && len(rows[i]) <= most {
				keep[i], most = true, most-len(rows[i])
			}
		}
	}
	for i := range keep {
		if keep[i] {
			out = append(out, i)
		}
	}
	return out
}

// summaryRow is a row of the table of steps, with names of at most so many bytes.
func summaryRow(s *plan.Step, width int, undo bool) string {
	name, _ := coded(s.ID, width)
	sum := s.Sum()
	again, lost, size := "–", "–", "–"
	switch s.Action {
	case plan.Blocked:
		name += " **blocked**"
	case plan.Keep:
		name += " unchanged"
	case plan.Done:
		name += " done"
	}
	switch {
	case s.Action == plan.Blocked && len(s.Parts) == 0:
		again, lost, size = "unknown", "unknown", "unknown"
	case s.Action == plan.Reset || s.Action == plan.Blocked:
		again, lost, size = figure(sum.Again(), sum), figure(sum.Loss(), sum), "unknown"
		if sum.Loses() && !undo {
			lost = "**" + lost + "**"
		}
		if sum.Set > 0 {
			again += ", " + text.Plural(sum.Set, "partition") + " set"
		}
		if sum.Removed > 0 {
			again += ", " + text.Plural(sum.Removed, "commit") + " removed"
		}
	}
	if s.Impact != nil && s.Impact.Bytes != nil {
		size = "about " + text.Bytes(*s.Impact.Bytes)
	}
	to, _ := literal(strings.TrimPrefix(s.To, "timestamp "), width)
	return "| " + strings.Join([]string{name, subject(s, width), direction(s, sum) + to, again, lost, size, consumers(s)}, " | ") + " |\n"
}

// figure is a count of records, "unknown" if nothing is known of it.
func figure(count string, sum plan.Summary) string {
	unknown := sum.Unknown + sum.Removed
	switch {
	case unknown == 0:
		return count
	case count == "0":
		return "unknown"
	}
	return count + ", unknown on " + text.Plural(unknown, "partition")
}

// direction are words that keep a move forward from looking like one back.
func direction(s *plan.Step, sum plan.Summary) string {
	switch {
	case s.Forward():
		return "**forward** to "
	case sum.Loses():
		return "back and **forward** to "
	}
	return ""
}

// subject is a step's group with its topics, or its address if it has no group.
func subject(s *plan.Step, width int) string {
	if s.Group == "" {
		address, _ := coded(s.Address, width)
		return address
	}
	group, _ := coded(s.Group, width)
	switch topics := s.Topics(); len(topics) {
	case 0:
		return group
	case 1:
		topic, _ := coded(topics[0], width)
		return group + " on " + topic
	default:
		return group + " on " + text.Plural(len(topics), "topic")
	}
}

// consumers is the state of a step's consumers, and what apply does about it.
func consumers(s *plan.Step) string {
	out := view.Plain(s.Activity)
	switch {
	case s.Pauses:
		return out + ", stopped by apply"
	case s.Waits:
		return out + ", apply waits"
	}
	return out
}
