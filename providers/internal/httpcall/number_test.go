package httpcall_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/internal/httpcall"
)

// An item has a number of each type, both 7 before the item is decoded.
type item struct {
	Lenient httpcall.Number       `json:"lenient"`
	Strict  httpcall.StrictNumber `json:"strict"`
}

func given(key, value string) (item, error) {
	seven := httpcall.Number{N: 7, Known: true}
	into := item{seven, httpcall.StrictNumber{Number: seven}}
	err := json.Unmarshal([]byte(`{"`+key+`": `+value+`}`), &into)
	return into, err
}

func TestANumberIsReadFromANumberOrAString(t *testing.T) {
	for value, want := range map[string]httpcall.Number{
		`42`: {N: 42, Known: true}, `"42"`: {N: 42, Known: true}, `" 42 "`: {N: 42, Known: true}, `0`: {Known: true}, `"0"`: {Known: true},
		`-1`: {N: -1, Known: true}, `"-1"`: {N: -1, Known: true},
		`"\u0034\u0032"`: {N: 42, Known: true},
		// neither fits a double
		`9007199254740993`: {N: 1<<53 + 1, Known: true}, `"9007199254740993"`: {N: 1<<53 + 1, Known: true},
		`9223372036854775807`: {N: 1<<63 - 1, Known: true}, `"-9223372036854775808"`: {N: -1 << 63, Known: true},
		`null`: {},
	} {
		if got, err := given("lenient", value); err != nil || got.Lenient != want {
			t.Errorf("%s: got %+v, %v", value, got.Lenient, err)
		}
		if got, err := given("strict", value); err != nil || got.Strict.Number != want {
			t.Errorf("%s, strictly: got %+v, %v", value, got.Strict, err)
		}
	}
}

func TestAnAbsentOrEmptyNumberIsNotZero(t *testing.T) {
	var absent item
	if err := json.Unmarshal([]byte(`{}`), &absent); err != nil || absent != (item{}) {
		t.Errorf("absent: got %+v, %v", absent, err)
	}
	if got, err := given("lenient", `""`); err != nil || got.Lenient != (httpcall.Number{}) {
		t.Errorf("empty: got %+v, %v", got.Lenient, err)
	}
	if got, err := given("strict", `""`); err == nil || err.Error() != `"" is not a whole number` || got.Strict.Known {
		t.Errorf("empty, strictly: got %+v, %v", got.Strict, err)
	}
	var raw json.RawMessage // of a field that an answer leaves out
	n := httpcall.Number{N: 7, Known: true}
	if err := n.UnmarshalJSON(raw); err != nil || n != (httpcall.Number{}) {
		t.Errorf("no text: got %+v, %v", n, err)
	}
}

func TestTheErrorQuotesWhatIsNotAWholeNumber(t *testing.T) {
	for value, want := range map[string]string{
		`1.5`: `"1.5"`, `"1.5"`: `"1.5"`, `1.0`: `"1.0"`, `1e3`: `"1e3"`, `"1e3"`: `"1e3"`, `"0x10"`: `"0x10"`, `"1_000"`: `"1_000"`, `"1,"`: `"1,"`,
		`9223372036854775808`: `"9223372036854775808"`, `"-9223372036854775809"`: `"-9223372036854775809"`,
		`"many"`: `"many"`, `"null"`: `"null"`, `" "`: `" "`, `"\"42\""`: `"\"42\""`,
		`true`: `"true"`, `{}`: `"{}"`, `[42]`: `"[42]"`, `"4\n2"`: `"4\n2"`,
		`"` + strings.Repeat("9", 1000) + `"`: `"` + strings.Repeat("9", 40) + `"`,
	} {
		got, err := given("lenient", value)
		if err == nil || err.Error() != want+" is not a whole number" || got.Lenient != (httpcall.Number{}) {
			t.Errorf("%.50s: got %+v, %v", value, got.Lenient, err)
		}
		strict, again := given("strict", value)
		if again == nil || again.Error() != err.Error() || strict.Strict.Known {
			t.Errorf("%.50s, strictly: got %+v, %v", value, strict.Strict, again)
		}
	}
}
