// Package exchange translates between plans and the files of other tools:
// the CSV and the tables of kafka-consumer-groups, the text of rpk and the JSON of kcl.
//
// It converts text to positions and positions to text. The invariant: Parse
// reads exactly what Write wrote, and a file with an error yields all of its
// errors, each with its line, and no rows. A missing value is never read as
// zero, and no row is dropped silently. The package does no I/O, contacts no
// service and decides nothing.
package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Format is a foreign file format.
type Format string

// The formats.
const (
	KafkaCSV      Format = "kafka-csv"      // kafka-consumer-groups --export and --from-file
	KafkaDescribe Format = "kafka-describe" // kafka-consumer-groups --describe
	Rpk           Format = "rpk"            // rpk group describe, rpk group seek --to-file
	Kcl           Format = "kcl"            // kcl group describe --format json, kcl group seek --to-file
)

// Formats returns all of them.
func Formats() []Format { return append(Written(), KafkaDescribe) }

// Written returns the formats that Write writes.
func Written() []Format { return []Format{KafkaCSV, Rpk, Kcl} }

// A Row is one committed offset in a file.
type Row struct {
	Group     string // "" if the format has none
	Topic     string
	Partition int32
	Offset    int64
}

func (r Row) compare(o Row) int {
	return cmp.Or(cmp.Compare(r.Group, o.Group), cmp.Compare(r.Topic, o.Topic), cmp.Compare(r.Partition, o.Partition))
}

// A File is the content of a foreign file.
type File struct {
	Rows  []Row    // sorted by group, topic and partition
	Notes []string // remarks for the user
}

// Parse reads a file. It returns all of its rows, or all of its errors.
func Parse(f Format, name string, raw []byte) (*File, diag.Errors) {
	p := &parser{text: strings.TrimPrefix(string(raw), "\ufeff"), first: map[Row]int{}, source: diag.NewSource(name, raw)}
	p.lines = strings.Split(strings.TrimSuffix(p.text, "\n"), "\n")
	encoding, remedy := diag.Encoding(raw)
	switch {
	case encoding != "":
		p.report(1, encoding, remedy)
	case strings.TrimSpace(p.text) == "":
		p.report(1, "the file is empty: nothing would be moved", "save the output of the other tool in it")
	case f == KafkaCSV:
		p.csv()
	case f == KafkaDescribe:
		p.describe()
	case f == Rpk:
		p.rpk()
	case f == Kcl:
		p.kcl()
	}
	if len(p.errs) == 0 && len(p.file.Rows) == 0 {
		p.report(1, "the file has no committed offset: nothing would be moved",
			"check that the group has committed, and that --as names the format of the file")
	}
	if len(p.errs) > 0 {
		p.errs.Sort()
		return nil, p.errs
	}
	slices.SortFunc(p.file.Rows, Row.compare)
	if p.without > 0 {
		p.file.Notes = append(p.file.Notes, text.Plural(p.without, "partition")+" without a commit: left out")
	}
	return &p.file, nil
}

// A parser collects the rows and the errors of one file.
type parser struct {
	source  *diag.Source // shows no line that may hold a secret
	text    string
	lines   []string
	first   map[Row]int // the line that names a partition first, by its row without the offset
	file    File
	without int // partitions that have no commit
	errs    diag.Errors
}

func (p *parser) report(line int, reason, remedy string) {
	p.errs = append(p.errs, p.source.Error(line, 1, reason, remedy))
}

// isTopic reports whether Kafka accepts the name of a topic.
func isTopic(name string) bool {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	}
	return name != "" && len(name) <= 249 && !strings.ContainsFunc(name, odd)
}

// row adds one row, whose numbers are still text.
func (p *parser) row(line int, group, topic, partition, offset string) {
	errs := len(p.errs)
	if !isTopic(topic) {
		p.report(line, fmt.Sprintf("%s is not a valid topic name", quoted(topic)), "names have letters, digits, dots, dashes and underscores")
	}
	if !utf8.ValidString(group) {
		p.report(line, fmt.Sprintf("the group %s is not UTF-8, and a plan would name another one", quoted(group)), "save the file as UTF-8")
	}
	n := p.number(line, "partition", partition, math.MaxInt32)
	at := p.number(line, "offset", offset, math.MaxInt64)
	if len(p.errs) > errs {
		return
	}
	key := Row{Group: group, Topic: topic, Partition: int32(n)}
	if first, twice := p.first[key]; twice {
		p.report(line, fmt.Sprintf("duplicate partition %s/%d (first on line %d)", topic, n, first), "keep one of them")
		return
	}
	p.first[key] = line
	key.Offset = at
	p.file.Rows = append(p.file.Rows, key)
}

// number reads a number that is not negative.
func (p *parser) number(line int, what, text string, most int64) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == "":
		p.report(line, fmt.Sprintf("the %s is missing", what), "write 0 explicitly; an empty field is not read as 0")
	case errors.Is(err, strconv.ErrRange) && n > 0, n > most:
		p.report(line, fmt.Sprintf("the %s %s is out of range", what, diag.Shorten(text)), fmt.Sprintf("the maximum is %d", most))
	case errors.Is(err, strconv.ErrRange), n < 0:
		p.report(line, fmt.Sprintf("the %s %s is negative", what, diag.Shorten(text)), "remove the row; `to: unset` in a plan removes a commit")
	case err != nil:
		p.report(line, fmt.Sprintf("the %s %s is not a number", what, quoted(text)), numberRemedy(line))
	}
	return n
}

func numberRemedy(line int) string {
	if line == 1 {
		return "if this line is a header, remove it: the format has none"
	}
	return "write it in digits, such as 42"
}

// quoted quotes foreign text as messages do, in a bounded length.
func quoted(s string) string { return strconv.Quote(diag.Shorten(s)) }
