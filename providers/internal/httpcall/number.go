package httpcall

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// A Number is an integer of an answer, exact to 64 bits, which the service may
// write as a number or as text. The zero Number is not known: what an answer
// leaves out, and null and "", are not 0.
type Number struct {
	N     int64 // 0 where it is not known
	Known bool
}

var _ json.Unmarshaler = (*Number)(nil)

// UnmarshalJSON reads 42 and "42", and null, "" and nothing at all as not
// known. Anything else is not known either, and the error names it.
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

// A StrictNumber is a Number of a service that never writes "" for one: there
// it is as little understood as a word, and an answer with it is refused.
type StrictNumber struct{ Number }

var _ json.Unmarshaler = (*StrictNumber)(nil)

// UnmarshalJSON reads what a Number does, without "".
func (n *StrictNumber) UnmarshalJSON(raw []byte) error {
	if string(raw) == `""` {
		n.Number = Number{}
		return notWhole("")
	}
	return n.Number.UnmarshalJSON(raw)
}
