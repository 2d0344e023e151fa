package aliyunslsfake

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // the vendor's scheme
	"crypto/sha1" //nolint:gosec // the vendor's scheme
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// skew is the largest allowed difference between a request's time and the service's.
const skew = 15 * time.Minute

// verify refuses a request that is not signed with the known key, by the first scheme
// ("LOG key:signature") or the fourth ("SLS4-HMAC-SHA256"). The signed text uses the
// Host as received: some clients leave its port out.
func (f *Fake) verify(r *http.Request, body []byte) *refusal {
	if r.Header.Get("X-Log-Apiversion") == "" {
		return invalid("MissingAPIVersion", "x-log-apiversion does not exist in http header.")
	}
	var refused *refusal
	if rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "SLS4-HMAC-SHA256 "); ok {
		refused = f.verify4(r, body, rest)
	} else if rest, ok := strings.CutPrefix(r.Header.Get("Authorization"), "LOG "); ok {
		refused = f.verify1(r, body, rest)
	} else {
		refused = unauthorized("Authorization header is missing or of an unknown scheme.")
	}
	if refused != nil {
		return refused
	}
	switch r.Header.Get("X-Acs-Security-Token") {
	case "", SecurityToken:
		return nil
	case ExpiredToken:
		return unauthorized("The security token you provided has expired.")
	}
	return unauthorized("The security token you provided is invalid.")
}

func (f *Fake) verify1(r *http.Request, body []byte, rest string) *refusal {
	key, given, _ := strings.Cut(rest, ":")
	date := r.Header.Get("Date")
	if date == "" {
		date = r.Header.Get("X-Log-Date") // for proxies that drop the other
	}
	if refused := f.timely(http.ParseTime(date)); refused != nil {
		return refused
	}
	method, known := map[string]func() hash.Hash{"hmac-sha1": sha1.New, "hmac-sha256": sha256.New}[r.Header.Get("X-Log-Signaturemethod")]
	if !known {
		return invalid("InvalidSignatureMethod", "signature method "+r.Header.Get("X-Log-Signaturemethod")+" is unsupported.")
	}
	if sum := r.Header.Get("Content-Md5"); sum != "" && !strings.EqualFold(sum, fmt.Sprintf("%x", md5.Sum(body))) { //nolint:gosec // the vendor's scheme
		return invalid("ParameterInvalid", "Content-MD5 is not the digest of the body.")
	}
	// Clients that send x-log-date add it after signing.
	signed, _ := signedHeaders(r, func(name string) bool { return vendors(name) && name != "x-log-date" })
	text := strings.Join([]string{r.Method, r.Header.Get("Content-Md5"), r.Header.Get("Content-Type"), date, strings.TrimSuffix(signed, "\n"),
		resource(r.URL)}, "\n")
	return same(key, given, base64.StdEncoding.EncodeToString(mac(method, []byte(Secret), text)))
}

// resource returns the path and the sorted query, both unescaped.
func resource(u *url.URL) string {
	query := u.Query()
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		pairs = append(pairs, name+"="+query.Get(name))
	}
	if pairs == nil {
		return u.Path
	}
	return u.Path + "?" + strings.Join(pairs, "&")
}

func (f *Fake) verify4(r *http.Request, body []byte, rest string) *refusal {
	credential, given, _ := strings.Cut(strings.TrimPrefix(rest, "Credential="), ",Signature=")
	key, scope, _ := strings.Cut(credential, "/")
	date := r.Header.Get("X-Log-Date")
	if refused := f.timely(time.Parse("20060102T150405Z", date)); refused != nil {
		return refused
	}
	parts := strings.Split(scope, "/") // date, region, product, "aliyun_v4_request"
	if len(parts) != 4 || parts[0] != date[:8] || parts[2] != "sls" || parts[3] != "aliyun_v4_request" {
		return mismatch(given)
	}
	digest := sha256.Sum256(body)
	headers, names := signedHeaders(r, func(name string) bool { return vendors(name) || name == "content-type" || name == "host" })
	canonical := strings.Join([]string{r.Method, r.URL.Path, escaped(r.URL.Query()), headers, names, hex.EncodeToString(digest[:])}, "\n")
	hashed := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"SLS4-HMAC-SHA256", date, scope, hex.EncodeToString(hashed[:])}, "\n")
	secret := []byte("aliyun_v4" + Secret)
	for _, part := range parts {
		secret = mac(sha256.New, secret, part)
	}
	return same(key, given, hex.EncodeToString(mac(sha256.New, secret, text)))
}

// escaped returns the sorted query; a parameter without a value has no "=".
func escaped(query url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		pair := name
		if v := query.Get(name); v != "" {
			pair += "=" + strings.ReplaceAll(url.QueryEscape(v), "+", "%20")
		}
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "&")
}

// vendors reports whether a header is one of the vendor's signed headers.
func vendors(name string) bool {
	return strings.HasPrefix(name, "x-acs-") || strings.HasPrefix(name, "x-log-") && !strings.HasPrefix(name, "x-log-meta-")
}

// signedHeaders returns the signed headers, sorted, one per line, and their names.
func signedHeaders(r *http.Request, isSigned func(name string) bool) (lines, names string) {
	found := map[string]string{}
	if isSigned("host") {
		found["host"] = r.Host
	}
	for name, values := range r.Header {
		if name = strings.ToLower(name); isSigned(name) {
			found[name] = strings.TrimSpace(values[0])
		}
	}
	sorted := slices.Sorted(maps.Keys(found))
	for _, name := range sorted {
		lines += name + ":" + found[name] + "\n"
	}
	return lines, strings.Join(sorted, ";")
}

func (f *Fake) timely(at time.Time, err error) *refusal {
	switch {
	case err != nil:
		return invalid("InvalidRequestTime", "Request time does not follow RFC822 spec.")
	case f.now().Sub(at).Abs() > skew:
		return invalid("RequestTimeExpired", fmt.Sprintf("Request time %s has been expired while server time is %s.",
			at.UTC().Format(time.RFC3339), f.now().UTC().Format(time.RFC3339)))
	}
	return nil
}

func mac(h func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func same(key, given, computed string) *refusal {
	switch {
	case key != AccessKey:
		return unauthorized("AccessKeyId not found: " + key)
	case !hmac.Equal([]byte(given), []byte(computed)):
		return mismatch(given)
	}
	return nil
}

func mismatch(given string) *refusal {
	return &refusal{http.StatusUnauthorized, "SignatureNotMatch", "signature " + given + " not match"}
}

func unauthorized(message string) *refusal {
	return &refusal{http.StatusUnauthorized, "Unauthorized", message}
}

func invalid(code, message string) *refusal {
	return &refusal{http.StatusBadRequest, code, message}
}
