package term

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
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
	first, lines, err := inColumns(layouts, names, o)
	if err != nil {
		return err
	}
	if lines == nil {
		for _, r := range rows {
			lines = append(lines, wrapped(sentence(r), "  ", o))
		}
	}
	_, err = io.WriteString(w, first+strings.Join(lines, ""))
	return err
}

// aligned returns the line of the head and one line per row.
func aligned(head []view.Column, rows [][]string) ([]string, error) {
	align, names := make(tw.Alignment, len(head)), make([]string, len(head))
	for i, c := range head {
		align[i], names[i] = tw.AlignLeft, c.Name
		if c.Number {
			align[i] = tw.AlignRight
		}
	}
	var out strings.Builder
	t := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off}, Lines: tw.Lines{ShowHeaderLine: tw.Off}},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	t.Header(names)
	if err := t.Bulk(rows); err != nil {
		return nil, err
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		lines = append(lines, " "+strings.TrimRight(l, " \n")+"\n")
	}
	return lines, nil
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
