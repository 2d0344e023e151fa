package diag

import (
	"fmt"

	safe "github.com/resetplan/resetplan/plan/text"
)

// Latin has the characters that look like Latin ones, and the Latin ones.
var Latin = map[rune]rune{'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'ԁ': 'd', 'һ': 'h',
	'ӏ': 'l',
	'А': 'A', 'В': 'B', 'Е': 'E', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': 'O', 'Р': 'P', 'С': 'C', 'Т': 'T', 'Х': 'X', 'Ѕ': 'S', 'І': 'I',
	'ο': 'o', 'α': 'a', 'ν': 'v', 'ι': 'i', 'κ': 'k', 'ρ': 'p', 'υ': 'u', 'ı': 'i', '‐': '-', '‑': '-', '–': '-', '—': '-', '−': '-', '．': '.',
	'：': ':', '，': ',', '“': '"', '”': '"', '‘': '\'', '’': '\'', '\u00a0': ' ', '\u3000': ' '}

// CharName returns the name of a Latin character.
func CharName(r rune) string {
	if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return "Latin " + string(r)
	}
	return string(r)
}

// Lookalike describes the first character of a text that looks like another one or
// is not allowed. The text begins at a column.
func Lookalike(text string, column int) string {
	for i, r := range []rune(text) {
		if like := Latin[r]; like != 0 {
			return fmt.Sprintf("the character U+%04X at column %d looks like %s; type %c instead", r, column+i, CharName(like), like)
		}
		if r >= 0x80 || safe.Hidden(r) {
			return fmt.Sprintf("the character U+%04X at column %d is not allowed here", r, column+i)
		}
	}
	return ""
}
