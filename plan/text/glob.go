package text

import (
	"strings"
	"unicode/utf8"
)

// IsGlob reports whether a name in a list of names and globs is a glob: it contains *
// or ?. Every other character is literal, including [ and \.
func IsGlob(s string) bool { return strings.ContainsAny(s, "*?") }

// Match reports whether a name matches a pattern, in which * matches any number of
// characters, including none and including slashes, and ? matches exactly one. Its
// time is bounded by the product of both lengths.
func Match(pattern, name string) bool {
	p, n := 0, 0
	star, from := -1, 0 // the last * and the end of what it matches so far
	for n < len(name) {
		_, size := utf8.DecodeRuneInString(name[n:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			p, n = p+1, n+size
		case strings.HasPrefix(pattern[p:], name[n:n+size]):
			p, n = p+size, n+size
		case star < 0:
			return false
		default: // the last * matches one character more
			_, size = utf8.DecodeRuneInString(name[from:])
			from += size
			p, n = star+1, from
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
