package aliyunkafkafake_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/alikafka"
	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// start runs a fake in front of a seeded broker and returns the fake, its address
// and an independent client of the broker.
func start(t *testing.T) (*aliyunkafkafake.Fake, string, *kadm.Client) {
	t.Helper()
	broker, err := kafkafake.Start("127.0.0.1:0")
	check(t, err)
	t.Cleanup(broker.Close)
	check(t, kafkafake.Seed(t.Context(), broker.Address(), time.Now()))
	f, err := aliyunkafkafake.New(aliyunkafkafake.Options{Bootstrap: broker.Address(), Now: time.Now})
	check(t, err)
	t.Cleanup(f.Close)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	check(t, err)
	t.Cleanup(client.Close)
	return f, server.URL, kadm.NewClient(client)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// committed returns the seeded group's offset on a partition, read from the broker.
func committed(t *testing.T, admin *kadm.Client, partition int32) int64 {
	t.Helper()
	all, err := admin.FetchOffsets(t.Context(), kafkafake.SeedGroup)
	check(t, err)
	at, _ := all.Lookup(kafkafake.SeedTopic, partition)
	return at.At
}

// sdk returns the vendor's own client for Go, unchanged.
func sdk(t *testing.T, at, secret string) *alikafka.Client {
	t.Helper()
	client, err := alikafka.NewClientWithAccessKey(aliyunkafkafake.Region, aliyunkafkafake.AccessKey, secret)
	check(t, err)
	client.Domain = strings.TrimPrefix(at, "http://")
	return client
}

func reset(client *alikafka.Client, how func(*alikafka.UpdateConsumerOffsetRequest)) (*alikafka.UpdateConsumerOffsetResponse, error) {
	r := alikafka.CreateUpdateConsumerOffsetRequest()
	r.InstanceId, r.ConsumerId, r.Topic = aliyunkafkafake.Instance, kafkafake.SeedGroup, kafkafake.SeedTopic
	how(r)
	return client.UpdateConsumerOffset(r)
}

func TestTheVendorsClientReadsAndResets(t *testing.T) {
	_, at, admin := start(t)
	client := sdk(t, at, aliyunkafkafake.Secret)
	p := alikafka.CreateGetConsumerProgressRequest()
	p.InstanceId, p.ConsumerId = aliyunkafkafake.Instance, kafkafake.SeedGroup
	progress, err := client.GetConsumerProgress(p)
	if err != nil || !progress.Success || progress.ConsumerProgress.TotalDiff != 600 ||
		progress.ConsumerProgress.TopicList.TopicListItem[0].OffsetList.OffsetListItem[2].ConsumerOffset != 300 {
		t.Fatalf("got %+v, %v", progress, err)
	}
	answer, err := reset(client, func(r *alikafka.UpdateConsumerOffsetRequest) {
		r.ResetType, r.Offsets = "offset", &[]alikafka.UpdateConsumerOffsetOffsets{{Partition: "1", Offset: "42"}}
	})
	if err != nil || !answer.Success || committed(t, admin, 1) != 42 || committed(t, admin, 0) != 300 {
		t.Errorf("got %+v, %v; it is at %d", answer, err, committed(t, admin, 1))
	}
}

func TestTimesAreHandledAsDocumented(t *testing.T) {
	_, at, admin := start(t)
	client := sdk(t, at, aliyunkafkafake.Secret)
	for milli, want := range map[string][2]int64{"-2": {0, 0}, "-1": {500, 500}, fmt.Sprint(time.Now().Add(-24 * time.Hour).UnixMilli()): {249,
		251}, "4102444800000": {500, 500}} {
		if _, err := reset(client, func(r *alikafka.UpdateConsumerOffsetRequest) { r.Time = milli }); err != nil {
			t.Fatal(err)
		}
		if got := committed(t, admin, 0); got < want[0] || got > want[1] {
			t.Errorf("Time=%s moves it to %d, want %v", milli, got, want)
		}
	}
}

func TestAMissingTopicIsNotAnEmptyOne(t *testing.T) {
	f, at, _ := start(t)
	client := sdk(t, at, aliyunkafkafake.Secret)
	everywhere := func(r *alikafka.UpdateConsumerOffsetRequest) { r.Topic, r.Time = "", "-1" } // which this SDK does not send
	_, err := reset(client, everywhere)
	if refused, ok := err.(*errors.ServerError); !ok || refused.ErrorCode() != "MissingTopic" { //nolint:errorlint // the SDK wraps nothing
		t.Errorf("got %v", err)
	}
	check(t, f.Inject("any-topic"))
	if _, err := reset(client, everywhere); err != nil {
		t.Error(err)
	}
}

func TestTheVendorsClientPanicsOnAnIntegerCode(t *testing.T) {
	f, at, _ := start(t)
	check(t, f.Inject("integer-code"))
	defer func() {
		if recover() == nil {
			t.Error("it does not panic: the fault is no longer needed")
		}
	}()
	_, _ = reset(sdk(t, at, "wrong"), func(*alikafka.UpdateConsumerOffsetRequest) {})
}

func TestOffsetsAreReadInEverySpelling(t *testing.T) {
	_, at, admin := start(t)
	for text, want := range map[string]int64{
		`[{"partition":0,"offset":11}]`: 11, `[{"Partition":0,"Offset":12}]`: 12, `[{"Partition":"0","OFFSET":"13"}]`: 13,
	} {
		body, status := signed(t, at, "UpdateConsumerOffset", url.Values{"ConsumerId": {kafkafake.SeedGroup}, "Topic": {"orders"},
			"ResetType": {"offset"}, "Offsets": {text}}, nil)
		if got := committed(t, admin, 0); status != 200 || body["Success"] != true || got != want {
			t.Errorf("%s moves it to %d: %d %v", text, got, status, body)
		}
	}
	for _, text := range []string{``, `null`, `{}`, `[]`, `[{"partition":0}]`, `[{"partition":0,"offset":-1}]`, `[{"partition":77,"offset":1}]`} {
		body, status := signed(t, at, "UpdateConsumerOffset", url.Values{"ConsumerId": {kafkafake.SeedGroup}, "Topic": {"orders"},
			"ResetType": {"offset"}, "Offsets": {text}}, nil)
		if status != 200 || body["Success"] != false || body["Code"] != 400.0 {
			t.Errorf("%s: got %d %v", text, status, body)
		}
	}
}

func TestParametersMayBeInTheForm(t *testing.T) {
	_, at, _ := start(t)
	body, status := signed(t, at, "GetConsumerProgress", nil, url.Values{"ConsumerId": {kafkafake.SeedGroup}})
	if status != 200 || body["Success"] != true {
		t.Errorf("got %d %v", status, body)
	}
}

func TestUnauthenticatedRequestsAreRefused(t *testing.T) {
	change := func(header, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(header, value) }
	}
	for name, c := range map[string]struct {
		spoil  func(*http.Request)
		status int
		code   string
	}{
		"a header was changed":    {change("x-acs-action", "GetTopicList"), 400, "SignatureDoesNotMatch"},
		"a parameter was changed": {func(r *http.Request) { r.URL.RawQuery += "&Topic=orders" }, 400, "SignatureDoesNotMatch"},
		"not signed":              {func(r *http.Request) { r.Header.Del("Authorization") }, 400, "IncompleteSignature"},
		"no time":                 {change("x-acs-date", "today"), 400, "InvalidTimeStamp.Format"},
		"16 minutes late":         {change("x-acs-date", time.Now().Add(-16*time.Minute).UTC().Format(time.RFC3339)), 400, "InvalidTimeStamp.Expired"},
	} {
		t.Run(name, func(t *testing.T) {
			_, at, _ := start(t)
			body, status := signed(t, at, "GetConsumerList", nil, nil, c.spoil)
			if status != c.status || body["Code"] != c.code {
				t.Errorf("got %d %v", status, body)
			}
		})
	}
}

func TestANonceIsAcceptedOnce(t *testing.T) {
	_, at, _ := start(t)
	again := func(r *http.Request) {
		first, err := http.DefaultClient.Do(r.Clone(t.Context()))
		check(t, err)
		check(t, first.Body.Close())
	}
	if body, status := signed(t, at, "GetConsumerList", nil, nil, again); status != 400 || body["Code"] != "SignatureNonceUsed" {
		t.Errorf("got %d %v", status, body)
	}
}

func TestListsHavePages(t *testing.T) {
	_, at, admin := start(t)
	for n := range 11 {
		var to kadm.Offsets
		to.AddOffset("orders", 0, 1, -1)
		check(t, admin.CommitAllOffsets(t.Context(), fmt.Sprintf("group-%02d", n), to))
	}
	for page, want := range map[string]int{"1": 10, "2": 2, "3": 0} {
		body, _ := signed(t, at, "GetConsumerList", url.Values{"CurrentPage": {page}}, nil)
		if got := body["ConsumerList"].(map[string]any)["ConsumerVO"].([]any); len(got) != want || body["Total"] != 12.0 {
			t.Errorf("page %s has %d of %v", page, len(got), body["Total"])
		}
	}
}

// signed signs a request with ACS3-HMAC-SHA256, changes it with spoil, sends it and
// returns the answer.
func signed(t *testing.T, at, action string, query, form url.Values, spoil ...func(*http.Request)) (body map[string]any, status int) {
	t.Helper()
	if query == nil {
		query = url.Values{}
	}
	query.Set("InstanceId", aliyunkafkafake.Instance)
	text := form.Encode()
	r, err := http.NewRequest(http.MethodPost, at+"/?"+query.Encode(), strings.NewReader(text))
	check(t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	hash := sha256.Sum256([]byte(text))
	set := map[string]string{"x-acs-action": action, "x-acs-content-sha256": hex.EncodeToString(hash[:]),
		"x-acs-date":            time.Now().UTC().Format(time.RFC3339),
		"x-acs-signature-nonce": fmt.Sprint(time.Now().UnixNano()), "x-acs-version": "2019-09-16"}
	names := "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
	canonical := "POST\n/\n" + strings.ReplaceAll(query.Encode(), "+", "%20") + "\n"
	for name := range strings.SplitSeq(names, ";") {
		value := set[name]
		if name == "host" {
			value = r.Host
		} else {
			r.Header.Set(name, value)
		}
		canonical += name + ":" + value + "\n"
	}
	canonical += "\n" + names + "\n" + set["x-acs-content-sha256"]
	digest := sha256.Sum256([]byte(canonical))
	mac := hmac.New(sha256.New, []byte(aliyunkafkafake.Secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(digest[:])))
	r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+aliyunkafkafake.AccessKey+",SignedHeaders="+names+",Signature="+hex.EncodeToString(mac.Sum(nil)))
	for _, s := range spoil {
		s(r)
	}
	resp, err := http.DefaultClient.Do(r)
	check(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	check(t, err)
	check(t, json.Unmarshal(raw, &body))
	return body, resp.StatusCode
}
