package markdown

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// A table is a table of rows that are written already, with the number of parts
// in each.
type table struct {
	head  []view.Column
	rows  []string
	parts []int
	fold  bool // collapsed if it is long
}

// foldedFrom is the number of partitions from which a table is collapsed.
const foldedFrom = 31

func (t table) write(most int, left *omissions) string {
	before, after := t.frame()
	note := func(rows, parts int) string {
		return fmt.Sprintf("%s more %s (%s) omitted.\n\n", text.Grouped(int64(rows)), text.Noun(int64(rows), "row"), text.Plural(parts, "partition"))
	}
	all := len(before) + len(after) + len(strings.Join(t.rows, ""))
	room := most
	if all > most {
		room = most - len(note(len(t.rows), t.sum(0))) - 8
	}
	size, n := len(before)+len(after), 0
	for n < len(t.rows) && size+len(t.rows[n]) <= room {
		size += len(t.rows[n])
		n++
	}
	out := before + strings.Join(t.rows[:n], "") + after
	if n == len(t.rows) {
		return out
	}
	left.rows += len(t.rows) - n
	left.parts += t.sum(n)
	switch rest := note(len(t.rows)-n, t.sum(n)); {
	case n > 0:
		return out + rest
	case len(rest) <= most:
		return rest
	}
	return ""
}

// sum is the number of parts in the rows from n on.
func (t table) sum(n int) (parts int) {
	for _, p := range t.parts[n:] {
		parts += p
	}
	return parts
}

// frame is the text before and after the rows.
func (t table) frame() (before, after string) {
	names, rules := "|", "|"
	for _, c := range t.head {
		names += " " + strings.ToLower(c.Name) + " |"
		if c.Number {
			rules += " --: |"
		} else {
			rules += " --- |"
		}
	}
	before, after = names+"\n"+rules+"\n", "\n"
	if parts := t.sum(0); t.fold && parts >= foldedFrom {
		before = fmt.Sprintf("<details><summary>%s</summary>\n\n", text.Plural(parts, "partition")) + before
		after += "</details>\n\n"
	}
	return before, after
}

// cellBytes is the maximum length of a cell in bytes.
const cellBytes = 400

// add adds a row: its name as code, and its cells. If the name is shortened,
// the number of parts follows it.
func (t *table) add(r view.Row, cells []string) {
	name, cut := coded(r.Name(), nameBytes)
	if cut && len(r.Parts) > 1 {
		name += fmt.Sprintf(" (%s)", text.Plural(len(r.Parts), "partition"))
	}
	line := "| " + name
	for _, c := range cells {
		cell, _ := literal(c, cellBytes)
		line += " | " + cell
	}
	t.rows = append(t.rows, line+" |\n")
	t.parts = append(t.parts, len(r.Parts))
}
