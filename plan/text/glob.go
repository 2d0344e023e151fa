package text

import "strings"

// IsGlob reports whether a name is a pattern.
func IsGlob(s string) bool { return strings.ContainsAny(s, "*?") }

// Match reports whether a name matches a glob, in which * is any run of
// characters and ? is any one; every other character is itself.
func Match(glob, name string) bool {
	g, n := []rune(glob), []rune(name)
	star, mark := -1, 0 // the last *, and how much of the name it takes so far
	i, j := 0, 0
	for j < len(n) {
		switch {
		case i < len(g) && g[i] == '*':
			star, mark = i, j
			i++
		case i < len(g) && (g[i] == '?' || g[i] == n[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(g) && g[i] == '*' {
		i++
	}
	return i == len(g)
}
