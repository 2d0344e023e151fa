package exchange

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	names "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A layout is the header of a table of kafka-consumer-groups --describe. The tool
// pads the columns, so that the header's words are above the values: names of groups
// may contain spaces.
type layout struct {
	columns []string
	topic   int // where the topics begin, in UTF-16 units, as Java counts them
}

// narrowest is the least width of the column of the groups.
const narrowest = 15

// describe reads the text of kafka-consumer-groups --describe: a table for each
// group, in the layouts of Kafka 0.10 (with OWNER), 0.11 to 2.0 (without GROUP), and
// since then (with LEADER-EPOCH in the verbose form). A dash means that there is no
// commit, or no partition.
func (p *parser) describe() {
	var head *layout
	ignored := 0
	for i, text := range p.lines {
		line, text := i+1, strings.TrimRight(text, "\r")
		fields := strings.Fields(text)
		switch {
		case len(fields) == 0:
		case head != nil && p.describedRow(line, head, text):
		case isDescribed(fields):
			head = &layout{columns: fields, topic: units(text[:strings.Index(text, "TOPIC")])}
		case slices.Contains(fields, "#MEMBERS"), slices.Contains(fields, "#PARTITIONS"):
			p.report(line, "this table has no offsets", "use the output of --describe without --state and --members")
			return
		case failedToDescribe.MatchString(text):
			p.report(line, "the output reports an error: "+quoted(strings.TrimSpace(text)), "describe the groups again when the tool reports no error")
		case remark.MatchString(text):
		case head == nil && len(fields) < 6:
			ignored++
		case head == nil:
			p.report(line, "a row without the header of its table", "use the complete output, with the line GROUP TOPIC PARTITION …")
		default:
			p.report(line, "this row does not match the columns of its header", "use the output unchanged, with its spaces; "+
				"remove a line that is not a row")
		}
	}
	if ignored > 0 {
		p.file.Notes = append(p.file.Notes, names.Plural(ignored, "line")+" before the first table: ignored")
	}
	p.doubtfulGroups()
}

var (
	failedToDescribe = pattern.New(`^\s*(?:Error: |Exception in thread |java\.|org\.apache\.kafka\.\S*(?:Exception|Error)\b)`)
	remark           = pattern.New(`^\s*(?:Consumer group '.*' has no active members\.|(?:Warning|Note|WARNING|Picked up [A-Z_]+): |` +
		`\[\d{4}-\d\d-\d\d [^\]]*\] (?:WARN|INFO|DEBUG) |(?:log4j|SLF4J):)`)
	dashOrNumber = pattern.New(`^(?:-|-?[0-9]+)$`)
)

// doubtfulGroups notes groups whose names may be other ones.
func (p *parser) doubtfulGroups() {
	noted := map[string]bool{}
	for _, r := range p.file.Rows {
		if strings.Contains(r.Group, "?") && !noted[r.Group] {
			noted[r.Group] = true
			p.file.Notes = append(p.file.Notes, fmt.Sprintf("the group %s contains ?, which the tool prints instead of characters that its locale lacks: "+
				"check the name", quoted(r.Group)))
		}
	}
}

// isDescribed reports whether a line names the columns of a table.
func isDescribed(fields []string) bool {
	want := []string{"TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"}
	got := slices.DeleteFunc(slices.Clone(fields), func(name string) bool { return name == "LEADER-EPOCH" })
	if len(got) > 0 && got[0] == "GROUP" {
		got = got[1:]
	}
	return len(got) >= len(want) && slices.Equal(got[:len(want)], want)
}

// describedRow reads a row below a header, and reports whether the line is one.
func (p *parser) describedRow(line int, head *layout, text string) bool {
	group, values, ok := head.split(text)
	names := head.columns
	if names[0] == "GROUP" {
		names = names[1:]
	}
	at := slices.Index(names, "CURRENT-OFFSET")
	if !ok || len(values) < at+3 || slices.ContainsFunc(values[1:at+3], func(v string) bool { return !dashOrNumber.MatchString(v) }) {
		return false
	}
	switch topic, partition, offset := values[0], values[1], values[at]; {
	case topic == "-" && partition == "-": // a member without partitions
	case offset == "-":
		p.without++
	default:
		p.row(line, group, topic, partition, offset)
	}
	return true
}

// split returns the group of a row and its other values. If the row was not kept in
// its columns, each value must be one word.
func (l *layout) split(text string) (group string, values []string, ok bool) {
	if l.columns[0] != "GROUP" {
		return "", strings.Fields(text), true
	}
	if at := cutUnits(text, l.topic); at > 0 && at < len(text) && text[at-1] == ' ' && text[at] != ' ' {
		group = text[:at-1]
		if l.topic-1 <= narrowest {
			group = strings.TrimRight(group, " ")
		}
		return group, strings.Fields(text[at:]), group != ""
	}
	fields := strings.Fields(text)
	return fields[0], fields[1:], len(fields) == len(l.columns)
}

// units returns the length of a text in UTF-16 units.
func units(text string) int { return len(utf16.Encode([]rune(text))) }

// cutUnits returns the byte at which a number of UTF-16 units ends, or -1.
func cutUnits(text string, n int) int {
	for at, r := range text {
		if n <= 0 {
			return at
		}
		n -= len(utf16.Encode([]rune{r}))
	}
	return -1
}
