package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	safe "github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/schema"
)

// words tells a `to` as a person would.
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

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z07:00") }

// span writes a duration without the zeros that time.Duration adds: "5m",
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

// Grouped writes a number with commas: "1,204,133".
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

// Plural writes a number of things: "1 step", "1,200 steps".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(int64(n)) + " " + noun + "s"
}

// SettleCommands are the commands that decide a step in doubt, as a shell accepts
// them. file is the plan or its lock.
func SettleCommands(file, run, id string) string {
	of := ""
	if run != "" && run != schema.DefaultRun {
		of = " --run " + safe.ShellWord(run)
	}
	return fmt.Sprintf("`resetplan lock settle %s %s applied%s` or `not-applied`", safe.ShellWord(file), safe.ShellWord(id), of)
}

// quote shows a foreign name with its control characters visible.
func quote(s string) string { return strconv.Quote(s) }

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// Sentence begins a text with a capital, and ends it.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(text[n:], ".") + "."
}
