package lock

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A moment is a time in the format of the lock, its journal and its JSON: RFC 3339
// in UTC or, outside the years 1 to 9999 of RFC 3339, "@" and the milliseconds
// since the epoch.
type moment time.Time

func (m moment) IsZero() bool { return time.Time(m).IsZero() }

func (m moment) String() string {
	t := time.Time(m).UTC()
	if common(t) {
		return t.Format(time.RFC3339Nano)
	}
	return "@" + strconv.FormatInt(t.UnixMilli(), 10)
}

// common reports whether RFC 3339 can express a time.
func common(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9999
}

func (m moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

func (m *moment) UnmarshalText(b []byte) error {
	t, err := parseMoment(string(b))
	*m = moment(t)
	return err
}

func parseMoment(s string) (time.Time, error) {
	if millis, ok := strings.CutPrefix(s, "@"); ok {
		n, err := strconv.ParseInt(millis, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("%q is not a number of milliseconds since the epoch", millis)
		}
		return time.UnixMilli(n).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UTC(), err
}

// Records with a time encode it as a moment. The common case keeps the order of
// the struct's own keys.
type (
	plainRun    Run
	plainStep   Step
	plainPaused Paused
	plainUndo   Undo
	plainPart   Part

	momentRun struct {
		*plainRun
		Started  moment  `json:"started"`
		Finished *moment `json:"finished,omitempty"`
	}
	momentStep struct {
		*plainStep
		At moment `json:"at"`
	}
	momentPaused struct {
		*plainPaused
		Since moment `json:"since"`
	}
	momentUndo struct {
		*plainUndo
		At moment `json:"at"`
	}
	momentPart struct {
		*plainPart
		ReadUpTo moment `json:"readUpTo,omitzero"`
	}
)

// MarshalJSON writes the times as moments.
func (r Run) MarshalJSON() ([]byte, error) {
	plain := plainRun(r)
	if common(r.Started) && (r.Finished == nil || common(*r.Finished)) {
		return json.Marshal(&plain)
	}
	return json.Marshal(momentRun{&plain, moment(r.Started), (*moment)(r.Finished)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Run) UnmarshalJSON(raw []byte) error {
	m := momentRun{plainRun: (*plainRun)(r)}
	err := json.Unmarshal(raw, &m)
	r.Started, r.Finished = time.Time(m.Started), (*time.Time)(m.Finished)
	return err
}

// MarshalJSON writes the time as a moment.
func (s Step) MarshalJSON() ([]byte, error) {
	plain := plainStep(s)
	if common(s.At) {
		return json.Marshal(&plain)
	}
	return json.Marshal(momentStep{&plain, moment(s.At)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Step) UnmarshalJSON(raw []byte) error {
	m := momentStep{plainStep: (*plainStep)(s)}
	err := json.Unmarshal(raw, &m)
	s.At = time.Time(m.At)
	return err
}

// MarshalJSON writes the time as a moment.
func (p Paused) MarshalJSON() ([]byte, error) {
	plain := plainPaused(p)
	if common(p.Since) {
		return json.Marshal(&plain)
	}
	return json.Marshal(momentPaused{&plain, moment(p.Since)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Paused) UnmarshalJSON(raw []byte) error {
	m := momentPaused{plainPaused: (*plainPaused)(p)}
	err := json.Unmarshal(raw, &m)
	p.Since = time.Time(m.Since)
	return err
}

// MarshalJSON writes the time as a moment.
func (u Undo) MarshalJSON() ([]byte, error) {
	plain := plainUndo(u)
	if common(u.At) {
		return json.Marshal(&plain)
	}
	return json.Marshal(momentUndo{&plain, moment(u.At)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (u *Undo) UnmarshalJSON(raw []byte) error {
	m := momentUndo{plainUndo: (*plainUndo)(u)}
	err := json.Unmarshal(raw, &m)
	u.At = time.Time(m.At)
	return err
}

// MarshalJSON writes the time as a moment.
func (p Part) MarshalJSON() ([]byte, error) {
	plain := plainPart(p)
	if p.ReadUpTo.IsZero() || common(p.ReadUpTo) {
		return json.Marshal(&plain)
	}
	return json.Marshal(momentPart{&plain, moment(p.ReadUpTo)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Part) UnmarshalJSON(raw []byte) error {
	m := momentPart{plainPart: (*plainPart)(p)}
	err := json.Unmarshal(raw, &m)
	p.ReadUpTo = time.Time(m.ReadUpTo)
	return err
}
