package httpcall

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Services repeat what was wrong with a request: the key's id, the signature,
// the text that was signed. Nothing of that may be shown, and nothing is known
// of it before the request is signed.

// carriers are the headers and the parts of a query that hold a credential, in
// words that any of the vendors uses.
var carriers = regexp.MustCompile(`(?i)signature|token|authorization|access-?key|secret|credential`)

// noteSigned notes what a request carries.
func (c *Call) noteSigned(r *http.Request) {
	for name, values := range r.Header {
		if carriers.MatchString(name) {
			for _, v := range values {
				c.note(v)
			}
		}
	}
	for name, values := range r.URL.Query() {
		if carriers.MatchString(name) {
			for _, v := range values {
				c.note(v)
			}
		}
	}
}

// note notes a value, and the long words in it: a scheme, the name of a hash or
// a list of headers is none.
func (c *Call) note(value string) {
	const shortest = 16
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ,;:", r) }) {
		if _, v, _ := strings.Cut(word, "="); strings.Trim(v, "=") != "" {
			word = v // Signature=…
		}
		if len(word) >= shortest && strings.ContainsAny(word, "0123456789+/=") && !strings.Contains(word, "HMAC") {
			c.signed.Add(word)
			c.words = append(c.words, word)
		}
	}
}

// noteRepeated notes, for good, what the request carried if the answer repeats
// it: its decoded values then may hold it, and are shown when the call is long
// over.
func (c *Call) noteRepeated() {
	if len(c.words) == 0 {
		return
	}
	text := string(c.Body)
	if strings.Contains(text, `\`) {
		text += " " + unescaped(text)
	}
	if c.signed.Hide(text) != text {
		c.client.secrets.Add(c.words...)
	}
}

// unescaped returns a JSON text with the escapes in its strings resolved.
func unescaped(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		var s string
		if json.Unmarshal([]byte(`"`+e+`"`), &s) != nil {
			return e
		}
		return s
	})
}

var escape = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])`)

// What a service shows of signing that this process does not know to the
// letter: the signature that it would have taken, and the text that it signed.
var (
	textToSign = regexp.MustCompile(`(?i)((?:string|text)[ -]?to[ -]?sign(?: is)?[ :=]*)\S+(?: \S*[%&=]\S*)*`)
	signature  = regexp.MustCompile(`(?i)(signature["' :=]+)[A-Za-z0-9+/%_-]{20,}={0,2}`)
)

// hide returns a text without any credential.
func (c *Call) hide(text string) string {
	text = c.client.secrets.Hide(c.signed.Hide(text))
	text = textToSign.ReplaceAllString(text, "${1}"+providers.Hidden)
	return signature.ReplaceAllString(text, "${1}"+providers.Hidden)
}

func (c *Call) hideError(err error) error { return c.client.secrets.HideError(c.signed.HideError(err)) }
