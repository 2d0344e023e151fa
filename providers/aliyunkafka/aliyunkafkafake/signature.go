package aliyunkafkafake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A call is one request as its client signed it.
type call struct {
	http   *http.Request
	body   []byte
	params url.Values // of the query and the form together
}

// mostBody is the most bytes of a request that are read.
const mostBody = 1 << 20

// read reads a request and leaves its body readable.
func read(r *http.Request) (*call, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBody))
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := &call{http: r, body: body, params: r.URL.Query()}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		for k, v := range form {
			c.params[k] = append(c.params[k], v...)
		}
	}
	return c, nil
}

// modern reports whether the request is signed with ACS3-HMAC-SHA256, whose
// common parameters are headers.
func (c *call) modern() bool { return strings.HasPrefix(c.http.Header.Get("Authorization"), acs3) }

// common returns a common parameter; the two kinds of signature have them in
// different places.
func (c *call) common(parameter, header string) string {
	if c.modern() {
		return c.http.Header.Get(header)
	}
	return c.params.Get(parameter)
}

// skew is the largest allowed difference between a request's time and the service's.
const skew = 15 * time.Minute

// verify returns why a request's signature is refused, or nil. Each nonce is accepted
// once.
func (f *Fake) verify(c *call) *refusal {
	key, signature := c.params.Get("AccessKeyId"), c.params.Get("Signature")
	var names []string
	if c.modern() {
		key, names, signature = authorization(c.http.Header.Get("Authorization"))
	}
	at, err := time.Parse(time.RFC3339, c.common("Timestamp", "x-acs-date"))
	switch {
	case key == "" || signature == "":
		return &refusal{status: 400, code: "IncompleteSignature", message: "The request signature does not conform to Aliyun standards."}
	case err != nil:
		return &refusal{status: 400, code: "InvalidTimeStamp.Format", message: "Specified time stamp or date value is not well formatted."}
	case f.now().Sub(at).Abs() > skew:
		return &refusal{status: 400, code: "InvalidTimeStamp.Expired", message: "Specified time stamp or date value is expired."}
	}
	secret, tokens, refused := f.account(key)
	if refused != nil {
		return refused
	}
	text, want := c.signedByHMACSHA1(secret)
	if c.modern() {
		text, want = c.signedByACS3(secret, names)
	}
	if !hmac.Equal([]byte(want), []byte(signature)) {
		// The vendor's Python SDK splits this message at its only colon.
		return &refusal{status: 400, code: "SignatureDoesNotMatch",
			message: "Specified signature is not matched with our calculation. server string to sign is:" + text}
	}
	if !slices.Contains(tokens, c.common("SecurityToken", "x-acs-security-token")) {
		return &refusal{status: 400, code: "InvalidSecurityToken.Expired", message: "Specified SecurityToken is expired."}
	}
	return f.once(c.common("SignatureNonce", "x-acs-signature-nonce"))
}

// account returns a key's secret and the tokens that it may come with.
func (f *Fake) account(key string) (secret string, tokens []string, refused *refusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case key == AccessKey:
		return Secret, []string{"", Token}, nil
	case key != "" && key == f.issued.id:
		return f.issued.secret, []string{f.issued.token}, nil
	}
	return "", nil, &refusal{status: 404, code: "InvalidAccessKeyId.NotFound", message: "Specified access key is not found."}
}

// Issue makes a temporary key valid, and ends the validity of the one before.
func (f *Fake) Issue(id, secret, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued = temporary{id, secret, token}
}

// temporary is a key that is valid for a while.
type temporary struct{ id, secret, token string }

func (f *Fake) once(nonce string) *refusal {
	f.mu.Lock()
	defer f.mu.Unlock()
	if nonce == "" || f.nonces[nonce] {
		return &refusal{status: 400, code: "SignatureNonceUsed", message: "Specified signature nonce was used already."}
	}
	f.nonces[nonce] = true
	return nil
}

// signedByHMACSHA1 returns the string that signature 1.0 signs, and the
// signature it must have.
func (c *call) signedByHMACSHA1(secret string) (text, signature string) {
	all := url.Values{}
	for k, v := range c.params {
		if k != "Signature" {
			all[k] = v
		}
	}
	text = c.http.Method + "&%2F&" + escape(canonical(all))
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(text))
	return text, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

const acs3 = "ACS3-HMAC-SHA256"

// signedByACS3 does the same for the newer signature, over the headers that the
// client lists.
func (c *call) signedByACS3(secret string, names []string) (text, signature string) {
	r := c.http
	lines := []string{r.Method, r.URL.EscapedPath(), canonical(r.URL.Query())}
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		lines = append(lines, name+":"+strings.TrimSpace(value))
	}
	hash := sha256.Sum256(c.body)
	lines = append(lines, "", strings.Join(names, ";"), hex.EncodeToString(hash[:]))
	digest := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	text = acs3 + "\n" + hex.EncodeToString(digest[:])
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text, hex.EncodeToString(mac.Sum(nil))
}

// authorization reads "ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…".
func authorization(header string) (key string, names []string, signature string) {
	fields := map[string]string{}
	for field := range strings.SplitSeq(strings.TrimPrefix(header, acs3), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	return fields["Credential"], strings.Split(fields["SignedHeaders"], ";"), fields["Signature"]
}

// canonical writes parameters sorted and escaped by RFC 3986.
func canonical(v url.Values) string {
	var pairs []string
	for name, values := range v {
		for _, value := range values {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
