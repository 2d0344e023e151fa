package providers

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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
// everywhere: plan, JSON and lock. The zero Position is unknown.
type Position struct {
	kind Kind
	n    int64  // offset, or milliseconds since the epoch
	text string // cursor, or the other group's name
}

// At returns the position of a kind that needs no value: Unset, Earliest,
// Latest, Default or Unknown.
func At(k Kind) Position {
	if k == Cursor || k == Group {
		return Position{} // they need one
	}
	return Position{kind: k}
}

// AtOffset returns the position of an offset.
func AtOffset(n int64) Position { return Position{kind: Offset, n: n} }

// AtTime returns the position of the first record at or after t, which counts
// in whole milliseconds.
func AtTime(t time.Time) Position { return Position{kind: Time, n: t.UnixMilli()} }

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
	return Position{kind: k, text: text}
}

// Kind returns what the position consists of.
func (p Position) Kind() Kind { return p.kind }

// Offset returns the offset, and whether p is one.
func (p Position) Offset() (int64, bool) { return p.n, p.kind == Offset }

// Time returns the time in UTC, and whether p is one.
func (p Position) Time() (time.Time, bool) { return time.UnixMilli(p.n).UTC(), p.kind == Time }

// Cursor returns the cursor, and whether p is one.
func (p Position) Cursor() (string, bool) { return p.text, p.kind == Cursor }

// Group returns the other group's name, and whether p is PlaceOf one.
func (p Position) Group() (string, bool) { return p.text, p.kind == Group }

// IsZero reports whether the position is unknown.
func (p Position) IsZero() bool { return p == Position{} }

// Exact reports whether p is one definite position: an offset or a cursor.
func (p Position) Exact() bool { return p.kind == Offset || p.kind == Cursor }

// String returns the one spelling of a position: "offset:42",
// "time:2026-11-18T00:00:00Z", "cursor:MTUy", "earliest", "unset", "unknown". A
// time outside the years 1 to 9999, which RFC 3339 cannot write, is
// "time:@" and its milliseconds since the epoch.
func (p Position) String() string {
	switch p.kind {
	case Offset:
		return "offset:" + strconv.FormatInt(p.n, 10)
	case Time:
		t := time.UnixMilli(p.n).UTC()
		if t.Year() < 1 || t.Year() > 9999 {
			return "time:@" + strconv.FormatInt(p.n, 10)
		}
		return "time:" + t.Format("2006-01-02T15:04:05.999Z07:00")
	case Cursor, Group:
		return p.kind.String() + ":" + p.text
	}
	return p.kind.String()
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
				return Position{kind: Time, n: n}, nil
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
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePosition(string(b))
	return err
}
