package tencentdtsfake

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// start runs a seeded service in front of its own broker.
func start(t *testing.T, o Options) (*Fake, string) {
	t.Helper()
	broker, err := kafkafake.Start("127.0.0.1:0")
	check(t, err)
	t.Cleanup(broker.Close)
	o.Bootstrap = broker.Address()
	if o.Now == nil {
		o.Now = time.Now
	}
	f, err := New(o)
	check(t, err)
	t.Cleanup(f.Close)
	check(t, f.Seed(t.Context()))
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A request is signed as the manual documents, with the defects of a test.
type request struct {
	action, body        string
	key, secret, signed string // signed: the names of the headers
	at                  time.Time
	header              map[string]string
}

func ask(action, body string) request {
	return request{action: action, body: body, key: AccessKey, secret: Secret, signed: "content-type;host", at: time.Now(), header: map[string]string{}}
}

// send returns the answer's Response and the code of its error.
func (q request) send(t *testing.T, url string) (map[string]any, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+"/", strings.NewReader(q.body))
	check(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-TC-Action", q.action)
	r.Header.Set("X-TC-Version", "2021-12-06")
	r.Header.Set("X-TC-Region", Region)
	r.Header.Set("X-TC-Timestamp", strconv.FormatInt(q.at.Unix(), 10))
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	date := q.at.UTC().Format(time.DateOnly)
	signature := sign(q.secret, date, "dts", q.at, canonical(r, strings.Split(q.signed, ";"), []byte(q.body)))
	r.Header.Set("Authorization", algorithm+" Credential="+q.key+"/"+date+"/dts/tc3_request, SignedHeaders="+q.signed+", Signature="+signature)
	resp, err := http.DefaultClient.Do(r)
	check(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	check(t, err)
	var answer struct{ Response map[string]any }
	check(t, json.Unmarshal(raw, &answer))
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json" || answer.Response["RequestId"] == nil {
		t.Errorf("%s: it answers %s as %q: %s", q.action, resp.Status, resp.Header.Get("Content-Type"), raw)
	}
	refused, _ := answer.Response["Error"].(map[string]any)
	code, _ := refused["Code"].(string)
	return answer.Response, code
}

// reset requests a reset of the seeded group.
func reset(partitions, mode string) request {
	return ask("ResetConsumerGroupOffset",
		`{"SubscribeId": "`+SeedSubscription+`", "TopicName": "`+SeedTopic+`", "ConsumerGroupName": "`+FullName(SeedGroup)+`", "PartitionNos": `+partitions+`, "ResetMode": "`+mode+`"}`)
}

func (f *Fake) committed(t *testing.T, group string) map[int32]int64 {
	t.Helper()
	all, err := f.admin.FetchOffsets(t.Context(), FullName(group))
	check(t, err)
	out := map[int32]int64{}
	for p, o := range all[SeedTopic] {
		out[p] = o.At
	}
	return out
}

func TestNumbersAsStringsAreAcceptedIfLenient(t *testing.T) {
	for lenient, want := range map[bool]string{false: "InvalidParameter", true: ""} {
		f, url := start(t, Options{Lenient: lenient})
		if _, code := reset(`["0", 1]`, "earliest").send(t, url); code != want {
			t.Errorf("lenient %t: got %q", lenient, code)
		}
		moved := map[bool]map[int32]int64{false: {0: 400, 1: 400, 2: 400, 3: 400}, true: {0: 0, 1: 0, 2: 400, 3: 400}}
		if got := f.committed(t, SeedGroup); !maps.Equal(got, moved[lenient]) {
			t.Errorf("lenient %t: committed at %v", lenient, got)
		}
	}
}

// TestARealConsumerSeesTheReset continues at the offsets of the reset.
func TestARealConsumerSeesTheReset(t *testing.T) {
	f, url := start(t, Options{})
	if _, code := reset(`[0, 1, 2, 3]`, "latest").send(t, url); code != "" {
		t.Fatal(code)
	}
	if _, code := reset(`[2]`, "earliest").send(t, url); code != "" {
		t.Fatal(code)
	}
	consumer, err := kgo.NewClient(kgo.SeedBrokers(f.options.Bootstrap), kgo.ConsumerGroup(FullName(SeedGroup)), kgo.ConsumeTopics(SeedTopic),
		kgo.DisableAutoCommit())
	check(t, err)
	defer consumer.Close()
	got := consumer.PollRecords(t.Context(), 1).Records()
	if len(got) != 1 || got[0].Partition != 2 || got[0].Offset != 0 {
		t.Errorf("it reads %+v", got)
	}
}

// TestAnActiveGroup is reported with its consumer, and a reset of it is accepted.
func TestAnActiveGroup(t *testing.T) {
	f, url := start(t, Options{})
	check(t, f.Inject("live"))
	answer, _ := ask("DescribeConsumerGroups", `{"SubscribeId": "`+SeedSubscription+`"}`).send(t, url)
	group := answer["Items"].([]any)[0].(map[string]any)
	member := group["PartitionAssignment"].([]any)[0].(map[string]any)
	if group["ConsumerGroupState"] != "Stable" || member["ClientId"] != "sandbox-consumer" || len(member["PartitionNo"].([]any)) != 4 {
		t.Errorf("got %v", group)
	}
	if late := group["Latency"].(float64); late < 14*3600 || late > 15*3600 {
		t.Errorf("its delay is %v s, and its records are 14.6 hours old", late)
	}
	if _, code := reset(`[0]`, "earliest").send(t, url); code != "" || f.committed(t, SeedGroup)[0] != 400 {
		t.Errorf("got %q, committed at %v", code, f.committed(t, SeedGroup))
	}
	f.Leave()
	if _, code := reset(`[0]`, "earliest").send(t, url); code != "" || f.committed(t, SeedGroup)[0] != 0 {
		t.Errorf("at rest: got %q, committed at %v", code, f.committed(t, SeedGroup))
	}
}

// TestCheckpointsOfARecreatedLog are not those of the one before.
func TestCheckpointsOfARecreatedLog(t *testing.T) {
	f, url := start(t, Options{})
	at := ask("DescribeOffsetByTime", `{"SubscribeId": "`+SeedSubscription+`", "Time": "`+time.Now().In(beijing).Format(time.DateTime)+`"}`)
	first := func() any {
		answer, code := at.send(t, url)
		if code != "" {
			t.Fatal(code)
		}
		return answer["Items"].([]any)[0].(map[string]any)["Offset"]
	}
	before := first()
	if before != 573.0 || first() != before {
		t.Errorf("it is at %v", before)
	}
	_, err := f.admin.DeleteTopic(t.Context(), SeedTopic)
	check(t, err)
	_, err = f.admin.CreateTopic(t.Context(), seedParts, 1, nil, SeedTopic)
	check(t, err)
	if got := first(); got != 0.0 {
		t.Errorf("in the new log it is at %v", got)
	}
}

func TestSeedKeepsAnExistingTopic(t *testing.T) {
	f, url := start(t, Options{})
	if _, code := reset(`[1]`, "earliest").send(t, url); code != "" {
		t.Fatal(code)
	}
	check(t, f.Seed(t.Context()))
	if got := f.committed(t, SeedGroup); !maps.Equal(got, map[int32]int64{0: 400, 1: 0, 2: 400, 3: 400}) {
		t.Errorf("committed at %v", got)
	}
}

// TestEveryFaultIsExplained compares Faults and Inject.
func TestEveryFaultIsExplained(t *testing.T) {
	f, _ := start(t, Options{})
	for name, sentence := range Faults() {
		if err := f.Inject(name); err != nil || len(strings.Fields(sentence)) < 4 {
			t.Errorf("%s (%q): %v", name, sentence, err)
		}
	}
	if err := f.Inject("nonsense"); err == nil {
		t.Error("a fault that does not exist is accepted")
	}
}
