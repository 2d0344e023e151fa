package aliyunkafka_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
)

func TestAReadDoesNotWriteToTheBroker(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, keys())
	s.broker.Forget()
	if got := read(t, conn, seeded(t)); got.Err != nil {
		t.Fatal(got.Err)
	}
	if n := s.broker.Writes(); n != 0 {
		t.Errorf("%d requests to the broker changed something, joined or sent a heartbeat", n)
	}
}

// TestTimesAreRequestedOnlyIfTheyCanBeUsed checks that the costly times are requested
// only of groups whose topics can be reset to a time.
func TestTimesAreRequestedOnlyIfTheyCanBeUsed(t *testing.T) {
	for hidden, q := range map[string]providers.ReadRequest{
		"false": {Target: seeded(t)},
		"true":  {Target: target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic, "partitions": []int{0}})},
		"true ": {Target: seeded(t), Only: []providers.Part{part("orders", 0)}},
	} {
		s := progressed(t, `{"state": "EMPTY", "TopicList": {}}`)
		got := connect(t, s.url, keys()).Read(t.Context(), []providers.ReadRequest{q})[0]
		if got.Err != nil || s.requests[0].Get("HideLastTimestamp") != strings.TrimSpace(hidden) {
			t.Errorf("it requested %v: %v", s.requests[0], got.Err)
		}
	}
}

func TestTheLastConsumedRecordsTimeIsRead(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, keys())
	for _, p := range read(t, conn, seeded(t)).Parts {
		if want := written(t, s, p.Part, 299); !p.ReadUpTo.Equal(want) {
			t.Errorf("%s: read up to %s, want %s", p.Part, p.ReadUpTo, want)
		}
	}
	s.commit(t, "fresh", "orders", 2, 0) // nothing was read yet, and partition 2 has no commit
	for _, p := range read(t, conn, target(t, map[string]any{"group": "fresh", "topic": "orders"})).Parts {
		if !p.ReadUpTo.IsZero() {
			t.Errorf("%s: read up to %s without a record", p.Part, p.ReadUpTo)
		}
	}
}

// written returns when the record at an offset was written: the latest time at which
// the broker finds it.
func written(t *testing.T, s *service, p providers.Part, offset int64) time.Time {
	t.Helper()
	from, to := now.Add(-72*time.Hour).UnixMilli(), now.Add(time.Hour).UnixMilli()
	for to-from > 1 {
		middle := (from + to) / 2
		found, err := s.admin.ListOffsetsAfterMilli(t.Context(), middle, p.Topic)
		check(t, err)
		if o, _ := found.Lookup(p.Topic, int32(p.Number)); o.Offset <= offset {
			from = middle
		} else {
			to = middle
		}
	}
	return time.UnixMilli(from)
}

func TestRequestsThatTargetsShareAreSentOnce(t *testing.T) {
	s := start(t)
	var reqs []providers.ReadRequest
	for range 20 {
		for _, group := range []string{kafkafake.SeedGroup, "donor", "unknown-1", "unknown-2"} {
			reqs = append(reqs, providers.ReadRequest{Target: target(t, map[string]any{"group": group, "topic": kafkafake.SeedTopic})})
		}
	}
	for _, got := range connect(t, s.url, keys()).Read(t.Context(), reqs) {
		if got.Err != nil || len(got.Parts) != 3 {
			t.Fatalf("got %+v", got)
		}
	}
	want := map[string]int{"GetConsumerProgress": 4, "GetTopicStatus": 1, "GetConsumerList": 1}
	if got := s.Requests(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestListsAreReadToTheirLastPage(t *testing.T) {
	s := start(t)
	for n := range 105 {
		s.commit(t, fmt.Sprintf("group-%03d", n), kafkafake.SeedTopic, 1, 1)
		s.topic(t, fmt.Sprintf("topic-%03d", n), 1)
	}
	conn := connect(t, s.url, keys())
	groups, err := conn.(providers.Lister).Names(t.Context(), "group", nil)
	if err != nil || len(groups) != 107 || !slices.IsSorted(groups) || groups[106] != kafkafake.SeedGroup {
		t.Errorf("of 107 groups it lists %d, %v", len(groups), err)
	}
	got := read(t, conn, target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"}))
	if got.Err != nil || len(got.Missing) != 1 || len(got.Missing[0].Known) != 106 {
		t.Errorf("of 106 topics it lists %d: %v", len(got.Missing[0].Known), got.Err)
	}
}

func TestAPageMayBeSmallerThanRequested(t *testing.T) {
	s := answering(t, http.StatusOK, map[string]string{"GetConsumerList": `{"Success": true, "Total": 2, "ConsumerList": {"ConsumerVO": [{"ConsumerId": "a"}]}}`})
	if _, err := connect(t, s.url, keys()).(providers.Lister).Names(t.Context(), "group", nil); err != nil {
		t.Fatal(err)
	}
	if len(s.requests) != 2 || s.requests[1].Get("CurrentPage") != "2" {
		t.Errorf("it requested %v", s.requests)
	}
}

func TestATargetWithoutATopicSelectsEveryTopicOfTheGroup(t *testing.T) {
	s := start(t)
	s.topic(t, "payments", 2)
	s.commit(t, kafkafake.SeedGroup, "payments", 1, 0)
	s.topic(t, "unrelated", 1)
	got := read(t, connect(t, s.url, keys()), target(t, map[string]any{"group": kafkafake.SeedGroup}))
	var parts []string
	for _, p := range got.Parts {
		parts = append(parts, p.Part.String()+" "+p.Committed.String())
	}
	want := []string{"orders/0 offset:300", "orders/1 offset:300", "orders/2 offset:300", "payments/0 offset:0", "payments/1 unset"}
	if got.Err != nil || !reflect.DeepEqual(parts, want) {
		t.Errorf("got %v, %v", parts, got.Err)
	}
}

func TestPartitionsWithoutACommitAreUnset(t *testing.T) {
	for _, shape := range []string{"", "minus-one", "numbers-as-strings"} {
		t.Run(shape, func(t *testing.T) {
			s := start(t)
			s.topic(t, "payments", 2)
			s.commit(t, kafkafake.SeedGroup, "payments", 1, 0)
			if shape != "" {
				check(t, s.Inject(shape))
			}
			got := read(t, connect(t, s.url, keys()), target(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "payments"}))
			if got.Err != nil || len(got.Parts) != 2 || got.Parts[0].Committed != providers.AtOffset(0) ||
				got.Parts[1].Committed != providers.At(providers.Unset) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestOffsetsAreExact(t *testing.T) {
	s := progressed(t, `{"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": "0", "ConsumerOffset": 9007199254740993}, {"Partition": 1}]}}]}}`)
	got := read(t, connect(t, s.url, keys()), seeded(t))
	if got.Err != nil || len(got.Parts) != 2 || got.Parts[0].Committed != providers.AtOffset(9007199254740993) {
		t.Fatalf("got %+v", got)
	}
	if !got.Parts[1].Committed.IsZero() {
		t.Errorf("a missing offset is read as %s", got.Parts[1].Committed)
	}
}

func TestAnEmptyOffsetIsUnknownAndNotZero(t *testing.T) {
	for _, empty := range []string{`""`, `null`} {
		s := answering(t, http.StatusOK, map[string]string{
			"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": 0, "ConsumerOffset": ` + empty + `}]}}]}}}`,
			"GetTopicStatus":      `{"Success": true, "TopicStatus": {"OffsetTable": {"OffsetTable": [{"Partition": 0, "MinOffset": ` + empty + `, "MaxOffset": ` + empty + `}]}}}`,
		})
		got := read(t, connect(t, s.url, keys()), seeded(t))
		if want := []providers.PartReading{{Part: part("orders", 0)}}; got.Err != nil || !reflect.DeepEqual(got.Parts, want) {
			t.Errorf("%s: got %+v", empty, got)
		}
	}
}

func TestAnAnswerWithoutWhatItMustHaveIsAnError(t *testing.T) {
	for name, texts := range map[string]map[string]string{
		"no success or code":     {"GetConsumerProgress": `{"ConsumerProgress": {"TopicList": {}}}`},
		"no progress":            {"GetConsumerProgress": `{"Success": true, "Code": 200}`},
		"no topics":              {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TotalDiff": 0}}`},
		"no partition":           {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"ConsumerOffset": 1}]}}]}}}`},
		"no integer":             {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": 0, "ConsumerOffset": 1.5}]}}]}}}`},
		"an object for a number": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": {}}]}}]}}}`},
		"no list of groups": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {}}}`,
			"GetConsumerList": `{"Success": true, "Total": 0}`},
		"no total": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {}}}`,
			"GetConsumerList": `{"Success": true, "ConsumerList": {"ConsumerVO": []}}`},
		"an empty partition": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {"TopicList": [{"Topic": "orders", "OffsetList": {"OffsetList": [{"Partition": "", "ConsumerOffset": 1}]}}]}}}`},
		"an empty total": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"TopicList": {}}}`,
			"GetConsumerList": `{"Success": true, "Total": "", "ConsumerList": {"ConsumerVO": []}}`},
		"no table": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"state": "EMPTY", "TopicList": {}}}`,
			"GetTopicStatus": `{"Success": true, "TopicStatus": {}}`},
		"a topic that is listed has no partition": {"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"state": "EMPTY", "TopicList": {}}}`, "GetTopicStatus": `{"Success": true, "TopicStatus": {"OffsetTable": {}}}`,
			"GetTopicList": `{"Success": true, "Total": 1, "TopicList": {"TopicVO": [{"Topic": "orders"}]}}`},
		"empty": {"GetConsumerProgress": ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(t, http.StatusOK, texts)
			checkError(t, read(t, connect(t, s.url, keys()), seeded(t)).Err, providers.ErrInvalid, "unexpected response")
		})
	}
}

func TestADeletedTopicWithCommitsIsNotedNotMissing(t *testing.T) {
	s := answering(t, http.StatusOK, map[string]string{
		"GetConsumerProgress": `{"Success": true, "ConsumerProgress": {"state": "EMPTY", "TopicList": [{"Topic": "old", "OffsetList": [{"Partition": 0, "ConsumerOffset": 7}]}]}}`,
		"GetTopicStatus":      `{"Success": false, "Code": "BIZ_TOPIC_NOT_FOUND"}`,
		"GetTopicList":        `{"Success": true, "Total": 0, "TopicList": {}}`,
	})
	got := read(t, connect(t, s.url, keys()), target(t, map[string]any{"group": "g"}))
	if got.Err != nil || len(got.Parts)+len(got.Missing) != 0 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "topic old") {
		t.Errorf("got %+v", got)
	}
}

func TestAnotherGroupsPositionIsResolved(t *testing.T) {
	s := start(t)
	got := read(t, connect(t, s.url, keys()), seeded(t), providers.PlaceOf("donor"), providers.PlaceOf("unknown"))
	if got.Err != nil || len(got.Missing) != 1 || got.Missing[0].Name != "unknown" {
		t.Fatalf("got %+v", got)
	}
	for _, p := range got.Parts {
		if p.Resolution(providers.PlaceOf("donor")).Found != providers.AtOffset(20) ||
			p.Resolution(providers.PlaceOf("unknown")).Found != providers.At(providers.Unset) {
			t.Errorf("%s: got %v", p.Part, p.Resolved)
		}
	}
}
