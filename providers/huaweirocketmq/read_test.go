package huaweirocketmq

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
)

func TestReadReportsWhatTheServiceReports(t *testing.T) {
	const bounds, details = "topics/topic_01/status", "groups/group_01/topics"
	queues := func(fields string) string {
		return `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0` + fields + `}]}]}`
	}
	for name, c := range map[string]struct {
		answers map[string]string
		want    string // low, high and committed
		state   providers.GroupState
		notes   int
	}{
		"a commit within the log": {nil, "offset:10 offset:50 offset:40", providers.Committed, 0},
		"no committed offset":     {map[string]string{details: queues("")}, "offset:10 offset:50 unset", providers.Blank, 0},
		"a committed offset of null": {map[string]string{details: queues(`,"consumer_offset":null`)}, "offset:10 offset:50 " +
			"unset", providers.Blank, 0},
		"a committed offset of -1": {map[string]string{details: queues(`,"consumer_offset":-1`)}, "offset:10 offset:50 " +
			"unset", providers.Blank, 0},
		"a committed offset of 0, which may be no commit": {map[string]string{details: queues(`,"consumer_offset":0`)}, "offset:10 offset:50 " +
			"offset:0", providers.GroupUnknown, 1},
		"an empty queue at 0": {map[string]string{bounds: queues(`,"min_offset":0,"max_offset":0`),
			details: queues(`,"consumer_offset":0`)}, "offset:0 offset:0 offset:0", providers.GroupUnknown, 0},
		"a topic that the group has never read": {map[string]string{details: `{"lag":0,"brokers":[]}`}, "offset:10 offset:50 unset",
			providers.Blank, 0},
		"offsets that 32 bits and a double cannot hold": {map[string]string{bounds: queues(`,"min_offset":2147483648,"max_offset":9007199254740995`), details: queues(`,"consumer_offset":9007199254740993`)}, "offset:2147483648 offset:9007199254740995 offset:9007199254740993", providers.Committed, 0},
		"numbers as strings":                            {map[string]string{bounds: `{"brokers":[{"broker_name":"broker-0","queues":[{"id":"0","min_offset":"10","max_offset":"50"}]}]}`, details: queues(`,"consumer_offset":"40"`)}, "offset:10 offset:50 offset:40", providers.Committed, 0},
		"one broker that is not a list":                 {map[string]string{bounds: `{"brokers":{"queues":[{"id":0,"min_offset":10,"max_offset":50}],"broker_name":"broker-0"}}`}, "offset:10 offset:50 offset:40", providers.Committed, 0},
		"unknown fields":                                {map[string]string{details: `{"x":{"y":[1]},"brokers":[{"broker_name":"broker-0","z":1,"queues":[{"id":0,"consumer_offset":40,"client_id":"c"}]}]}`}, "offset:10 offset:50 offset:40", providers.Committed, 0},
		"a high offset only in the details":             {map[string]string{bounds: queues("")}, "unknown offset:50 offset:40", providers.Committed, 0},
		"records that came between the two answers": {map[string]string{details: queues(`,"broker_offset":60,"consumer_offset":55`)},
			"offset:10 offset:60 offset:55", providers.Committed, 0},
		"consumers with different subscriptions": {map[string]string{"groups/group_01/clients": `{"online":true,"subscription_consistency":false,"clients":[]}`}, "offset:10 offset:50 offset:40", providers.Committed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := read(t, dial(t, answering(t, c.answers)))
			if s.Err != nil || len(s.Parts) != 1 {
				t.Fatalf("got %+v", s)
			}
			p := s.Parts[0]
			if got := fmt.Sprint(p.Low, p.High, p.Committed); p.Part.String() != "topic_01/broker-0/0" || got != c.want {
				t.Errorf("%s is %s, want %s", p.Part, got, c.want)
			}
			if s.GroupState != c.state || len(s.Notes) != c.notes {
				t.Errorf("state %d with the notes %q", s.GroupState, s.Notes)
			}
		})
	}
}

func TestAnAnswerWithoutARequiredFieldIsAnError(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"details without brokers":          {"groups/group_01/topics": `{"lag":0}`},
		"details of an unnamed queue":      {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"consumer_offset":40}]}]}`},
		"details of an unnamed broker":     {"groups/group_01/topics": `{"brokers":[{"queues":[{"id":0,"consumer_offset":40}]}]}`},
		"an offset that is not a number":   {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"consumer_offset":"many"}]}]}`},
		"an offset with a fraction":        {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"consumer_offset":40.5}]}]}`},
		"an empty string for an offset":    {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"consumer_offset":""}]}]}`},
		"an empty string for a queue":      {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":"","consumer_offset":40}]}]}`},
		"an empty string for an end":       {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"broker_offset":"","consumer_offset":40}]}]}`},
		"an empty string for a time":       {"groups/group_01/topics": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"consumer_offset":40,"last_message_time":""}]}]}`},
		"an empty string for a low offset": {"topics/topic_01/status": `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"min_offset":"","max_offset":50}]}]}`},
		"a topic without queues":           {"topics/topic_01/status": `{"brokers":[]}`},
		"an empty topic":                   {"topics/topic_01/status": `{}`},
		"an empty group":                   {"groups/group_01": `{}`},
		"a group that is a list":           {"groups/group_01": `[]`},
		"a group that is not JSON":         {"groups/group_01": `OK`},
	} {
		s := read(t, dial(t, answering(t, answers)))
		if !errors.Is(s.Err, providers.ErrInvalid) || len(s.Missing)+len(s.Parts) > 0 {
			t.Errorf("%s: got %+v", name, s)
		}
	}
}

func TestReadRefusesABroadcastGroup(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.Broadcast(fake.Group)
	s := read(t, dial(t, url))
	if !errors.Is(s.Err, providers.ErrUnsupported) || !strings.Contains(s.Err.Error(), "broadcast") {
		t.Errorf("got %v", s.Err)
	}
}

func TestRequestsThatTargetsShareAreSentOnce(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.CreateTopic("topic_02", fake.Layout{Brokers: []string{"broker-0"}, Queues: 1})
	reqs := []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic)}, {Target: goal(t, fake.Group, "topic_02")}, {Target: goal(t,
		fake.Group, fake.Topic)}}
	for i, s := range dial(t, url).Read(t.Context(), reqs) {
		if s.Err != nil || s.Missing != nil {
			t.Errorf("%d: got %+v", i, s)
		}
	}
	want := map[string]int{"ShowGroup": 1, "ShowConsumerConnections": 1, "ShowTopicStatus": 2, "ShowConsumerListOrDetails": 4}
	if got := f.Requests(); !reflect.DeepEqual(got, want) || f.Writes() != 0 {
		t.Errorf("requested %v", got)
	}
}

func TestNamesWithSpecialCharactersAreSentUnchanged(t *testing.T) {
	const group, topic = "g%RETRY|x", "t%25|_-1"
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.CreateTopic(topic, fake.Layout{Brokers: []string{"broker-0"}, Queues: 1, Times: []time.Time{now}})
	f.CreateGroup(group)
	f.Commit(group, topic, 1)
	f.Join(group, "c-1")
	c, target := dial(t, url), goal(t, group, topic)
	if s := c.Read(t.Context(), []providers.ReadRequest{{Target: target}})[0]; s.Err != nil || len(s.Parts) != 1 ||
		s.Parts[0].Committed != providers.AtOffset(1) {
		t.Errorf("got %+v", s)
	}
	if _, err := c.Reset(t.Context(), providers.Move{Target: target,
		To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}); err != nil {
		t.Error(err)
	}
}

func TestAMissingTopicLeavesTheGroupKnown(t *testing.T) {
	_, url := start(t, fake.Options{})
	s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, "topic_10")}})[0]
	want := []providers.Missing{{What: "topic", Name: "topic_10", Known: []string{fake.Retry, fake.Topic}}}
	if s.Err != nil || !reflect.DeepEqual(s.Missing, want) || s.Activity.State != providers.Active {
		t.Errorf("got %+v", s)
	}
}

func TestReadingBackReadsOnlyOffsets(t *testing.T) {
	f, url := start(t, fake.Options{})
	only := []providers.Part{{Topic: fake.Topic, Broker: "broker-1", Number: 2}}
	s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic), Only: only}})[0]
	want := []providers.PartReading{{Part: only[0], Committed: providers.AtOffset(500)}}
	if s.Err != nil || !reflect.DeepEqual(s.Parts, want) {
		t.Errorf("got %+v", s)
	}
	if got := f.Requests(); len(got) != 1 || got["ShowConsumerListOrDetails"] != 1 {
		t.Errorf("requested %v", got)
	}
}

func TestListsAreReadToTheirEnd(t *testing.T) {
	f, url := start(t, fake.Options{})
	want := []string{fake.Group}
	for n := range 149 {
		name := fmt.Sprintf("other_%03d", n)
		f.CreateGroup(name)
		f.CreateTopic(name, fake.Layout{Brokers: []string{"broker-0"}, Queues: 1})
		want = append(want, name)
	}
	c := dial(t, url)
	got, err := c.(providers.Lister).Names(t.Context(), "group", nil)
	if err != nil || !slices.Equal(got, want) || f.Requests()["ListInstanceConsumerGroups"] != 3 {
		t.Errorf("got %d names, %v, in %v", len(got), err, f.Requests())
	}
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, "gruop_01", "topic_10")}})[0]
	if s.Err != nil || s.GroupState != providers.Absent || len(s.Missing) != 2 || !slices.Equal(s.Missing[0].Known, want) ||
		!slices.Contains(s.Missing[1].Known, "other_148") {
		t.Errorf("got %+v", s)
	}
}

func TestACountThatCannotBeReadIsUnknown(t *testing.T) {
	for _, total := range []string{`"1,"`, `""`, `null`, `0.5`} {
		url := answering(t, map[string]string{"groups": `{"total":` + total + `,"next_offset":"-1,","groups":[{"name":"group_01"}]}`})
		if got, err := dial(t, url).(providers.Lister).Names(t.Context(), "group", nil); err != nil || !slices.Equal(got, []string{"group_01"}) {
			t.Errorf("%s: got %v, %v", total, got, err)
		}
	}
}
