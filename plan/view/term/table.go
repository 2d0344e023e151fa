package term

import (
	"io"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/view"
)

// gap is the number of blank columns before each cell.
const gap = 2

// table writes rows in aligned columns, without rules. Columns are left out in the order
// of drop until the rest fits. If they do not fit even then, and sentence is not nil, it
// writes each row as a sentence.
func table(w io.Writer, head []view.Column, rows [][]string, drop []string, sentence func(cells []string) string, o view.Options) error {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r[0]
	}
	full := layout{head: head, cells: func(i int) []string { return rows[i][1:] }, least: 24}
	layouts := []layout{full}
	for i := range drop {
		layouts = append(layouts, full.without(max(12, 20-4*i), drop[:i+1]...))
	}
	first, lines := inColumns(layouts, names, o)
	if lines == nil {
		for _, r := range rows {
			lines = append(lines, wrapped(sentence(r), "  ", o))
		}
	}
	_, err := io.WriteString(w, first+strings.Join(lines, ""))
	return err
}

// aligned returns the line of the head and one line per row.
func aligned(head []view.Column, rows [][]string) []string {
	names, widths := make([]string, len(head)), make([]int, len(head))
	for i, c := range head {
		names[i] = c.Name
		widths[i] = view.Columns(c.Name)
		for _, r := range rows {
			widths[i] = max(widths[i], view.Columns(r[i]))
		}
	}
	lines := make([]string, 0, 1+len(rows))
	var line strings.Builder
	for _, cells := range slices.Concat([][]string{names}, rows) {
		line.Reset()
		for i, cell := range cells {
			blank := strings.Repeat(" ", widths[i]-view.Columns(cell))
			line.WriteString(strings.Repeat(" ", gap))
			if head[i].Number {
				line.WriteString(blank + cell)
			} else {
				line.WriteString(cell + blank)
			}
		}
		lines = append(lines, strings.TrimRight(line.String(), " ")+"\n")
	}
	return lines
}

// breadth is the number of columns that a table takes.
func breadth(head []view.Column, rows [][]string) int {
	sum := 0
	for i, c := range head {
		most := view.Columns(c.Name)
		for _, r := range rows {
			most = max(most, view.Columns(r[i]))
		}
		sum += gap + most
	}
	return sum
}
