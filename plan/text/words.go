package text

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Stamp formats a time in UTC, to the millisecond.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// Span formats a duration without the zero units of time.Duration: "5m",
// "72h", "1h30m".
func Span(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Quote quotes a foreign name, with control characters escaped.
func Quote(s string) string { return strconv.Quote(s) }

// Sentence capitalises the first letter of a text and adds a full stop.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[n:], ".") + "."
}

// JoinReasons writes reasons as one sentence, at most the first five.
func JoinReasons(reasons []string) string {
	const most = 5
	out := ""
	for i, r := range reasons {
		if i == most {
			return out + fmt.Sprintf("; and %d more", len(reasons)-most)
		}
		if i > 0 {
			out += "; "
		}
		out += r
	}
	return out
}
