// Package literal reads the texts of a plan that have a form of their own: numbers,
// times, durations, hosts and URLs. Each error has the text to write instead.
package literal

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/schema/diag"
)

// A Misspelling is a number that is not written in plain decimal digits.
type Misspelling struct {
	Written string
	Why     string // "has a leading zero"
	Write   string // the number as it should be written

	Fraction bool // it is a whole number that is written as a decimal fraction, such as 5.0
}

var (
	integer = pattern.New(`^-?(?:0|[1-9][0-9]*)$`)
	decimal = pattern.New(`^-?(?:0|[1-9][0-9]*)\.[0-9]+$`)
	zeros   = pattern.New(`^([+-]?)0+([0-9]+)$`)
	based   = pattern.New(`^[+-]?0[xXoObB][0-9A-Fa-f_]+$`)
	powered = pattern.New(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?$`)
)

// IsInteger reports whether a text is a whole number in plain digits.
func IsInteger(text string) bool { return integer.MatchString(text) }

// IsDecimal reports whether a text is a decimal fraction in plain digits.
func IsDecimal(text string) bool { return decimal.MatchString(text) }

// MostDigits is the maximum length of a number.
const MostDigits = 200

// ParseNumber returns a number in plain digits, or "" if the text is not a number,
// and how it was misspelled. Numbers with a leading zero, which some languages read
// as octal, are decimal, as in the names of Kafka's segment files.
func ParseNumber(text string) (string, Misspelling) {
	m := Misspelling{Written: text}
	if len(text) > MostDigits {
		return "", m
	}
	plain := strings.ReplaceAll(text, "_", "")
	switch {
	case text == "-0":
		m.Why, m.Write = "has a sign", "0"
		return "0", m
	case IsInteger(text), IsDecimal(text):
		return decimals(text, m)
	case based.MatchString(text):
		v, ok := new(big.Int).SetString(plain, 0)
		if !ok {
			return "", m
		}
		m.Why, m.Write = "is not a decimal number", v.String()
	case zeros.MatchString(plain):
		parts := zeros.FindStringSubmatch(plain)
		m.Why, m.Write = "has a leading zero", strings.TrimPrefix(parts[1], "+")+parts[2]
		if v, ok := new(big.Int).SetString(m.Write, 10); ok {
			m.Write = v.String()
		}
	case powered.MatchString(plain):
		v, ok := new(big.Rat).SetString(plain)
		if !ok {
			return "", m
		}
		m.Why = "is not written in plain digits"
		if m.Write = v.RatString(); !v.IsInt() {
			m.Write = strings.TrimRight(v.FloatString(20), "0")
		}
	default:
		return "", m
	}
	return m.Write, m
}

// decimals reads a decimal fraction; one such as 5.0 is a misspelled whole number.
func decimals(text string, m Misspelling) (string, Misspelling) {
	before, fraction, _ := strings.Cut(text, ".")
	if fraction != "" && strings.Trim(fraction, "0") == "" {
		m.Why, m.Write, m.Fraction = "is written as a decimal fraction", before, true
		return before, m
	}
	return text, Misspelling{}
}

// Reason returns what is wrong with the number.
func (m Misspelling) Reason() string { return m.Written + " " + m.Why }

func (m Misspelling) Remedy(orText bool) string {
	remedy := "write " + m.Write
	if orText {
		remedy += fmt.Sprintf(", or %q in quotes if it is text", m.Written)
	}
	return remedy
}

// ParseWhole reads an integer as a plan or --set writes one. Its error is a
// diag.Fault.
func ParseWhole(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && IsInteger(text) && text != "-0" {
		return n, nil
	}
	if IsInteger(text) && text != "-0" {
		return 0, OutOfRange(text)
	}
	if value, m := ParseNumber(text); value != "" && m.Write != "" && IsInteger(m.Write) {
		return 0, diag.Correct(m.Reason(), m.Write)
	}
	if IsDecimal(text) {
		return 0, diag.Wrong(fmt.Sprintf("%s is not a whole number", diag.Shorten(text)), "write a whole number such as "+strings.Split(text, ".")[0])
	}
	return 0, diag.Wrong(fmt.Sprintf("%q is not a whole number", diag.Shorten(text)), "write a whole number such as 10")
}

func OutOfRange(text string) error {
	if strings.HasPrefix(text, "-") {
		return diag.Wrong(fmt.Sprintf("%s is too small", diag.Shorten(text)), "the minimum is -9223372036854775808")
	}
	return diag.Wrong(fmt.Sprintf("%s is too large", diag.Shorten(text)), "the maximum is 9223372036854775807")
}

var counted = pattern.New(`^([0-9]+)([kMG])$`)

// Count reads a number of records with or without k, M or G.
func Count(text string) (int64, error) {
	m := counted.FindStringSubmatch(text)
	if m == nil {
		return ParseWhole(text)
	}
	n, err := ParseWhole(m[1])
	unit := map[string]int64{"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}[m[2]]
	switch {
	case err != nil:
		return 0, err
	case n > (1<<63-1)/unit:
		return 0, OutOfRange(text)
	}
	return n * unit, nil
}
