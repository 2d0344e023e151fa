package huaweirocketmqfake

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

func start(t *testing.T, o Options) *Fake {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return now }
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// send sends one request, signed over the named headers.
func send(f *Fake, method, path, body string, signed ...string) (int, map[string]any) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Project-Id", Project)
	r.Header.Set("X-Sdk-Date", now.Format(dateFormat))
	if signed == nil {
		signed = []string{"content-type", "host", "x-project-id", "x-sdk-date"}
	}
	r.Header.Set("Authorization", algorithm+" Access="+AccessKey+", SignedHeaders="+strings.Join(signed, ";")+", Signature="+signature(Secret,
		r, signed, []byte(body)))
	return answer(f, r)
}

func answer(f *Fake, r *http.Request) (int, map[string]any) {
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	var out map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &out)
	return w.Code, out
}

const at = "/instances/" + Instance

func TestBothPathFamiliesReset(t *testing.T) {
	for path, want := range map[string]int{
		"/v2/reliability/" + Project + at:                 http.StatusOK,
		"/v2/rocketmq/" + Project + at:                    http.StatusOK,
		"/v2/" + Project + "/rocketmq" + at:               http.StatusOK,
		"/v2/kafka/" + Project + at:                       http.StatusNotFound,
		"/v2/" + Project + at:                             http.StatusNotFound,
		"/v2/reliability/other" + at:                      http.StatusUnauthorized,
		"/v2/other/rocketmq" + at:                         http.StatusUnauthorized,
		"/v2/reliability/" + Project + "/instances/other": http.StatusNotFound,
	} {
		f := start(t, Options{TakeUp: AtOnce})
		status, got := send(f, http.MethodPost, path+"/groups/"+Group+"/reset-message-offset", `{"topic":"topic_01","timestamp":0}`)
		moved := f.Committed(Group, Topic)[Queue{"broker-0", 0}] == 0
		if status != want || moved != (want == http.StatusOK) {
			t.Errorf("%s: %d %v, moved: %t", path, status, got, moved)
		}
	}
}

func TestATimeIsAStringOrANumber(t *testing.T) {
	for body, want := range map[string]int64{
		`{"topic":"topic_01","timestamp":"0"}`:   0,
		`{"topic":"topic_01","timestamp":0}`:     0,
		`{"topic":"topic_01","timestamp":-1}`:    500,
		`{"topic":"topic_01","timestamp":"now"}`: 77,
		`{"topic":"topic_01"}`:                   77,
		`{"topic":"","timestamp":0}`:             77,
		`{"topic":"other","timestamp":0}`:        77,
		`topic_01`:                               77,
	} {
		f := start(t, Options{TakeUp: AtOnce})
		f.Commit(Group, Topic, 77)
		status, got := send(f, http.MethodPost, "/v2/reliability/"+Project+at+"/groups/"+Group+"/reset-message-offset", body)
		if offset := f.Committed(Group, Topic)[Queue{"broker-1", 3}]; offset != want || (status == http.StatusOK) != (want != 77) {
			t.Errorf("%s: %d %v, it is at %d", body, status, got, offset)
		}
		if offset := f.Committed(Group, Retry)[Queue{"broker-1", 0}]; offset != 3 {
			t.Errorf("%s: the retry topic is at %d", body, offset)
		}
	}
}

func TestASignatureCoversWhatItNames(t *testing.T) {
	const path = "/v2/" + Project + at + "/groups?limit=5&offset=0"
	for name, c := range map[string]struct {
		signed []string
		spoil  func(*http.Request)
		want   int
	}{
		"all headers":                {nil, func(*http.Request) {}, http.StatusOK},
		"only the date":              {[]string{"x-sdk-date"}, func(*http.Request) {}, http.StatusOK},
		"no date":                    {[]string{"host"}, func(*http.Request) {}, http.StatusUnauthorized},
		"a header that is not named": {[]string{"x-sdk-date"}, func(r *http.Request) { r.Header.Set("X-Other", "1") }, http.StatusOK},
		"another host":               {[]string{"host", "x-sdk-date"}, func(r *http.Request) { r.Host = "other" }, http.StatusUnauthorized},
		"another query":              {nil, func(r *http.Request) { r.URL.RawQuery = "limit=6&offset=0" }, http.StatusUnauthorized},
		"the query in another order": {nil, func(r *http.Request) { r.URL.RawQuery = "offset=0&limit=5" }, http.StatusOK},
		"another path":               {nil, func(r *http.Request) { r.URL.Path = "/v2/" + Project + at + "/topics" }, http.StatusUnauthorized},
		"another body":               {nil, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{}")) }, http.StatusUnauthorized},
		"another scheme":             {nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, http.StatusUnauthorized},
		"nothing":                    {nil, func(r *http.Request) { r.Header.Del("Authorization") }, http.StatusUnauthorized},
	} {
		f := start(t, Options{})
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("X-Sdk-Date", now.Format(dateFormat))
		signed := c.signed
		if signed == nil {
			signed = []string{"host", "x-sdk-date"}
		}
		r.Header.Set("Authorization", algorithm+" Access="+AccessKey+", SignedHeaders="+strings.Join(signed, ";")+", Signature="+signature(Secret,
			r, signed, nil))
		c.spoil(r)
		if status, got := answer(f, r); status != c.want {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}

// The expected value was computed in another language from the vendor's description: a
// slash at the end of the path, no Host unless it is named, the secret itself as key.
func TestTheSignatureIsTheVendors(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/v2/p/instances/i/groups/g%25RETRY%7Cx", nil)
	r.Header.Set("X-Sdk-Date", "20261120T030000Z")
	r.Header.Set("X-Project-Id", "p")
	const want = "98694ce61b01962da2335a134fee9c0bc180257f8d5a76ef5edf4d01e46c3efc"
	if got := signature("s", r, []string{"x-project-id", "x-sdk-date"}, nil); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestListsHavePages(t *testing.T) {
	f := start(t, Options{})
	for _, name := range []string{"g1", "g2", "g3"} {
		f.CreateGroup(name)
	}
	for query, want := range map[string]struct {
		first      string
		n, status  int
		next, prev float64
	}{
		"":                  {"g1", 4, 200, -1, -1},
		"?limit=2":          {"g1", 2, 200, 2, -1},
		"?limit=2&offset=2": {"g3", 2, 200, -1, 0},
		"?offset=4":         {"", 0, 400, 0, 0}, // past the end
		"?group=group":      {Group, 1, 200, -1, -1},
		"?limit=51":         {"", 0, 400, 0, 0},
		"?offset=-1":        {"", 0, 400, 0, 0},
	} {
		status, got := send(f, http.MethodGet, "/v2/"+Project+at+"/groups"+query, "")
		groups, _ := got["groups"].([]any)
		if status != want.status || len(groups) != want.n {
			t.Errorf("%q: %d %v", query, status, got)
			continue
		}
		if status == 200 && (got["next_offset"] != want.next || got["previous_offset"] != want.prev) || want.n > 0 &&
			groups[0].(map[string]any)["name"] != want.first {
			t.Errorf("%q: got %v", query, got)
		}
	}
}

func TestASecondResetBeforeTheFirstTakesEffectIsLost(t *testing.T) {
	clock := now
	f := start(t, Options{Now: func() time.Time { return clock }})
	committed := func() int64 { return f.Committed(Group, Topic)[Queue{"broker-0", 0}] }
	f.Commit(Group, Topic, 100)
	f.locked(func() { f.reset(f.groups[Group], Topic, 0); f.reset(f.groups[Group], Topic, -1) })
	if got := committed(); got != 100 {
		t.Errorf("immediately after, it is at %d", got)
	}
	clock = now.Add(2 * time.Second)
	if got := committed(); got != 0 {
		t.Errorf("after taking it over, it is at %d", got)
	}
}

func TestConsumersThatLeaveDoNotTakeOverAReset(t *testing.T) {
	clock := now
	f := start(t, Options{Now: func() time.Time { return clock }})
	committed := func() int64 { return f.Committed(Group, Topic)[Queue{"broker-0", 0}] }
	f.locked(func() { f.reset(f.groups[Group], Topic, 0) })
	clock = now.Add(8 * time.Second) // taken over after 2, committed after 7
	if got := committed(); got != 50 {
		t.Errorf("reading on, it is at %d", got)
	}
	f.locked(func() { f.reset(f.groups[Group], Topic, 0) })
	f.Leave(Group)
	clock = now.Add(time.Minute)
	if got := committed(); got != 50 {
		t.Errorf("without consumers, it is at %d", got)
	}
	f.Join(Group, "c-2")
	clock = clock.Add(time.Minute)
	if got := committed(); got != 500 {
		t.Errorf("with a new consumer, it is at %d", got)
	}
}

func TestOneBrokerMayBeAnObject(t *testing.T) {
	for object, layout := range map[bool]Layout{true: {Brokers: []string{"broker-0"}, Queues: 2}, false: {Brokers: []string{"broker-0",
		"broker-1"}, Queues: 2}} {
		f := start(t, Options{BrokerObject: true})
		f.CreateTopic("t", layout)
		_, got := send(f, http.MethodGet, "/v2/"+Project+at+"/topics/t/status", "")
		if _, ok := got["brokers"].(map[string]any); ok != object {
			t.Errorf("got %v", got)
		}
	}
}

func TestEachFaultCanBeInjected(t *testing.T) {
	for name := range Faults() {
		if err := start(t, Options{}).Inject(name); err != nil {
			t.Error(err)
		}
	}
	if err := start(t, Options{}).Inject("no-such"); err == nil {
		t.Error("an unknown fault is accepted")
	}
}
