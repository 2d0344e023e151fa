package schema

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A misspelt number is not written in plain decimal digits.
type misspelt struct {
	written string
	why     string // "has a leading zero"
	write   string // the number as it should be written
}

var (
	integer = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)$`)
	decimal = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)\.[0-9]+$`)
	zeros   = regexp.MustCompile(`^([+-]?)0+([0-9]+)$`)
	based   = regexp.MustCompile(`^[+-]?0[xXoObB][0-9A-Fa-f_]+$`)
	powered = regexp.MustCompile(`^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?$`)
)

// mostDigits is how long a number may be.
const mostDigits = 200

// spelling returns a number in plain digits, "" if it is none, and how it was
// misspelt. The numbers meant by a leading zero, which some languages take for
// octal, are decimal: Kafka names its segment files so.
func spelling(text string) (string, misspelt) {
	m := misspelt{written: text}
	if len(text) > mostDigits {
		return "", m
	}
	plain := strings.ReplaceAll(text, "_", "")
	switch {
	case text == "-0":
		m.why, m.write = "has a sign", "0"
		return "0", m
	case integer.MatchString(text), decimal.MatchString(text):
		return decimals(text, m)
	case based.MatchString(text):
		v, ok := new(big.Int).SetString(plain, 0)
		if !ok {
			return "", m
		}
		m.why, m.write = "is not a decimal number", v.String()
	case zeros.MatchString(plain):
		parts := zeros.FindStringSubmatch(plain)
		m.why, m.write = "has a leading zero", strings.TrimPrefix(parts[1], "+")+parts[2]
		if v, ok := new(big.Int).SetString(m.write, 10); ok {
			m.write = v.String()
		}
	case powered.MatchString(plain):
		v, ok := new(big.Rat).SetString(plain)
		if !ok {
			return "", m
		}
		m.why = "is not written in plain digits"
		if m.write = v.RatString(); !v.IsInt() {
			m.write = strings.TrimRight(v.FloatString(20), "0")
		}
	default:
		return "", m
	}
	return m.write, m
}

// decimals finds decimals such as 5.0, which are whole numbers misspelt.
func decimals(text string, m misspelt) (string, misspelt) {
	before, fraction, _ := strings.Cut(text, ".")
	if fraction != "" && strings.Trim(fraction, "0") == "" {
		m.why, m.write = "is written as a decimal fraction", before
		return before, m
	}
	return text, misspelt{}
}

// reason and remedy say what is wrong with the number.
func (m misspelt) reason() string { return m.written + " " + m.why }

func (m misspelt) remedy(orText bool) string {
	remedy := "write " + m.write
	if orText {
		remedy += fmt.Sprintf(", or %q in quotes if it is text", m.written)
	}
	return remedy
}

// Whole reads an integer as a plan writes one. The error says, behind a
// semicolon, what to write instead.
func Whole(text string) (int64, error) { return wholeNumber(text) }

// Duration reads a duration as a plan writes one, such as 30s, 5m or 7d.
func Duration(text string) (time.Duration, error) { return parseDuration(text, "s") }

// wholeNumber reads an integer that was given as text, such as by --set.
func wholeNumber(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && integer.MatchString(text) && text != "-0" {
		return n, nil
	}
	if integer.MatchString(text) && text != "-0" {
		return 0, outOfRange(text)
	}
	if value, m := spelling(text); value != "" && m.write != "" && integer.MatchString(m.write) {
		return 0, fmt.Errorf("%s; write %s", m.reason(), m.write)
	}
	if decimal.MatchString(text) {
		return 0, fmt.Errorf("%s is not a whole number; write a whole number such as %s", shorten(text), strings.Split(text, ".")[0])
	}
	return 0, fmt.Errorf("%q is not a whole number; write a whole number such as 10", shorten(text))
}

func outOfRange(text string) error {
	if strings.HasPrefix(text, "-") {
		return fmt.Errorf("%s is too small; the minimum is -9223372036854775808", shorten(text))
	}
	return fmt.Errorf("%s is too large; the maximum is 9223372036854775807", shorten(text))
}

var counted = regexp.MustCompile(`^([0-9]+)([kMG])$`)

// count reads a number of records with or without k, M or G.
func count(text string) (int64, error) {
	m := counted.FindStringSubmatch(text)
	if m == nil {
		return wholeNumber(text)
	}
	n, err := wholeNumber(m[1])
	unit := map[string]int64{"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}[m[2]]
	switch {
	case err != nil:
		return 0, err
	case n > (1<<63-1)/unit:
		return 0, outOfRange(text)
	}
	return n * unit, nil
}
