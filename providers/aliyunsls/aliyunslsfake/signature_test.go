package aliyunslsfake_test

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sls "github.com/aliyun/aliyun-log-go-sdk"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
)

const reset = "/logstores/access-log/consumergroups/access-log-etl?type=checkpoint&consumer=&forceSuccess=true"

// TestASignatureCoversTheRequest signs a reset with the vendor's Go SDK and then
// changes it.
func TestASignatureCoversTheRequest(t *testing.T) {
	schemes := map[string]sls.Signer{
		"v1": sls.NewSignerV1(aliyunslsfake.AccessKey, aliyunslsfake.Secret),
		"v4": sls.NewSignerV4(aliyunslsfake.AccessKey, aliyunslsfake.Secret, "cn-hangzhou"),
	}
	const body = `{"shard": 0, "checkpoint": "MQ=="}`
	for name, c := range map[string]struct {
		change func(*http.Request)
		body   string
		code   string // "" = applied
	}{
		"nothing": {func(*http.Request) {}, body, ""},
		"the body": {func(r *http.Request) { digest(r, `{"shard": 1, "checkpoint": "MQ=="}`) },
			`{"shard": 1, "checkpoint": "MQ=="}`, "SignatureNotMatch"},
		"the body, not its digest": {func(*http.Request) {}, `{"shard": 1, "checkpoint": "MQ=="}`, "ParameterInvalid"},
		"the query":                {func(r *http.Request) { r.URL.RawQuery += "&x=1" }, body, "SignatureNotMatch"},
		"the path":                 {func(r *http.Request) { r.URL.Path = strings.ReplaceAll(r.URL.Path, "etl", "elt") }, body, "SignatureNotMatch"},
		"a signed header":          {func(r *http.Request) { r.Header.Set("x-log-bodyrawsize", "7") }, body, "SignatureNotMatch"},
		"an unsigned header":       {func(r *http.Request) { r.Header.Set("User-Agent", "proxy") }, body, ""},
		"a metadata header":        {func(r *http.Request) { r.Header.Set("x-log-meta-client", "proxy") }, body, ""},
		"no signature":             {func(r *http.Request) { r.Header.Del("Authorization") }, body, "Unauthorized"},
	} {
		for scheme, signer := range schemes {
			t.Run(scheme+" "+name, func(t *testing.T) {
				f, err := aliyunslsfake.New(aliyunslsfake.Options{Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				r := signed(t, signer, scheme, body)
				c.change(r)
				r.Body = http.NoBody
				sent := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(c.body))
				sent.Header, sent.Host = r.Header, r.Host
				w := httptest.NewRecorder()
				f.ServeHTTP(w, sent)
				want := c.code
				if scheme == "v4" && want == "ParameterInvalid" {
					want = "SignatureNotMatch" // there the body itself is signed
				}
				if done := w.Code == http.StatusOK; done != (want == "") || !strings.Contains(w.Body.String(), want) {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
			})
		}
	}
}

// signed returns a signed reset.
func signed(t *testing.T, s sls.Signer, scheme, body string) *http.Request {
	t.Helper()
	headers := map[string]string{"Host": "sandbox.example", "x-log-apiversion": "0.6.0", "x-log-bodyrawsize": "0", "Content-Type": "application/json"}
	if scheme == "v4" {
		headers["x-log-date"] = time.Now().UTC().Format("20060102T150405Z")
	} else {
		headers["Date"] = time.Now().UTC().Format(http.TimeFormat)
	}
	if err := s.Sign(http.MethodPost, reset, headers, []byte(body)); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, reset, nil)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	r.Header.Del("Host")
	r.Host = "sandbox.example"
	return r
}

// digest sets the digest of a changed body.
func digest(r *http.Request, body string) {
	if r.Header.Get("Content-MD5") != "" {
		r.Header.Set("Content-MD5", fmt.Sprintf("%X", md5.Sum([]byte(body))))
	}
}
