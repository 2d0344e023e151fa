package lock

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Time is a time in the format of the lock, its journal and its JSON: RFC 3339
// in UTC or, outside the years 1 to 9999 of RFC 3339, "@" and the milliseconds
// since the epoch.
type Time struct{ time.Time }

// AtTime returns the Time of a time.
func AtTime(t time.Time) Time { return Time{t} }

func (t Time) beyondRFC3339() bool {
	year := t.UTC().Year()
	return year < 1 || year > 9999
}

// String returns the time as it is written.
func (t Time) String() string {
	if t.beyondRFC3339() {
		return "@" + strconv.FormatInt(t.UnixMilli(), 10)
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// MarshalJSON returns the time as a JSON string.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON reads what MarshalJSON returned.
func (t *Time) UnmarshalJSON(raw []byte) (err error) {
	if string(raw) != "null" {
		*t, err = parseTime(strings.Trim(string(raw), `"`))
	}
	return err
}

func parseTime(s string) (Time, error) {
	if millis, ok := strings.CutPrefix(s, "@"); ok {
		n, err := strconv.ParseInt(millis, 10, 64)
		if err != nil {
			return Time{}, fmt.Errorf("%q is not a number of milliseconds since the epoch", millis)
		}
		return Time{time.UnixMilli(n).UTC()}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return Time{t.UTC()}, err
}

// rounded rounds a time down to the lock's precision: milliseconds, UTC.
func (t Time) rounded() Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// roundTimes rounds the times of what is recorded with a step, in copies of it.
func (s *Step) roundTimes() {
	for _, u := range s.attempts() {
		if *u != nil {
			undo := **u
			undo.At = undo.At.rounded()
			*u = &undo
		}
	}
	if s.Replay != nil {
		replay := *s.Replay
		replay.Since = replay.Since.rounded()
		s.Replay = &replay
	}
	if s.Paused != nil {
		paused := *s.Paused
		paused.Since = paused.Since.rounded()
		s.Paused = &paused
	}
}
