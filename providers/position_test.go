package providers

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestPositionHasOneSpelling(t *testing.T) {
	at := time.Date(2026, 11, 18, 8, 0, 0, 120_000_000, time.FixedZone("CST", 8*3600))
	for text, p := range map[string]Position{
		"unknown":                       {},
		"unset":                         At(Unset),
		"earliest":                      At(Earliest),
		"latest":                        At(Latest),
		"default":                       At(Default),
		"offset:0":                      AtOffset(0),
		"offset:-1":                     AtOffset(-1),
		"offset:9223372036854775807":    AtOffset(math.MaxInt64),
		"time:2026-11-18T00:00:00.12Z":  AtTime(at),
		"time:1970-01-01T00:00:00Z":     AtTime(time.Unix(0, 999_999)),
		"time:0001-01-01T00:00:00Z":     AtTime(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)),
		"time:9999-12-31T23:59:59.999Z": AtTime(time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC)),
		"time:@253402300800000":         AtTime(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
		"time:@-62167219200000":         AtTime(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)),
		"time:@-9223372036854775808":    AtTime(time.UnixMilli(math.MinInt64)),
		"time:@9223372036854775807":     AtTime(time.UnixMilli(math.MaxInt64)),
		"cursor:MTUy":                   AtCursor("MTUy"),
		"cursor:a:b==":                  AtCursor("a:b=="),
		"group:orders:billing":          PlaceOf("orders:billing"),
	} {
		if got := p.String(); got != text {
			t.Errorf("%q is written %q", text, got)
		}
		var got Position
		if err := got.UnmarshalText([]byte(text)); err != nil || got != p {
			t.Errorf("%q is read as %v, %v", text, got, err)
		}
	}
}

func TestPositionRefusesWhatItDoesNotWrite(t *testing.T) {
	for _, text := range []string{"", "offset", "offset:", "offset:x", "offset:9223372036854775808", "time:", "time:yesterday", "time:@",
		"time:@x", "time:@9223372036854775808", "time:2026-11-18T00:00:00", "cursor:", "cursor", "group:", "earliest:", "unset:1", "Latest", "42"} {
		if got, err := ParsePosition(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestAPositionThatNeedsAValueAndHasNoneIsUnknown(t *testing.T) {
	for _, p := range []Position{AtCursor(""), PlaceOf(""), At(Cursor), At(Group)} {
		if !p.IsZero() {
			t.Errorf("it is %q", p)
		}
	}
}

func TestPositionHasAValueOnlyOfItsKind(t *testing.T) {
	for _, p := range []Position{{}, At(Unset), At(Latest), AtOffset(7), AtTime(time.UnixMilli(7)), AtCursor("Nw=="), PlaceOf("7")} {
		_, offset := p.Offset()
		_, at := p.Time()
		_, cursor := p.Cursor()
		_, group := p.Group()
		if offset != (p.Kind() == Offset) || at != (p.Kind() == Time) || cursor != (p.Kind() == Cursor) || group != (p.Kind() == Group) {
			t.Errorf("%s returns a value of another kind", p)
		}
		if p.Exact() != (offset || cursor) || p.IsZero() != (p.Kind() == Unknown) {
			t.Errorf("%s: exact %t, zero %t", p, p.Exact(), p.IsZero())
		}
	}
}

// FuzzPosition holds a position to have one spelling, in which it is read as
// what it was, and two of them to compare the same both ways.
func FuzzPosition(f *testing.F) {
	for _, text := range []string{"unknown", "earliest", "offset:-5", "time:2026-11-18T00:00:00.12+08:00", "time:0000-01-01T00:00:00Z",
		"time:@-5", "cursor:MTUy", "group:g",
		"offset:9223372036854775807", "cursor:-9223372036854775808", "time:9999-12-31T23:59:59.9999-23:59", "time:0000-01-01T00:00:00+23:59"} {
		f.Add(text, "offset:-9223372036854775808")
		f.Add(text, "cursor:9223372036854775807")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		p, err := ParsePosition(text)
		if err != nil {
			if !p.IsZero() {
				t.Errorf("%q is read as %v with an error", text, p)
			}
			return
		}
		if again, err := ParsePosition(p.String()); err != nil || again != p || again.String() != p.String() {
			t.Errorf("%q is read as %q, which is read as %q, %v", text, p, again, err)
		}
		if at, ok := p.Time(); ok && AtTime(at) != p {
			t.Errorf("%q is read as %q, whose time is %v", text, p, at)
		}
		if _, value, _ := strings.Cut(p.String(), ":"); p.Kind() == Offset {
			if n, _ := p.Offset(); strconv.FormatInt(n, 10) != value {
				t.Errorf("%q is read as %d", text, n)
			}
		}
		q, err := ParsePosition(other)
		if err != nil {
			return
		}
		forth, ok1 := decimal.Distance(p, q)
		back, ok2 := decimal.Distance(q, p)
		a, _ := decimal.number(p)
		b, _ := decimal.number(q)
		if ok1 != ok2 || forth != -back || ok1 && (forth < 0) != (a < b) || ok1 && (forth == 0) != (a == b) {
			t.Errorf("%s is %d (%t) after %s, and that %d (%t) after it", p, forth, ok1, q, back, ok2)
		}
	})
}
