package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// csv reads rows of topic,partition,offset or group,topic,partition,offset.
// kafka-consumer-groups reads a row without an offset as offset 0, and uses the
// last of two rows for a partition; here both are errors.
func (p *parser) csv() {
	r := csv.NewReader(strings.NewReader(p.text))
	r.FieldsPerRecord = -1
	width, since := 0, 0
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			p.report(wrong.StartLine, "not CSV: "+wrong.Err.Error(), "quote a field that contains a comma or a quote, and double the quotes in it")
			continue
		}
		line, _ := r.FieldPos(0)
		switch n := len(fields); {
		case n != 3 && n != 4:
			p.report(line, fmt.Sprintf("expected 3 or 4 fields, got %d", n), "write topic,partition,offset or group,topic,partition,offset")
			continue
		case width == 0:
			width, since = n, line
		case n != width:
			p.report(line, fmt.Sprintf("expected %d fields as on line %d, got %d", width, since, n),
				"write all rows with the same fields, or import them one by one")
			continue
		}
		group := ""
		if width == 4 {
			if group, fields = fields[0], fields[1:]; group == "" {
				p.report(line, "the group is missing", "write it, or remove the first field from every row and use --group")
				continue
			}
		}
		p.row(line, group, strings.TrimSpace(fields[0]), strings.TrimSpace(fields[1]), strings.TrimSpace(fields[2]))
	}
}

func writeCSV(rows []Row, grouped bool) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	for _, r := range rows {
		fields := []string{r.Topic, strconv.Itoa(int(r.Partition)), strconv.FormatInt(r.Offset, 10)}
		if grouped {
			fields = append([]string{r.Group}, fields...)
		}
		_ = w.Write(fields) // a strings.Builder never fails
	}
	w.Flush()
	return out.String()
}
