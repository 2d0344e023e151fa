package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan/text"
)

func TestInvisibleCharactersAreEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"orders":                      "orders",
		"zürich 北京 \u00a0!":           "zürich 北京 \u00a0!",
		"a\nb\tc\r":                   "a b c ",
		"\x1b[2Jx\a\x7f":              `\u001b[2Jx\u0007\u007f`,
		"\u0085\u009b":                `\u0085\u009b`,
		"pay\u202eslip\u2066":         `pay\u202eslip\u2066`,
		"or\u200bders\u00adx\ufeff":   `or\u200bders\u00adx\ufeff`,
		"a\u2028b\u2029":              `a\u2028b\u2029`,
		"tag \U000e0041":              `tag \U000e0041`,
		"hangul \u3164 braille\u2800": `hangul \u3164 braille\u2800`,
		"variant a\ufe01":             `variant a\ufe01`,
		"bytes \xff\xfe":              `bytes \xff\xfe`,
		"replacement \ufffd":          "replacement \ufffd",
		"latin a\u200db a\u200cb":     `latin a\u200db a\u200cb`,
	} {
		if got := text.Safe(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestJoinersInWordsAndEmojiAreKept(t *testing.T) {
	for _, s := range []string{
		"\U0001f469\u200d\U0001f4bb",             // a woman at a computer
		"\u2764\ufe0f\u200d\U0001f525",           // a heart on fire
		"\U0001f3f3\ufe0f\u200d\U0001f308",       // a rainbow flag
		"\U0001f469\U0001f3fd\u200d\U0001f680 x", // a skin tone between
		"می\u200cخواهم",
		"क्\u200dष ශ්\u200dරී",
	} {
		if got := text.Safe(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{"a@b": "a@b", "": "''", "it's": `'it'\''s'`, "=ls": "'=ls'",
		"x\u202ey": `"$(printf 'x\342\200\256y')"`} {
		if got := text.ShellWord(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

func FuzzSafe(f *testing.F) {
	f.Add("a\x00b\u202e\u200d\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := text.Safe(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return text.Hidden(r) && r != '\u200c' && r != '\u200d' }) {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{"": nil, "7": {7}, "0-3,7": {0, 1, 2, 3, 7}, "1,3-4": {1, 3, 4}} {
		if got := text.Ranges(numbers); got != want {
			t.Errorf("%v: got %q, want %q", numbers, got, want)
		}
	}
}

func TestShellSuffixIsReadAsOneWord(t *testing.T) {
	for word, want := range map[string]string{"orders,x=1:@%+/~": `orders,x=1:@%+/\~`, "a b": `a\ b`, "$(x)'": `\$\(x\)\'`, "ü*": `ü\*`} {
		if got := text.ShellSuffix(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}
