package httpcall

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/resetplan/resetplan/plan/text/pattern"
	"github.com/resetplan/resetplan/providers"
)

// Services quote parts of a request that they refuse: the key's id, the signature,
// the text that was signed. None of that may be shown, and it is not known before
// the request is signed.

// carriers matches the names of headers and query parameters that hold a
// credential, of all vendors.
var carriers = pattern.New(`(?i)signature|token|authorization|access-?key|secret|credential`)

// noteSigned notes the credentials that a request carries.
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

// note notes the long words in a value as secrets, but not a scheme, the name of a
// hash or a list of headers.
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

// noteRepeated notes the request's secrets permanently if the answer repeats one: its
// decoded values may contain it and may be shown after the call.
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

var escape = pattern.New(`\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])`)

// What a service shows about signing and this process does not know: the signature
// that the service expected, and the text that it signed.
var (
	textToSign = pattern.New(`(?i)((?:string|text)[ -]?to[ -]?sign(?: is)?[ :=]*)\S+(?: \S*[%&=]\S*)*`)
	signature  = pattern.New(`(?i)(signature["' :=]+)[A-Za-z0-9+/%_-]{20,}={0,2}`)
)

// hide returns a text without credentials.
func (c *Call) hide(text string) string {
	text = c.client.secrets.Hide(c.signed.Hide(text))
	text = textToSign.ReplaceAllString(text, "${1}"+providers.Hidden)
	return signature.ReplaceAllString(text, "${1}"+providers.Hidden)
}

func (c *Call) hideError(err error) error { return c.client.secrets.HideError(c.signed.HideError(err)) }
