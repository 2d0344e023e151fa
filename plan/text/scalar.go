package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Scalar formats a text as a YAML scalar that reads back unchanged: plain if YAML reads
// it as a string, else in double quotes, with JSON's escapes. A byte that is not UTF-8,
// which YAML cannot contain, becomes U+FFFD.
func Scalar(s string) string {
	if plain(s) {
		return s
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return Escape(strings.TrimSuffix(out.String(), "\n"), func(r rune, _ int) string { return fmt.Sprintf(`\U%08x`, r) })
}

// plain reports whether a text needs no quotes: it starts with a letter, contains no
// character that is special in YAML, and is not a word that YAML reads as a value. It
// is a loop because a lock has tens of thousands of scalars.
func plain(s string) bool {
	s, isDigest := strings.CutPrefix(s, "sha256:")
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9'
		if !letter && (i == 0 && (!digit || !isDigest) || !digit && !strings.ContainsRune("_./@+-", rune(c))) {
			return false
		}
	}
	switch len(s) {
	case 0:
		return false
	case 1, 2, 3, 4, 5:
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
			return false
		}
	}
	return true
}
