package view

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// gap is how many columns stand between two cells.
const gap = 2

// A column is the head of a table's column.
type column struct {
	name  string
	right bool // it holds numbers
}

// table writes rows in aligned columns, without lines.
func table(w io.Writer, head []column, rows [][]string) error {
	lines, err := aligned(head, rows)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.Join(lines, ""))
	return err
}

// aligned returns the line of the head and a line a row.
func aligned(head []column, rows [][]string) ([]string, error) {
	align, names := make(tw.Alignment, len(head)), make([]string, len(head))
	for i, c := range head {
		align[i], names[i] = tw.AlignLeft, c.name
		if c.right {
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

// breadth is how many columns a table takes.
func breadth(head []column, rows [][]string) int {
	sum := 0
	for i, c := range head {
		most := columns(c.name)
		for _, r := range rows {
			most = max(most, columns(r[i]))
		}
		sum += gap + most
	}
	return sum
}
