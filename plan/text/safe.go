package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe returns a foreign text that is safe to show: one line, in which control,
// direction and invisible characters are escaped, as in \u202e. Joiners inside emoji
// and words are kept, and a byte that is not UTF-8 is written as \xNN.
func Safe(s string) string {
	return Escape(s, func(r rune, n int) string {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return " "
		case r == utf8.RuneError && n == 1:
			return "" // Escape writes the byte
		case r > 0xffff:
			return fmt.Sprintf(`\U%08x`, r)
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
}

// Escape replaces each character that must not be shown raw with the result of a
// function of the character and its length in bytes. A byte that is not UTF-8 is
// passed as utf8.RuneError with length 1; if the function returns "" for it, it is
// written as \xNN.
func Escape(s string, write func(r rune, n int) string) string {
	if !unsafe(s) {
		return s
	}
	var out strings.Builder
	before := rune(0)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		switch {
		case r == utf8.RuneError && n == 1:
			if text := write(r, n); text != "" {
				out.WriteString(text)
			} else {
				fmt.Fprintf(&out, `\x%02x`, s[i])
			}
		case Hidden(r) && !joins(before, r, next):
			out.WriteString(write(r, n))
		default:
			out.WriteString(s[i : i+n])
		}
		before = r
		i += n
	}
	return out.String()
}

func unsafe(s string) bool { return strings.ContainsFunc(s, Hidden) || !utf8.ValidString(s) }

// Hidden reports whether a character controls a terminal, breaks a line, changes the
// writing direction, or is invisible.
func Hidden(r rune) bool {
	if r >= ' ' && r <= '~' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || invisible[r] ||
		r >= 0xfe00 && r <= 0xfe0e || r >= 0xe0100 && r <= 0xe01ef || r&0xfffe == 0xfffe // the last two are noncharacters
}

// invisible lists the characters that Unicode classifies as letters or marks but that
// no font shows. U+FE0F, which follows emoji, is not included.
var invisible = map[rune]bool{0x034f: true, 0x115f: true, 0x1160: true, 0x17b4: true, 0x17b5: true, 0x180b: true, 0x180c: true, 0x180d: true,
	0x180f: true, 0x2800: true, 0x3164: true, 0xffa0: true}

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// joins reports whether r is a joiner that the text needs: between the parts of an
// emoji, or between letters of a script that uses joiners.
func joins(before, r, next rune) bool {
	switch r {
	case joiner:
		return (pictured(before) || before == 0xfe0f) && pictured(next) || joined(before) &&
			(joined(next) || !unicode.IsLetter(next) && next != joiner && next != nonJoiner)
	case nonJoiner:
		return joined(before) && joined(next)
	}
	return false
}

// pictured reports whether an emoji may contain this character.
func pictured(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2190 && r <= 0x2bff && unicode.Is(unicode.S, r)
}

// joined reports whether a character belongs to a script that uses joiners.
func joined(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati,
		unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar)
}
