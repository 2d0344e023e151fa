package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
)

// words describes a `to` for people.
func words(to schema.To) string {
	switch to.Form {
	case schema.ToTimestamp:
		return "timestamp " + to.Time.Text
	case schema.ToOffset:
		return fmt.Sprintf("offset %d", to.Offset)
	case schema.ToShift:
		return fmt.Sprintf("shift %+d", to.Shift)
	case schema.ToGroup:
		return "the positions of group " + quote(to.Group)
	case schema.ToLock:
		step, run := "its step", ""
		if to.Step != "" {
			step = "step " + to.Step
		}
		if to.Run != "" {
			run = " of run " + to.Run
		}
		return fmt.Sprintf("the positions before %s%s in %s", step, run, to.Lock)
	case schema.ToOffsets, schema.ToCheckpoints:
		return string(to.Form) + ", one by one"
	}
	return string(to.Form)
}

// stamp formats a time in UTC, to the millisecond.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// span formats a duration without the zero units of time.Duration: "5m",
// "72h", "1h30m".
func span(d time.Duration) string {
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

// Grouped formats a number with commas: "1,204,133".
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var out strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			out.WriteByte(',')
		}
		out.WriteRune(c)
	}
	return out.String()
}

// Plural formats a number with its noun: "1 step", "1,200 steps".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(int64(n)) + " " + noun + "s"
}

// SettleCommands returns the commands that decide a step in doubt, quoted for a
// shell. file is the plan or its lock.
func SettleCommands(file, run, id string) string {
	of := ""
	if run != "" && run != schema.DefaultRun {
		of = " --run " + safe.ShellWord(run)
	}
	return fmt.Sprintf("`resetplan lock settle %s %s applied%s` or `not-applied`", safe.ShellWord(file), safe.ShellWord(id), of)
}

// quote quotes a foreign name, with control characters escaped.
func quote(s string) string { return strconv.Quote(s) }

// Sentence capitalises the first letter of a text and adds a full stop.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[n:], ".") + "."
}
