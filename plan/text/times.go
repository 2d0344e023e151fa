package text

import (
	"strings"
	"time"
)

// Stamp formats a time in UTC, to the millisecond.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// Minute formats a time in UTC, to the minute, as people read it.
func Minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Span formats a duration without the zero units of time.Duration: "5m",
// "72h", "1h30m".
func Span(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	return Duration(d)
}

// Duration formats a duration exactly, without the zeros at its end: "5m", not "5m0s".
func Duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// About formats a duration approximately: "14m", "3h20m", "12d".
func About(d time.Duration) string {
	switch {
	case d < time.Second:
		return "1s"
	case d < 10*time.Minute:
		return Span(d.Round(time.Second))
	case d < 48*time.Hour:
		return Span(d.Round(time.Minute))
	}
	return Grouped(int64(d/(24*time.Hour))) + "d"
}
