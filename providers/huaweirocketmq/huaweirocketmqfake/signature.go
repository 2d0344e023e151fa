package huaweirocketmqfake

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm  = "SDK-HMAC-SHA256"
	dateFormat = "20060102T150405Z"
	mostSkew   = 15 * time.Minute
)

// A key is a secret and, if it is temporary, its token.
type key struct {
	secret, token string
	until         time.Time
}

// Issue creates a temporary access key with its secret and security token.
func (f *Fake) Issue(until time.Time) (access, secret, token string) {
	access, secret, token = "sandbox-temporary-ak", "sandbox-temporary-sk", "sandbox-security-token"
	f.Accept(access, secret, token, until)
	return access, secret, token
}

// Accept adds a temporary access key.
func (f *Fake) Accept(access, secret, token string, until time.Time) {
	f.locked(func() { f.keys[access] = key{secret, token, until} })
}

// AcceptToken adds a token of IAM, which a request carries instead of a signature.
func (f *Fake) AcceptToken(token string, until time.Time) {
	f.locked(func() { f.tokens[token] = until })
}

// Revoke removes an access key.
func (f *Fake) Revoke(access string) { f.locked(func() { delete(f.keys, access) }) }

// authenticate checks a request's signature as the gateway does: over the headers that
// the request lists as signed, its path with a slash at the end, and its body.
func (f *Fake) authenticate(r *http.Request) *refusal {
	if token := r.Header.Get("X-Auth-Token"); token != "" {
		return f.identify(token)
	}
	given, signed, ok := parseAuthorization(r.Header.Get("Authorization"))
	if !ok {
		return unauthorized("authorization header is missing or not of " + algorithm)
	}
	date, err := time.Parse(dateFormat, r.Header.Get("X-Sdk-Date"))
	if err != nil || !slices.Contains(signed, "x-sdk-date") {
		return unauthorized("X-Sdk-Date is missing, malformed or not signed")
	}
	if now := f.options.Now(); now.Sub(date).Abs() > mostSkew {
		return unauthorized("the signature has expired: X-Sdk-Date " + date.Format(dateFormat) + " is not within 15 minutes of " +
			now.UTC().Format(dateFormat))
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return unauthorized("the body is truncated")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	k, known := f.keys[given.access]
	f.mu.Unlock()
	switch {
	case !known:
		return unauthorized("app key " + given.access + " is not found")
	case !hmac.Equal([]byte(signature(k.secret, r, signed, body)), []byte(given.signature)):
		return unauthorized("verify aksk signature fail")
	case k.token != r.Header.Get("X-Security-Token"):
		return unauthorized("the security token is missing or wrong")
	case k.token != "" && f.options.Now().After(k.until):
		return &refusal{http.StatusUnauthorized, codeExpiredToken, "Expired token."}
	}
	return nil
}

// identify checks a token of IAM.
func (f *Fake) identify(token string) *refusal {
	f.mu.Lock()
	until, known := f.tokens[token]
	f.mu.Unlock()
	switch {
	case !known:
		return &refusal{http.StatusUnauthorized, codeInvalidToken, "Invalid token."}
	case f.options.Now().After(until):
		return &refusal{http.StatusUnauthorized, codeExpiredToken, "Expired token."}
	}
	return nil
}

func unauthorized(why string) *refusal {
	return &refusal{http.StatusUnauthorized, codeSignature, "Incorrect IAM authentication information: " + why}
}

type authorization struct{ access, signature string }

func parseAuthorization(header string) (a authorization, signed []string, ok bool) {
	fields, ok := strings.CutPrefix(header, algorithm+" ")
	for _, field := range strings.Split(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Access":
			a.access = value
		case "SignedHeaders":
			signed = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		}
	}
	return a, signed, ok && a.access != "" && a.signature != "" && len(signed) > 0
}

func signature(secret string, r *http.Request, signed []string, body []byte) string {
	payload := sum(body)
	if r.Header.Get("X-Sdk-Content-Sha256") == "UNSIGNED-PAYLOAD" {
		payload = "UNSIGNED-PAYLOAD"
	}
	canonical := strings.Join([]string{r.Method, canonicalPath(r.URL.Path), canonicalQuery(r.URL.Query()), canonicalHeaders(r, signed),
		strings.Join(signed, ";"), payload}, "\n")
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(algorithm + "\n" + r.Header.Get("X-Sdk-Date") + "\n" + sum([]byte(canonical))))
	return hex.EncodeToString(mac.Sum(nil))
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func canonicalPath(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = escape(s)
	}
	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

func canonicalQuery(q url.Values) string {
	var out []string
	for _, name := range names(q) {
		for _, value := range slices.Sorted(slices.Values(q[name])) {
			out = append(out, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(out, "&")
}

func canonicalHeaders(r *http.Request, signed []string) string {
	var out strings.Builder
	for _, name := range signed {
		values := slices.Sorted(slices.Values(r.Header.Values(name)))
		if strings.EqualFold(name, "Host") {
			values = []string{cmp.Or(r.Host, r.URL.Host)}
		}
		for _, v := range values {
			out.WriteString(name + ":" + strings.TrimSpace(v) + "\n")
		}
	}
	return out.String()
}

// escape is RFC 3986's: only letters, digits and -._~ stay.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
