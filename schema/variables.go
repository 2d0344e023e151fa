package schema

import (
	"regexp"
	"strings"
)

const (
	notAVariable   = "expected the name of an environment variable, not its value"
	variableRemedy = "write the variable's name, such as PROD_SK; rotate the secret if it was shared"
)

var mixedCase = regexp.MustCompile(`[a-z].*[A-Z]|[A-Z].*[a-z]`)

// looksLikeCredential reports whether a value that could be the name of a variable
// looks like a key or a token: it is long, and has digits or mixed case where
// people write words and underscores.
func looksLikeCredential(name string) bool {
	digits, mixed, words := strings.ContainsAny(name, "0123456789"), mixedCase.MatchString(name), strings.Contains(name, "_")
	return len(name) >= 12 && digits && mixed || len(name) >= 16 && digits && !words || len(name) >= 20 && mixed && !words
}

// variables refuses values under credentials.env and sasl.env that look like
// credentials: a later error would show them as names of variables.
func (b *builder) variables(env map[string]any, at string) {
	for _, key := range sortedKeys(env) {
		if looksLikeCredential(scalar(env[key])) {
			b.fault(at+"."+key, false, notAVariable, variableRemedy)
			b.faults[len(b.faults)-1].secret = true
		}
	}
}
