package view

import (
	"fmt"
	"strings"
	"unicode"
)

// spelt writes a foreign text into a paragraph or a cell of GitHub's markdown,
// so that it is shown as it is: no markup, no tag, no link, and nobody is
// mentioned by it. It takes the most bytes given; of a longer one the end is
// left out, which the second result tells.
func spelt(s string, most int) (string, bool) {
	const more = "…"
	if most < len(s)/4 {
		s = strings.ToValidUTF8(s[:4*max(most, 1)], "") // no more of it has room
	}
	runes := []rune(Plain(s))
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
		sign := literal(before, r, after)
		if out.Len()+len(sign) > room && (i+1 < len(runes) || out.Len()+len(sign) > most) {
			return out.String() + more, true
		}
		out.WriteString(sign)
	}
	return out.String(), false
}

// apart keeps two characters from being read together, and is not shown.
const apart = "<!-- -->"

// literal writes one character of a text. Those that mean something only
// beside others are kept apart from them: a mention, an issue's number, an
// address, an emoji's name.
func literal(before, r, after rune) string {
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
			return string(r) + apart
		}
	case '.':
		if before == 'w' {
			return apart + "."
		}
	}
	return string(r)
}

// coded writes a foreign name as code, in which GitHub reads nothing. A name
// is cut in its middle where it takes more bytes than given, which the second
// result tells.
func coded(s string, most int) (string, bool) {
	if far := 2 * max(most, 1); len(s) > 2*far { // what lies in between has no room
		s = strings.ToValidUTF8(s[:far]+s[len(s)-far:], "")
	}
	s = Plain(s)
	whole := code(s)
	text := whole
	for room := max(columns(s)*most/len(whole), 1); len(text) > most && room > 0; room = min(room-1, room*7/8) {
		text = code(short(s, room, Options{}))
	}
	return text, text != whole
}

// code writes a name that is safe to show.
func code(s string) string {
	if s != "" && !strings.ContainsAny(s, "`|\\") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	var out strings.Builder
	for _, r := range s {
		if r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r)) {
			fmt.Fprintf(&out, "&#%d;", r)
		} else {
			out.WriteRune(r)
		}
	}
	return "<code>" + out.String() + "</code>"
}
