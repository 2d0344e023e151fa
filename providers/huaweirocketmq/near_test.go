package huaweirocketmq

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
)

func TestAnotherGroupsPositionIsTheTimeOfItsLastConsumedMessage(t *testing.T) {
	const bounds = `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"min_offset":%d,"max_offset":%d}]}]}`
	const commit = `{"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"broker_offset":%d%s}]}]}`
	read := now.Add(-time.Hour)
	for name, c := range map[string]struct {
		low, high int
		other     string
		want      string // what is sent, found and the end of the range
	}{
		"it has consumed a part":              {10, 50, fmt.Sprintf(`,"consumer_offset":30,"last_message_time":%d`, read.UnixMilli()), "time:2026-11-20T02:00:00Z offset:10 offset:29"},
		"it has consumed one message":         {10, 50, fmt.Sprintf(`,"consumer_offset":11,"last_message_time":%d`, read.UnixMilli()), "time:2026-11-20T02:00:00Z offset:10 offset:10"},
		"it has consumed more than the group": {10, 50, fmt.Sprintf(`,"consumer_offset":45,"last_message_time":%d`, now.UnixMilli()), "time:2026-11-20T03:00:00Z offset:40 offset:44"},
		"its messages have been deleted":      {10, 50, `,"consumer_offset":10,"last_message_time":0`, "time:1970-01-01T00:00:00Z offset:10 unknown"},
		"an empty queue":                      {10, 10, `,"consumer_offset":10`, "time:2026-11-20T03:00:00Z offset:10 unknown"},
		"no commit":                           {10, 50, ``, "unknown unset unknown"},
		"offset 0, which may be no commit":    {0, 50, `,"consumer_offset":0`, "unresolved"},
		"no time of the last message":         {10, 50, `,"consumer_offset":30`, "unresolved"},
	} {
		t.Run(name, func(t *testing.T) {
			url := answering(t, map[string]string{
				"groups/other":           `{"name":"other","group_online":true}`,
				"groups/other/clients":   `{"online":true,"clients":[]}`,
				"groups/group_01/topics": fmt.Sprintf(commit, c.high, fmt.Sprintf(`,"consumer_offset":40,"last_message_time":%d`, read.Add(time.Minute).UnixMilli())),
				"groups/other/topics":    fmt.Sprintf(commit, c.high, c.other),
				"topics/topic_01/status": fmt.Sprintf(bounds, c.low, c.high),
			})
			other := providers.PlaceOf("other")
			s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic), Resolve: []providers.Position{other}}})[0]
			if s.Err != nil || len(s.Parts) != 1 {
				t.Fatalf("got %+v", s)
			}
			got := "unresolved"
			if len(s.Parts[0].Resolved) > 0 {
				one := s.Parts[0].Resolution(other)
				got = fmt.Sprint(one.Send, " ", one.Found, " ", one.UpTo)
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAnotherGroupThatDoesNotExistIsMissing(t *testing.T) {
	f, url := start(t, fake.Options{})
	s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic),
		Resolve: []providers.Position{providers.PlaceOf("gruop_02")}}})[0]
	if s.Err != nil || len(s.Missing) != 1 || s.Missing[0].Name != "gruop_02" || !slices.Equal(s.Missing[0].Known, []string{fake.Group}) || f.Writes() != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestTheTimesOfAnotherGroupAreReported(t *testing.T) {
	f, url := start(t, fake.Options{})
	f.CreateGroup("group_02")
	f.Commit("group_02", fake.Topic, 250)
	s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, fake.Group, fake.Topic),
		Resolve: []providers.Position{providers.PlaceOf("group_02")}}})[0]
	if s.Err != nil || !strings.Contains(strings.Join(s.Notes, " "), "Group group_02 has consumed up to messages of 2026-11-19T02:54:14.4Z.") {
		t.Errorf("got %+v", s)
	}
}
