package httpcall

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// Services repeat parts of a refused request: the key's id, the signature, the
// text that was signed. None of these may be shown, and they are known only after
// the request is signed.

// credentialName matches the names of headers and query parameters that hold a
// credential, for all vendors.
var credentialName = regexp.MustCompile(`(?i)signature|token|authorization|access-?key|secret|credential`)

// noteSigned notes the credentials in a request.
func (c *Call) noteSigned(r *http.Request) {
	for name, values := range r.Header {
		if credentialName.MatchString(name) {
			for _, v := range values {
				c.note(v)
			}
		}
	}
	for name, values := range r.URL.Query() {
		if credentialName.MatchString(name) {
			for _, v := range values {
				c.note(v)
			}
		}
	}
}

// note notes the long words of a value as credentials, except the name of a
// scheme, the name of a hash or a list of headers.
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

// noteRepeated notes the request's credentials permanently if the response repeats
// them: values decoded from it may hold them, and are shown long after the call.
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

// What a service may show of signing, and this process does not know exactly: the
// signature that the service expected, and the text that it signed.
var (
	textToSign = regexp.MustCompile(`(?i)((?:string|text)[ -]?to[ -]?sign(?: is)?[ :=]*)\S+(?: \S*[%&=]\S*)*`)
	signature  = regexp.MustCompile(`(?i)(signature["' :=]+)[A-Za-z0-9+/%_-]{20,}={0,2}`)
)

// hide returns a text with its credentials replaced.
func (c *Call) hide(text string) string {
	text = c.client.secrets.Hide(c.signed.Hide(text))
	text = textToSign.ReplaceAllString(text, "${1}"+providers.Hidden)
	return signature.ReplaceAllString(text, "${1}"+providers.Hidden)
}

func (c *Call) hideError(err error) error { return c.client.secrets.HideError(c.signed.HideError(err)) }
