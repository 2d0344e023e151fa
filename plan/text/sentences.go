package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Quote quotes a foreign name, with control characters escaped.
func Quote(s string) string { return strconv.Quote(s) }

// Sentence capitalises the first letter of a text and adds a full stop. A name with a
// hyphen, such as aliyun-kafka, stays as it is.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	if word, _, _ := strings.Cut(text, " "); strings.Contains(word, "-") {
		return strings.TrimSuffix(text, ".") + "."
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

// Plural formats a number with its noun: "1 step", "1,200 steps".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Grouped(int64(n)) + " " + noun + "s"
}

// Noun returns the singular or the plural of a noun.
func Noun(n int64, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}

// JoinNames lists names, at most so many of them: "a, b and 3 more".
func JoinNames(names []string, most int) string {
	if len(names) > most+1 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %s more", Grouped(int64(len(names)-most)))
	}
	return strings.Join(names, ", ")
}
