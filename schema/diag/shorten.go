package diag

import "strings"

// Shorten cuts a value to the length that a message quotes.
func Shorten(s string) string { return Brief(s, 60) }

// Brief cuts a text to so many characters, between words if it can.
func Brief(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	cut := string(r[:most-3])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return cut + "..."
}
