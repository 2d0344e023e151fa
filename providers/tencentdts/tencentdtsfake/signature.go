package tencentdtsfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text/pattern"
)

const (
	algorithm = "TC3-HMAC-SHA256"
	skew      = 5 * time.Minute
)

var authorization = pattern.New(`^` + algorithm + ` Credential=([^/,]+)/(\d{4}-\d\d-\d\d)/([^/,]+)/tc3_request, ` +
	`?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$`)

// verify authenticates a request to one of the vendor's services, as its gateway
// does.
func (f *Fake) verify(r *http.Request, body []byte, to string) *refusal {
	fields := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if fields == nil {
		return &refusal{"AuthFailure.InvalidAuthorization",
			"The request header `Authorization` is invalid: it does not conform to the Tencent Cloud standard."}
	}
	id, date, service, names, signature := fields[1], fields[2], fields[3], strings.Split(fields[4], ";"), fields[5]
	seconds, err := strconv.ParseInt(r.Header.Get("X-TC-Timestamp"), 10, 64)
	if err != nil {
		return &refusal{"InvalidParameter", "The header `X-TC-Timestamp` is not a UNIX timestamp."}
	}
	at := time.Unix(seconds, 0).UTC()
	if off := f.options.Now().Sub(at); off.Abs() > skew {
		return &refusal{"AuthFailure.SignatureExpire",
			fmt.Sprintf("Signature expired: the request was signed %d seconds from the server's time. Please check your local time.", int(off.Seconds()))}
	}
	own, known := f.keyOf(id)
	if !known {
		return &refusal{"AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct."}
	}
	if own.expired || r.Header.Get("X-TC-Token") != own.token {
		return &refusal{"AuthFailure.TokenFailure", "The provided credentials could not be validated because of an invalid or expired token."}
	}
	if !slices.Contains(names, "content-type") || !slices.Contains(names, "host") || date != at.Format(time.DateOnly) || service != to ||
		!hmac.Equal([]byte(signature), []byte(sign(own.secret, date, service, at, canonical(r, names, body)))) {
		return &refusal{"AuthFailure.SignatureFailure", "The provided credentials could not be validated. Please check your signature is correct."}
	}
	return nil
}

// canonical writes the request in the form that is signed, with the values of
// headers in lower case.
func canonical(r *http.Request, names []string, body []byte) string {
	var headers strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.ToLower(strings.TrimSpace(value)) + "\n")
	}
	if unsigned := "UNSIGNED-PAYLOAD"; r.Header.Get("X-TC-Content-SHA256") == unsigned {
		body = []byte(unsigned)
	}
	return strings.Join([]string{r.Method, "/", "", headers.String(), strings.Join(names, ";"), digest(body)}, "\n")
}

func sign(secret, date, service string, at time.Time, request string) string {
	key := []byte("TC3" + secret)
	for _, part := range []string{date, service, "tc3_request"} {
		key = keyed(key, part)
	}
	text := strings.Join([]string{algorithm, strconv.FormatInt(at.Unix(), 10), date + "/" + service + "/tc3_request", digest([]byte(request))}, "\n")
	return hex.EncodeToString(keyed(key, text))
}

func keyed(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
