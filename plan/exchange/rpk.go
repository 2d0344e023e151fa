package exchange

import (
	"fmt"
	"slices"
	"strings"
)

// rpk reads the two formats of rpk: the file of `rpk group seek --to-file`,
// TOPIC PARTITION OFFSET in each line, and the output of `rpk group describe`,
// a table with a heading below the name of each group.
func (p *parser) rpk() {
	table := false
	var group string
	var head []string // the table's columns while its rows are read
	for i, text := range p.lines {
		line, fields := i+1, strings.Fields(text)
		switch {
		case len(fields) == 0:
			head = nil
		case isHead(fields):
			table, head = true, fields
		case len(fields) >= 2 && fields[0] == "GROUP":
			table, head = true, nil
			group = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "GROUP"))
		case head != nil:
			p.tableRow(line, group, head, fields)
		case table:
			// The summary of a group: its coordinator, state and the like.
		case len(fields) != 3:
			p.report(line, fmt.Sprintf("expected 3 fields, got %d", len(fields)),
				"write TOPIC PARTITION OFFSET, or use the output of `rpk group describe`")
		default:
			p.row(line, "", fields[0], fields[1], fields[2])
		}
	}
}

// isHead reports whether a line names a table's columns.
func isHead(fields []string) bool {
	return len(fields) >= 3 && strings.EqualFold(fields[0], "TOPIC") && strings.EqualFold(fields[1], "PARTITION") && committedColumn(fields) >= 0
}

func committedColumn(head []string) int {
	return slices.IndexFunc(head, func(name string) bool { return strings.EqualFold(name, "CURRENT-OFFSET") })
}

// tableRow reads a row of a table. A dash means that there is no commit.
func (p *parser) tableRow(line int, group string, head, fields []string) {
	at := committedColumn(head)
	switch {
	case len(fields) <= at:
		p.report(line, fmt.Sprintf("the row ends before its %s", head[at]), "use the complete output")
	case fields[at] == "-":
		p.without++
	default:
		p.row(line, group, fields[0], fields[1], fields[at])
	}
}

func writeRpk(rows []Row) string {
	var out strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&out, "%s %d %d\n", r.Topic, r.Partition, r.Offset)
	}
	return out.String()
}
