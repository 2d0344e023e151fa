package enospipelinefake

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"time"
)

// The codes of the gateway and its token service.
const (
	repeated          = 1001
	noSuchApp         = 1002
	encryptionInvalid = 1003
	parameterInvalid  = 1004
	parameterEmpty    = 1202
	tokenExpired      = 1203
	refreshFailed     = 1204
)

// messages are the descriptions of the codes in the manual.
var messages = map[int]string{
	repeated:          "Repeated requests with duplicated encryption",
	noSuchApp:         "appKey does not exist",
	encryptionInvalid: "The encryption is not valid",
	parameterInvalid:  "Invalid parameter",
	parameterEmpty:    "Parameter is empty",
	tokenExpired:      "Access token has expired",
	refreshFailed:     "Failed to refresh access token",
}

// mostSkew is the largest clock skew of a client. Invented: the manual requires the
// current time without a tolerance.
const mostSkew = 15 * time.Minute

// checkSignature returns the code with which the gateway refuses a signed request,
// or 0. The caller holds the lock.
func (f *Fake) checkSignature(r *http.Request, body []byte) int {
	token, stamp, given := r.Header.Get("apim-accesstoken"), r.Header.Get("apim-timestamp"), r.Header.Get("apim-signature")
	switch {
	case token == "" || stamp == "" || given == "":
		return parameterEmpty
	case !f.inTime(stamp):
		return parameterInvalid
	case token != f.tokens.value || !f.options.Now().Before(f.tokens.ends):
		return tokenExpired
	case sign(token, paramsData(r.URL.RawQuery, body), stamp, Secret) != given:
		return encryptionInvalid
	}
	return 0
}

func (f *Fake) inTime(stamp string) bool {
	ms, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && f.options.Now().Sub(time.UnixMilli(ms)).Abs() <= mostSkew
}

// paramsData is the query, decoded and sorted by name, followed by the body.
func paramsData(rawQuery string, body []byte) string {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return "" // a query that cannot be parsed has no valid signature
	}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	sort.Strings(names)
	data := ""
	for _, name := range names {
		for _, value := range query[name] {
			data += name + value
		}
	}
	return data + string(body)
}

// sign is apim-signature.
func sign(token, params, stamp, secret string) string { return sha(token + params + stamp + secret) }

// encrypt is the encryption of a token request.
func encrypt(appKey, stamp, secret string) string { return sha(appKey + stamp + secret) }

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
