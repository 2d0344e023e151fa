package schema

import (
	"fmt"
	"strings"
	"unicode"
)

// Safe makes a foreign text safe to print: one line, with every character
// that a terminal would act on or nobody could see written as an escape.
func Safe(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return Unseen(r) || unicode.IsSpace(r) && r != ' ' }) {
		return s
	}
	var out strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			out.WriteByte(' ')
		case !Unseen(r) || joins(runes, i):
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

// Unseen reports whether a character steers a terminal or the direction of
// writing, or is invisible.
func Unseen(r rune) bool {
	if r < 0x80 {
		return r < ' ' || r == 0x7f
	}
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0: // fillers that look like nothing
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// joins reports whether the character at i is a joiner that the text around it
// needs: within an emoji, or between letters of a script that is written so.
func joins(runes []rune, i int) bool {
	if r := runes[i]; r != 0x200c && r != 0x200d || i == 0 || i+1 == len(runes) {
		return false
	}
	before, after := runes[i-1], runes[i+1]
	if runes[i] == 0x200d && (unicode.Is(unicode.So, before) || unicode.Is(unicode.Sk, before) || before == 0xfe0f) {
		return unicode.Is(unicode.So, after) || unicode.Is(unicode.Sm, after)
	}
	joined := []*unicode.RangeTable{unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi,
		unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar}
	return unicode.In(before, joined...) && unicode.In(after, joined...)
}
