package diag

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

// A line that may hold a secret is never shown: neither a line that names one, nor
// the lines indented under it. secretWords are the names.
const secretWords = `pass(?:word|wd|phrase)?|pwd|pw|secrets?|tokens?|api[_-]?key|access[_-]?key(?:[_-]?id|[_-]?secret)?|` +
	`private[_-]?key|secret[_-]?(?:key|id)|credentials?|sk|ak|auth(?:orization)?|bearer|cookie|signature|` +
	`connection[_-]?string|dsn|pin|passcode|userinfo|[a-z]+[_-]?key|密码|密钥|口令`

var (
	// secretLine matches a key that names a secret, or a value that is one.
	secretLine = pattern.New(`(?i)(?:^|[^a-z0-9])(?:[a-z0-9_.-]*[_.-])?(?:` + secretWords + `)["']?\s*(?:[:=]|$)` +
		`|[a-z](?:Password|Passwd|Secret|Token|Key(?:Id|Secret)?|Pass|Pwd)["']?\s*[:=]` +
		`|password|passwd|secret|accesskey|apikey|privatekey|credentials|!vault|\$ANSIBLE_VAULT|sasl|jaas|bearer |-----BEGIN|#.*(?:` + secretWords +
		`)(?:[^a-z0-9]|$)|://.*@|:[^\s/@"']+@[A-Za-z0-9.\[]` +
		`|\b(?:AKIA|ASIA|LTAI|AKID)[0-9a-z]{12,}|\b(?:gh[opsu]|glpat|xox[abp])[_-][0-9a-z_-]{16,}|\beyJ[0-9a-z_-]{10,}|hooks\.slack\.com`)
	secretKey = pattern.New(`(?i)password|passwd|passphrase|secret|token|access_?-?key` +
		`|api_?-?key|private_?-?key|credential|(?:^|[_.-])(?:pass|pwd|pw|sk|ak)(?:$|[_.:=-])`)
	// secretPair is a key and a value without a space between them: password:S.
	secretPair = pattern.New(`(?i)((?:` + secretWords + `)["']?\s*[:=]).*`)
)

// secretShape matches a value that is a credential, whatever it is called.
var secretShape = pattern.New(`(?i:\bbearer +\S)|-----BEGIN|://[^/\s]*@|\$ANSIBLE_VAULT` +
	`|\b(?:AKIA|ASIA|LTAI|AKID)[0-9A-Za-z]{12,}|\b(?i:gh[opsu]|glpat|xox[abp])[_-][0-9A-Za-z_-]{16,}|\beyJ[0-9A-Za-z_-]{10,}|hooks\.slack\.com`)

// SecretShape reports whether a value has the shape of a credential. Such a value is
// never shown.
func SecretShape(value string) bool { return secretShape.MatchString(value) }

// SecretName reports whether a value with this name may be a secret.
func SecretName(name string) bool { return secretKey.MatchString(name) }

// secretLines returns, line by line, whether a line may hold a secret.
func secretLines(lines []string) []bool {
	out := make([]bool, len(lines))
	under := -1 // the indent of the line that names a secret, while its block lasts
	open := openValue{}
	names := make([]bool, len(lines))
	for i, l := range lines {
		names[i] = secretLine.MatchString(l)
	}
	repeated := repeatedSecrets(lines, names)
	for i, l := range lines {
		if open.continues(l) {
			out[i] = true
			continue
		}
		trimmed := strings.TrimLeft(l, " \t")
		indent := len(l) - len(trimmed)
		blank := strings.TrimSpace(trimmed) == ""
		if under >= 0 && !blank && (indent < under || indent == under && !strings.HasPrefix(trimmed, "- ") && trimmed != "-") {
			under = -1
		}
		if names[i] || slices.ContainsFunc(anchored.FindAllStringSubmatch(l, -1), func(a []string) bool { return repeated[a[1]] }) {
			out[i] = true
			open = valueOf(l)
			if under < 0 {
				under = indent + len(trimmed) - len(strings.TrimLeft(trimmed, "- "))
			}
		}
		out[i] = out[i] || under >= 0
	}
	return out
}

var (
	anchored = pattern.New(`&([^\s,\[\]{}]+)`)
	aliased  = pattern.New(`\*([^\s,\[\]{}]+)`)
)

// repeatedSecrets returns the anchors that are used on a line that names a secret. names has, for each line, whether it names a secret.
func repeatedSecrets(lines []string, names []bool) map[string]bool {
	var out map[string]bool
	for i, l := range lines {
		above := i > 0 && strings.HasSuffix(strings.TrimSpace(lines[i-1]), ":") && names[i-1]
		if !above && !names[i] {
			continue
		}
		for _, a := range aliased.FindAllStringSubmatch(l, -1) {
			if out == nil {
				out = map[string]bool{}
			}
			out[a[1]] = true
		}
	}
	return out
}

// valueWord is a word of a line; a key's ends with a colon.
var valueWord = pattern.New(`[^\s,\[\]{}"'!&*$<>|%@\x60=:]+:?`)

// mechanism has the values next to secrets that are not secrets.
var mechanism = pattern.New(`mechanism:\s*[A-Z0-9_-]+|protocol:\s*(?:SASL_)?(?:SSL|PLAINTEXT)\b`)

// withoutValues removes from a message the values of a line that must not be shown:
// the words after its first colon that are not keys.
func withoutValues(message, line string) string {
	_, value, _ := strings.Cut(mechanism.ReplaceAllString(line, ""), ":")
	for _, word := range valueWord.FindAllString(value, -1) {
		if len(word) >= 6 && !strings.HasSuffix(word, ":") {
			message = strings.ReplaceAll(message, word, "…")
		}
	}
	return message
}

// An openValue is a value that continues on the next line, at any indentation.
type openValue struct {
	quote byte // of an unclosed quote, or 0
	depth int  // of unclosed brackets
}

// valueOf returns what a line leaves open after its first colon.
func valueOf(line string) openValue {
	_, value, _ := strings.Cut(line, ":")
	o := openValue{}
	o.read(value)
	return o
}

func (o *openValue) continues(line string) bool {
	if o.quote == 0 && o.depth <= 0 {
		return false
	}
	o.read(line)
	return true
}

func (o *openValue) read(line string) {
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case o.quote != 0:
			if c == '\\' && o.quote == '"' {
				i++
			} else if c == o.quote {
				o.quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" \t[{,:", line[i-1]) >= 0):
			o.quote = c
		case c == '[' || c == '{':
			o.depth++
		case c == ']' || c == '}':
			o.depth--
		}
	}
}

// Hides reports whether line number n must not be shown.
func (t *Source) Hides(n int) bool {
	if t.secret == nil {
		t.secret = secretLines(t.Lines)
	}
	return n < 1 || n > len(t.secret) || t.secret[n-1]
}

// HidesNear also checks the lines around n: in an invalid text, a value may extend
// further than it seems.
func (t *Source) HidesNear(n int) bool {
	const reach = 3
	for i := max(n-reach, 1); i <= min(n+reach, len(t.Lines)); i++ {
		if t.Hides(i) {
			return true
		}
	}
	return n < 1 || n > len(t.Lines)
}

// MaskSecret returns a key for a message, without a secret that it may contain.
func MaskSecret(key string) string { return secretPair.ReplaceAllString(key, "$1…") }
