package httpcall

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Number is a 64-bit integer in a response, which the service may write as a
// number or as text. The zero Number is unknown: an absent value, null and "" are
// not 0.
type Number struct {
	N     int64 // 0 if it is unknown
	Known bool
}

var _ json.Unmarshaler = (*Number)(nil)

// UnmarshalJSON accepts 42 and "42"; null, "" and an absent value are unknown. For
// any other value the Number is unknown and the error quotes the value.
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

func notWhole(text string) error { return fmt.Errorf("%.40q is not a whole number", text) }

// A StrictNumber is a Number of a service that never writes "" for an unknown
// number: a response with "" is refused.
type StrictNumber struct{ Number }

var _ json.Unmarshaler = (*StrictNumber)(nil)

// UnmarshalJSON accepts what a Number accepts, except "".
func (n *StrictNumber) UnmarshalJSON(raw []byte) error {
	if string(raw) == `""` {
		n.Number = Number{}
		return notWhole("")
	}
	return n.Number.UnmarshalJSON(raw)
}
