package enospipelinefake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSignature checks the signature with the example of the manual's Chinese
// edition; the English edition prints the same digest with another body.
func TestSignature(t *testing.T) {
	body := "{\n  \"count\": 20,\n  \"page\": 1,\n  \"desc\": \"描述\"\n}"
	want := "59828328f6c1f9771015dc74e4929ae30f518a35a3d2353972c2ea46556fc981"
	if got := sign("xxxxaaaxxxx", paramsData("k3=v3&k1=v1&k2=v2", []byte(body)), "1572574909697", "xxxappSecretxxx"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A caller calls the fake without a network.
type caller struct {
	*Fake
	token string
	stamp int64 // the time that requests are signed with, in ms
}

func newCaller(t *testing.T, o Options) *caller {
	t.Helper()
	now := time.Now()
	o.Now = func() time.Time { return now }
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &caller{Fake: f, stamp: now.UnixMilli()}
}

func (c *caller) send(r *http.Request) (answer map[string]any) {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if json.Unmarshal(w.Body.Bytes(), &answer) != nil {
		return map[string]any{"not JSON": w.Body.String()}
	}
	return answer
}

// ask calls the token service; a quote sends the time as a string.
func (c *caller) ask(how, key, secret, quote, token string) map[string]any {
	body := fmt.Sprintf(`{"appKey":%q,"encryption":%q,"timestamp":%s%d%s,"accessToken":%q}`, key, encrypt(key, fmt.Sprint(c.stamp), secret),
		quote, c.stamp, quote, token)
	answer := c.send(httptest.NewRequest(http.MethodPost, tokenService+how, strings.NewReader(body)))
	if data, ok := answer["data"].(map[string]any); ok {
		c.token, _ = data["accessToken"].(string)
	}
	return answer
}

// call makes a signed request; the query is signed as signed gives it.
func (c *caller) call(method, path, query, want, body string) map[string]any {
	r := httptest.NewRequest(method, streaming+path+"?"+query, strings.NewReader(body))
	stamp := fmt.Sprint(c.stamp)
	r.Header.Set("apim-accesstoken", c.token)
	r.Header.Set("apim-timestamp", stamp)
	r.Header.Set("apim-signature", sign(c.token, want+body, stamp, Secret))
	return c.send(r)
}

func TestTheTokenService(t *testing.T) {
	c := newCaller(t, Options{})
	status := func(what string, got map[string]any, want float64) {
		t.Helper()
		if got["status"] != want || got["business"] != "apim-token-service" {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	status("a key that is not known", c.ask("get", "unknown", Secret, "", ""), noSuchApp)
	status("a wrong secret", c.ask("get", AccessKey, "wrong", "", ""), encryptionInvalid)
	status("no key", c.ask("get", "", Secret, "", ""), parameterEmpty)
	status("the first", c.ask("get", AccessKey, Secret, "", ""), 0)
	first := c.token
	status("the first again", c.ask("get", AccessKey, Secret, "", ""), repeated)
	c.stamp++
	if status("the time as text", c.ask("get", AccessKey, Secret, `"`, ""), 0); c.token != first {
		t.Error("a token that is good is not given again")
	}
	c.stamp++
	status("a refresh of another token", c.ask("refresh", AccessKey, Secret, "", "another"), refreshFailed)
	c.stamp++
	if status("a refresh", c.ask("refresh", AccessKey, Secret, "", first), 0); c.token == first {
		t.Error("a refresh gives the same token")
	}
	c.Expire()
	c.stamp++
	status("a refresh too late", c.ask("refresh", AccessKey, Secret, "", c.token), refreshFailed)
	c.stamp += (20 * time.Minute).Milliseconds()
	status("a clock that is off", c.ask("get", AccessKey, Secret, "", ""), parameterInvalid)
}

func TestTheGatewayChecksWhatIsSigned(t *testing.T) {
	c := newCaller(t, Options{})
	c.ask("get", AccessKey, Secret, "", "")
	const list = "ifReleasedtrueorgIdo15sandbox"
	for name, got := range map[string]struct {
		answer map[string]any
		want   float64
	}{
		"as it should be": {c.call(http.MethodGet, "pipelines", "orgId=o15sandbox&ifReleased=true", list, ""), 0},
		"an order of its own": {c.call(http.MethodGet, "pipelines", "orgId=o15sandbox&ifReleased=true", "orgIdo15sandboxifReleasedtrue", ""),
			encryptionInvalid},
		"decoded":                 {c.call(http.MethodGet, "pipelines", "orgId=o15+a%3Ab", "orgIdo15 a:b", ""), 99403},
		"escaped":                 {c.call(http.MethodGet, "pipelines", "orgId=o15+a%3Ab", "orgIdo15+a%3Ab", ""), encryptionInvalid},
		"no organisation":         {c.call(http.MethodGet, "pipelines", "ifReleased=true", "ifReleasedtrue", ""), 99400},
		"an invalid page":         {c.call(http.MethodGet, "pipelines", "orgId=o15sandbox&pageNo=0", "orgIdo15sandboxpageNo0", ""), 61176},
		"nothing that is running": {c.call(http.MethodGet, "pipeline/sandbox-pipeline/offset-lag", "orgId=o15sandbox", "orgIdo15sandbox", ""), 99000},
		"an unknown action": {c.call(http.MethodPost, "pipeline/sandbox-pipeline", "action=resume&orgId=o15sandbox",
			"actionresumeorgIdo15sandbox", ""), 99400},
	} {
		if got.answer["code"] != got.want || got.answer["requestId"] == "" {
			t.Errorf("%s: got %v, want %v", name, got.answer, got.want)
		}
	}
	unsigned := c.send(httptest.NewRequest(http.MethodGet, streaming+"pipelines?orgId=o15sandbox", http.NoBody))
	if unsigned["code"] != float64(parameterEmpty) {
		t.Errorf("without a signature: got %v", unsigned)
	}
	c.token += "x"
	if got := c.call(http.MethodGet, "pipelines", "orgId=o15sandbox", "orgIdo15sandbox", ""); got["code"] != float64(tokenExpired) {
		t.Errorf("with another token: got %v", got)
	}
}

func TestAListHidesReleasedPipelinesUnlessAsked(t *testing.T) {
	c := newCaller(t, Options{})
	c.Add("a-draft", Draft)
	c.ask("get", AccessKey, Secret, "", "")
	for query, want := range map[string][]string{
		"orgId=o15sandbox": {"a-draft"}, "ifReleased=true&orgId=o15sandbox": {Pipeline, Running},
		"ifReleased=true&orgId=o15sandbox&pageNo=2&pageSize=1": {Running}, "ifReleased=true&orgId=o15sandbox&pageNo=3&pageSize=1": {},
	} {
		data := c.call(http.MethodGet, "pipelines", query, strings.NewReplacer("=", "", "&", "").Replace(query), "")["data"].(map[string]any)
		got := []string{}
		for _, p := range data["pipelines"].([]any) {
			got = append(got, p.(map[string]any)["pipelineId"].(string))
		}
		if strings.Join(got, ",") != strings.Join(want, ",") || data["count"] != float64(len(want)) && !strings.Contains(query, "pageNo") {
			t.Errorf("%s: got %v of %v, want %v", query, got, data["count"], want)
		}
	}
}

func TestAStartedPipelineReadsOn(t *testing.T) {
	now := time.Now()
	f, err := New(Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	f.Set(Pipeline, Started)
	now = now.Add(100 * time.Millisecond) // at 1000 records a second over two partitions
	f.Set(Pipeline, Paused)
	now = now.Add(time.Hour)
	f.Set(Pipeline, Stopped)
	if got := f.Committed(Pipeline); got[0] != seedCommitted+50 || got[1] != seedCommitted+50 {
		t.Errorf("it is at %v", got)
	}
}

func TestEveryFaultIsKnown(t *testing.T) {
	f := newCaller(t, Options{}).Fake
	defer f.Close()
	for name, what := range Faults() {
		if err := f.Inject(name); err != nil || len(strings.Fields(what)) < 3 {
			t.Errorf("%s, %q: %v", name, what, err)
		}
	}
	if f.Inject("flood") == nil {
		t.Error("an unknown fault is accepted")
	}
	for name, want := range map[string]Status{"running": Started, "published": Published} {
		if err := f.Inject(name); err != nil || f.StatusOf(Pipeline) != want {
			t.Errorf("%s: the pipeline is %s, %v", name, f.StatusOf(Pipeline), err)
		}
	}
}
