package markdown

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/resetplan/resetplan/plan/view"
)

// literal escapes a text from outside for a paragraph or a cell, so that it is
// shown verbatim: no markup, no tag, no link, no mention. It returns at most so
// many bytes, and whether the end of the text is missing.
func literal(s string, most int) (string, bool) {
	const more = "…"
	if most < len(s)/4 {
		s = strings.ToValidUTF8(s[:4*max(most, 1)], "") // more cannot fit
	}
	runes := []rune(view.Plain(s))
	var out strings.Builder
	room := most - len(more)
	for i, r := range runes {
		before, after := rune(0), rune(0)
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		sign := escaped(before, r, after)
		if out.Len()+len(sign) > room && (i+1 < len(runes) || out.Len()+len(sign) > most) {
			return out.String() + more, true
		}
		out.WriteString(sign)
	}
	return out.String(), false
}

// separator keeps two characters from being read together, and is not shown.
const separator = "<!-- -->"

// escaped writes one character of a text. A separator follows characters that
// have a meaning only together with the next: a mention, an issue number, an
// address, the name of an emoji.
func escaped(before, r, after rune) string {
	switch r {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '|':
		return "&#124;"
	case '$':
		return "<span>$</span>" // GitHub's own way to keep it from formulas
	case '\\', '`', '*', '_', '[', ']', '~':
		return `\` + string(r)
	case '@', '#', ':':
		if unicode.IsLetter(after) || unicode.IsDigit(after) && r != ':' || strings.ContainsRune("/+-_", after) {
			return string(r) + separator
		}
	case '.':
		if before == 'w' {
			return separator + "."
		}
	}
	return string(r)
}

// coded writes a name from outside as code, which GitHub does not interpret. It
// returns at most so many bytes, and whether the name is shortened in the
// middle.
func coded(s string, most int) (string, bool) { return shortened(s, most, code) }

// shortened is a name in at most so many bytes, as write writes it.
func shortened(s string, most int, write func(string) string) (string, bool) {
	if far := 2 * max(most, 1); len(s) > 2*far { // the middle cannot fit
		s = strings.ToValidUTF8(s[:far]+s[len(s)-far:], "")
	}
	s = view.Plain(s)
	whole := write(s)
	text := whole
	for room := max(view.Columns(s)*most/len(whole), 1); len(text) > most && room > 0; room = min(room-1, room*7/8) {
		text = write(view.Options{}.Short(s, room))
	}
	return text, text != whole
}

// code writes a name that is safe to show.
func code(s string) string {
	if s != "" && !strings.ContainsAny(s, "`|\\") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return tagged(s)
}

// tagged writes a name as code in HTML, which is needed within other tags.
func tagged(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r < unicode.MaxASCII && r != '-' && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			fmt.Fprintf(&out, "&#%d;", r)
		} else {
			out.WriteRune(r)
		}
	}
	return "<code>" + out.String() + "</code>"
}
