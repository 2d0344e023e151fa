package tencentdtsfake

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSignature checks the verification with the manual's example, whose
// secret is 32 asterisks: https://cloud.tencent.com/document/api/362/4208
func TestSignature(t *testing.T) {
	body := `{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`
	r, err := http.NewRequest(http.MethodPost, "https://cvm.tencentcloudapi.com/", nil)
	check(t, err)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-TC-Action", "DescribeInstances")
	text := canonical(r, []string{"content-type", "host", "x-tc-action"}, []byte(body))
	const want = "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
	if got := sign(strings.Repeat("*", 32), "2019-02-25", "cvm", time.Unix(1551113065, 0), text); got != want {
		t.Errorf("got %s, want %s, of\n%s", got, want, text)
	}
}

func TestAuthentication(t *testing.T) {
	_, url := start(t, Options{})
	whole := `{"SubscribeId": "` + SeedSubscription + `"}`
	for name, c := range map[string]struct {
		change func(*request)
		code   string
	}{
		"as documented":                      {func(*request) {}, ""},
		"more headers signed, in lower case": {func(q *request) { q.signed = "content-type;host;x-tc-action" }, ""},
		"the payload not signed":             {func(q *request) { q.header["X-TC-Content-SHA256"] = "UNSIGNED-PAYLOAD" }, ""},
		"a clock four minutes late":          {func(q *request) { q.at = q.at.Add(-4 * time.Minute) }, ""},
		"a clock six minutes late":           {func(q *request) { q.at = q.at.Add(-6 * time.Minute) }, "AuthFailure.SignatureExpire"},
		"a clock six minutes ahead":          {func(q *request) { q.at = q.at.Add(6 * time.Minute) }, "AuthFailure.SignatureExpire"},
		"the host not signed":                {func(q *request) { q.signed = "content-type" }, "AuthFailure.SignatureFailure"},
		"a wrong secret":                     {func(q *request) { q.secret = "wrong" }, "AuthFailure.SignatureFailure"},
		"an unknown key":                     {func(q *request) { q.key = "unknown" }, "AuthFailure.SecretIdNotFound"},
		"a permanent key with a token":       {func(q *request) { q.header["X-TC-Token"] = Token }, "AuthFailure.TokenFailure"},
		"a temporary key without its token":  {func(q *request) { q.key, q.secret = TemporaryKey, TemporarySecret }, "AuthFailure.TokenFailure"},
		"an invalid timestamp":               {func(q *request) { q.header["X-TC-Timestamp"] = "now" }, "InvalidParameter"},
		"another version":                    {func(q *request) { q.header["X-TC-Version"] = "2018-03-30" }, "NoSuchVersion"},
		"an action that is never offered":    {func(q *request) { q.action = "ResetSubscribe" }, "InvalidAction"},
		"an unknown field":                   {func(q *request) { q.body = `{"SubscribeId": "x", "Colour": 1}` }, "UnknownParameter"},
		"no subscription":                    {func(q *request) { q.body = `{}` }, "MissingParameter"},
		"another subscription":               {func(q *request) { q.body = `{"SubscribeId": "subs-other"}` }, "ResourceNotFound.ResourceNotFoundError"},
	} {
		q := ask("DescribeSubscribeDetail", whole)
		c.change(&q)
		if _, code := q.send(t, url); code != c.code {
			t.Errorf("%s: got %q, want %q", name, code, c.code)
		}
	}
}

// TestForeignSignatures: a signature of another request is refused.
func TestForeignSignatures(t *testing.T) {
	_, url := start(t, Options{})
	for name, c := range map[string]struct{ header, code string }{
		"nothing":        {"", "AuthFailure.InvalidAuthorization"},
		"another scheme": {"Basic c2FuZGJveA==", "AuthFailure.InvalidAuthorization"},
		"another body":   {replayed(t, url), "AuthFailure.SignatureFailure"},
	} {
		r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{}`))
		check(t, err)
		r.Header.Set("Authorization", c.header)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-TC-Timestamp", strconv.FormatInt(time.Now().Unix(), 10))
		resp, err := http.DefaultClient.Do(r)
		check(t, err)
		raw, err := io.ReadAll(resp.Body)
		check(t, err)
		check(t, resp.Body.Close())
		if !strings.Contains(string(raw), c.code) {
			t.Errorf("%s: got %s", name, raw)
		}
	}
}

// replayed is the authorization of a request with another body.
func replayed(t *testing.T, url string) string {
	t.Helper()
	at := time.Now()
	date := at.UTC().Format(time.DateOnly)
	r, err := http.NewRequest(http.MethodPost, url, nil)
	check(t, err)
	r.Header.Set("Content-Type", "application/json")
	signature := sign(Secret, date, "dts", at, canonical(r, []string{"content-type", "host"}, []byte(`{"SubscribeId": "x"}`)))
	return algorithm + " Credential=" + AccessKey + "/" + date + "/dts/tc3_request, SignedHeaders=content-type;host, Signature=" + signature
}
