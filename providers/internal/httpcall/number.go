package httpcall

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Number is an exact 64-bit integer of an answer, which the service may write as
// a number or as a string. The zero Number is unknown: an absent value, null and ""
// are not 0.
type Number struct {
	N     int64 // 0 if unknown
	Known bool
}

var _ json.Unmarshaler = (*Number)(nil)

// UnmarshalJSON reads 42 and "42"; null, "" and empty input are unknown. For
// anything else the number is unknown, too, and the error quotes the value.
func (n *Number) UnmarshalJSON(raw []byte) error {
	*n = Number{}
	text := string(raw)
	if text == "" || text == "null" {
		return nil
	}
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return notWhole(string(raw))
		}
		if text == "" {
			return nil
		}
	}
	i, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return notWhole(text)
	}
	*n = Number{i, true}
	return nil
}

// Pointer returns the number, or nil if it is unknown.
func (n Number) Pointer() *int64 {
	if !n.Known {
		return nil
	}
	return &n.N
}

func notWhole(text string) error { return fmt.Errorf("%.40q is not a whole number", text) }

// A StrictNumber is a Number of a service that never writes "" for an unknown
// number: an answer with "" is refused.
type StrictNumber struct{ Number }

var _ json.Unmarshaler = (*StrictNumber)(nil)

// UnmarshalJSON reads what a Number does, except "".
func (n *StrictNumber) UnmarshalJSON(raw []byte) error {
	if string(raw) == `""` {
		n.Number = Number{}
		return notWhole("")
	}
	return n.Number.UnmarshalJSON(raw)
}
