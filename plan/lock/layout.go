package lock

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A layout writes records as the text of a lock, or reads the text that it wrote.
// Both directions follow one description of each record (fields.go), whose
// literals are the text itself. The YAML library needs seconds and gigabytes for
// the record of a few years of scheduled replays. Tests check that the library
// reads the same content.
type layout struct {
	reading bool
	text    []byte // what was written
	rest    string // what has not been read yet
	failed  bool   // the text read is not what a layout writes
}

// literal writes a text, or reads it.
func (l *layout) literal(s string) { l.require(l.has(s, true)) }

// has writes a text if an optional value is present, or reads it if it is there,
// and reports which of the two.
func (l *layout) has(s string, present bool) bool {
	if l.reading {
		l.rest, present = strings.CutPrefix(l.rest, s)
	} else if present {
		l.text = append(l.text, s...)
	}
	return present
}

// require rejects what was read unless a condition holds.
func (l *layout) require(ok bool) { l.failed = l.failed || l.reading && !ok }

// value writes or reads a literal and the value after it.
func (l *layout) value(before string, v scalar) {
	l.literal(before)
	if l.reading {
		l.require(v.parse(l.token()))
		return
	}
	l.text = v.appendTo(l.text)
}

// optional is value, except that an empty value is left out.
func (l *layout) optional(before string, v scalar) {
	if l.reading && strings.HasPrefix(l.rest, before) || !l.reading && !v.empty() {
		l.value(before, v)
	}
}

// token reads one scalar: in double quotes, or up to the next separator.
func (l *layout) token() (token string) {
	end := 0
	if strings.HasPrefix(l.rest, `"`) {
		quoted, _ := strconv.QuotedPrefix(l.rest)
		end = len(quoted)
	} else {
		for end < len(l.rest) && !endsToken(l.rest[end]) {
			end++
		}
		if end > 0 && l.rest[end-1] == ':' { // a key
			end--
		}
	}
	token, l.rest = l.rest[:end], l.rest[end:]
	return token
}

func endsToken(c byte) bool {
	switch c {
	case '\n', ' ', ',', '}', ']':
		return true
	}
	return false
}

// each writes a list of records, or reads those that are there. A literal is
// before each record.
func each[T any](l *layout, before string, all *[]T, one func(*T)) {
	if !l.reading {
		for i := range *all {
			l.literal(before)
			one(&(*all)[i])
		}
		return
	}
	for !l.failed && l.has(before, false) {
		*all = append(*all, *new(T))
		one(&(*all)[len(*all)-1])
	}
}

// mapping writes or reads a literal and a sorted mapping on one line. An empty one
// is left out.
func mapping[V any](l *layout, before string, m *map[string]V, of func(*V) scalar) {
	if !l.has(before+"{", len(*m) > 0) {
		return
	}
	if !l.reading {
		separator := ""
		for _, key := range slices.Sorted(maps.Keys(*m)) {
			v := (*m)[key]
			l.value(separator, (*str)(&key))
			l.value(": ", of(&v))
			separator = ", "
		}
	} else {
		*m = map[string]V{}
		for more := true; more && !l.failed; more = l.has(", ", false) {
			var key string
			var v V
			l.value("", (*str)(&key))
			l.require(key != "")
			l.value(": ", of(&v))
			(*m)[key] = v
		}
	}
	l.literal("}")
}

// exactly reads a record, and reports whether writing it gives the text read.
func (l *layout) exactly(record func()) bool {
	before := l.rest
	if record(); l.failed {
		return false
	}
	l.reading, l.text = false, l.text[:0]
	record()
	l.reading = true
	return string(l.text) == before[:len(before)-len(l.rest)]
}

// A scalar is a value that is written as one word or quoted text.
type scalar interface {
	appendTo(out []byte) []byte
	parse(token string) bool
	empty() bool
}

type (
	str      string
	number   int // at least 1; 0 = absent
	integer  int64
	flag     bool
	param    struct{ to *any } // a string, an int64 or a bool
	part     providers.Part
	position providers.Position
)

func (s *str) appendTo(out []byte) []byte { return append(out, text.Scalar(string(*s))...) }
func (s *str) empty() bool                { return *s == "" }
func (s *str) parse(token string) bool {
	decoded, err := unquoted(token)
	*s = str(decoded)
	return err == nil
}

func (n *number) appendTo(out []byte) []byte { return strconv.AppendInt(out, int64(*n), 10) }
func (n *number) empty() bool                { return *n == 0 }
func (n *number) parse(token string) bool {
	v, err := strconv.Atoi(token)
	*n = number(v)
	return err == nil && v > 0
}

func (n *integer) appendTo(out []byte) []byte { return strconv.AppendInt(out, int64(*n), 10) }
func (n *integer) empty() bool                { return false }
func (n *integer) parse(token string) bool {
	v, err := strconv.ParseInt(token, 10, 64)
	*n = integer(v)
	return err == nil
}

func (b *flag) appendTo(out []byte) []byte { return strconv.AppendBool(out, bool(*b)) }
func (b *flag) empty() bool                { return !bool(*b) }
func (b *flag) parse(token string) bool {
	*b = token == "true"
	return bool(*b)
}

func (p param) appendTo(out []byte) []byte {
	if s, ok := (*p.to).(string); ok {
		return append(out, text.Scalar(s)...)
	}
	return fmt.Append(out, *p.to)
}
func (p param) empty() bool { return false }
func (p param) parse(token string) bool {
	switch n, err := strconv.ParseInt(token, 10, 64); {
	case err == nil:
		*p.to = n
	case token == "true" || token == "false":
		*p.to = token == "true"
	default:
		s, err := unquoted(token)
		*p.to = s
		return err == nil
	}
	return true
}

func (p *part) appendTo(out []byte) []byte {
	return append(out, text.Scalar(providers.Part(*p).String())...)
}
func (p *part) empty() bool { return false }
func (p *part) parse(token string) bool {
	return parseInto((*providers.Part)(p), providers.ParsePart, token)
}

func (p *position) appendTo(out []byte) []byte {
	return append(out, text.Scalar(providers.Position(*p).String())...)
}
func (p *position) empty() bool { return providers.Position(*p).IsZero() }
func (p *position) parse(token string) bool {
	return parseInto((*providers.Position)(p), providers.ParsePosition, token)
}

func (t *Time) appendTo(out []byte) []byte {
	if t.beyondRFC3339() {
		return strconv.AppendQuote(out, t.String())
	}
	return t.UTC().AppendFormat(out, time.RFC3339Nano)
}
func (t *Time) empty() bool             { return t.IsZero() }
func (t *Time) parse(token string) bool { return parseInto(t, parseTime, token) }

func parseInto[T any](to *T, parse func(string) (T, error), token string) bool {
	decoded, err := unquoted(token)
	if err == nil {
		*to, err = parse(decoded)
	}
	return err == nil
}

func unquoted(token string) (string, error) {
	if strings.HasPrefix(token, `"`) {
		return strconv.Unquote(token)
	}
	return token, nil
}
