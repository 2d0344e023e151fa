package providers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unique"
)

// Kind is what a Position consists of.
type Kind uint8

const (
	Unknown  Kind = iota // not reported by the service
	Unset                // never committed; as a target: remove the commit
	Earliest             // the low boundary
	Latest               // the high boundary
	Time                 // the first record at or after a time, in milliseconds
	Offset               // an offset
	Cursor               // a cursor, verbatim; Capabilities.Order compares those of one part
	Default              // whatever the service's own rule decides
	Group                // the position of another group; only in ReadRequest.Resolve
)

var kindNames = [...]string{"unknown", "unset", "earliest", "latest", "time", "offset", "cursor", "default", "group"}

func (k Kind) String() string { return kindNames[k] }

// A Position is a position in a log. It is comparable, and its text is the same
// everywhere: plan, JSON and lock. The zero Position is unknown. Plans of large
// clusters have millions of positions, so it has two words.
type Position struct {
	what unique.Handle[label] // zero = unknown
	n    int64                // offset, or milliseconds since the epoch
}

// A label is what a position consists of besides its number.
type label struct {
	kind Kind
	text string // cursor, or the other group's name
}

// labels are those of the kinds that need no text.
var labels = func() (all [len(kindNames)]unique.Handle[label]) {
	for k := range all {
		if Kind(k) != Unknown {
			all[k] = unique.Make(label{kind: Kind(k)})
		}
	}
	return all
}()

// At returns the position of a kind that needs no value: Unset, Earliest,
// Latest, Default or Unknown.
func At(k Kind) Position {
	if k == Cursor || k == Group {
		return Position{} // they need one
	}
	return Position{what: labels[k]}
}

// AtOffset returns the position of an offset.
func AtOffset(n int64) Position { return Position{what: labels[Offset], n: n} }

// AtTime returns the position of the first record at or after t, which counts
// in whole milliseconds.
func AtTime(t time.Time) Position { return Position{what: labels[Time], n: t.UnixMilli()} }

// AtCursor returns the position of a cursor. An empty cursor is an unknown
// position.
func AtCursor(c string) Position { return valued(Cursor, c) }

// PlaceOf returns the position that another group has committed, or unknown if
// the group has no name.
func PlaceOf(group string) Position { return valued(Group, group) }

func valued(k Kind, text string) Position {
	if text == "" {
		return Position{}
	}
	return Position{what: unique.Make(label{k, text})}
}

// label returns the position's label; that of an unknown position is zero.
func (p Position) label() label {
	if p.what == (unique.Handle[label]{}) {
		return label{}
	}
	return p.what.Value()
}

// Kind returns what the position consists of.
func (p Position) Kind() Kind { return p.label().kind }

// Offset returns the offset, and whether p is one.
func (p Position) Offset() (int64, bool) { return p.n, p.what == labels[Offset] }

// Time returns the time in UTC, and whether p is one.
func (p Position) Time() (time.Time, bool) { return time.UnixMilli(p.n).UTC(), p.what == labels[Time] }

// Cursor returns the cursor, and whether p is one.
func (p Position) Cursor() (string, bool) { return p.label().text, p.Kind() == Cursor }

// Group returns the other group's name, and whether p is PlaceOf one.
func (p Position) Group() (string, bool) { return p.label().text, p.Kind() == Group }

// IsZero reports whether the position is unknown.
func (p Position) IsZero() bool { return p == Position{} }

// Exact reports whether p is one definite position: an offset or a cursor.
func (p Position) Exact() bool { return p.what == labels[Offset] || p.Kind() == Cursor }

// String returns the one spelling of a position: "offset:42",
// "time:2026-11-18T00:00:00Z", "cursor:MTUy", "earliest", "unset", "unknown". A
// time outside the years 1 to 9999, which RFC 3339 cannot write, is
// "time:@" and its milliseconds since the epoch.
func (p Position) String() string {
	b, _ := p.AppendText(make([]byte, 0, 32)) // it never fails
	return string(b)
}

// AppendText appends String.
func (p Position) AppendText(b []byte) ([]byte, error) {
	switch kind := p.Kind(); kind {
	case Offset:
		return strconv.AppendInt(append(b, "offset:"...), p.n, 10), nil
	case Time:
		t := time.UnixMilli(p.n).UTC()
		if t.Year() < 1 || t.Year() > 9999 {
			return strconv.AppendInt(append(b, "time:@"...), p.n, 10), nil
		}
		return t.AppendFormat(append(b, "time:"...), "2006-01-02T15:04:05.999Z07:00"), nil
	case Cursor, Group:
		return append(append(append(b, kind.String()...), ':'), p.label().text...), nil
	default:
		return append(b, kind.String()...), nil
	}
}

// ParsePosition reads what String wrote.
func ParsePosition(s string) (Position, error) {
	name, value, hasValue := strings.Cut(s, ":")
	for k, known := range kindNames {
		if name != known {
			continue
		}
		kind := Kind(k)
		switch kind {
		case Offset:
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return Position{}, fmt.Errorf("position %q: %q is not an offset", s, value)
			}
			return AtOffset(n), nil
		case Time:
			if millis, ok := strings.CutPrefix(value, "@"); ok {
				n, err := strconv.ParseInt(millis, 10, 64)
				if err != nil {
					return Position{}, fmt.Errorf("position %q: %q is not a number of milliseconds since the epoch", s, millis)
				}
				return Position{what: labels[Time], n: n}, nil
			}
			t, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return Position{}, fmt.Errorf("position %q: %q is not an RFC 3339 time", s, value)
			}
			return AtTime(t), nil
		case Cursor, Group:
			if value == "" {
				return Position{}, fmt.Errorf("position %q: nothing after the colon", s)
			}
			return valued(kind, value), nil
		}
		if !hasValue {
			return At(kind), nil
		}
	}
	return Position{}, fmt.Errorf("position %q: not one of offset:N, time:T, cursor:C, earliest, latest, unset, default, unknown", s)
}

// MarshalText writes String.
func (p Position) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePosition(string(b))
	return err
}
