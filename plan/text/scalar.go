package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Scalar writes a text as a YAML scalar that reads back as that text: plain if
// YAML takes it for nothing else, else in double quotes. JSON's quotes are
// YAML's. A byte that is not UTF-8, which YAML cannot hold, becomes U+FFFD.
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

// plain reports whether a text needs no quotes: it begins with a letter, holds
// nothing that YAML reads as a mark, and is none of the words that YAML reads
// as values. A lock has tens of thousands of scalars.
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
