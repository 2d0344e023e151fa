package kafka_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commit writes one offset, which may be none, as any tool could.
func (s *scene) commit(t *testing.T, group, topic string, partition int32, offset int64) {
	t.Helper()
	var o kadm.Offsets
	o.AddOffset(topic, partition, offset, -1)
	check(t, s.adm.CommitAllOffsets(t.Context(), group, o))
}

// ask reads a target by its keys.
func (s *scene) ask(t *testing.T, keys map[string]any, resolve ...providers.Position) providers.Snapshot {
	t.Helper()
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: target(t, s.Address(), keys), Resolve: resolve}})[0]
	check(t, got.Err)
	return got
}

// parts writes a snapshot's parts and their positions: "orders/0=300".
func parts(s providers.Snapshot) []string {
	var out []string
	for _, p := range s.Parts {
		out = append(out, fmt.Sprintf("%s=%s", p.Part, strings.TrimPrefix(p.Committed.String(), "offset:")))
	}
	return out
}

func TestWhatATargetSelects(t *testing.T) {
	s := stage(t)
	check(t, s.CreateTopic("orders-late", 1, nil))
	check(t, s.CreateTopic("bills", 2, nil))
	check(t, s.CreateTopic("__internal", 1, nil))
	check(t, s.CreateTopic("__other", 1, nil))
	s.commit(t, "both", kafkafake.SeedTopic, 1, 20)
	s.commit(t, "both", "bills", 0, 0)
	s.commit(t, "both", "__internal", 0, 0)
	for name, c := range map[string]struct {
		keys map[string]any
		want []string
	}{
		"a topic with all its partitions": {map[string]any{"group": "both", "topic": "orders"},
			[]string{"orders/0=unset", "orders/1=20", "orders/2=unset"}},
		"partitions by number": {map[string]any{"group": "both", "topic": "orders", "partitions": []int{2, 1}},
			[]string{"orders/1=20", "orders/2=unset"}},
		"topics by glob, if the group has commits": {map[string]any{"group": "both", "topics": []string{"orders*"}},
			[]string{"orders/0=unset", "orders/1=20", "orders/2=unset"}},
		"topics by name and glob, each once": {map[string]any{"group": "both", "topics": []string{"bills", "b*"}},
			[]string{"bills/0=0", "bills/1=unset"}},
		"all but internal topics by a star": {map[string]any{"group": "both", "topics": []string{"*"}},
			[]string{"bills/0=0", "bills/1=unset", "orders/0=unset", "orders/1=20", "orders/2=unset"}},
		"internal topics by their first characters": {map[string]any{"group": "both", "topics": []string{"__*"}}, []string{"__internal/0=0"}},
		"an internal topic by its name":             {map[string]any{"group": "both", "topic": "__other"}, []string{"__other/0=unset"}},
		"topics but the excluded ones": {map[string]any{"group": "both", "topics": []string{"*"},
			"excludeTopics": []string{"b?lls"}}, []string{"orders/0=unset", "orders/1=20", "orders/2=unset"}},
		"every part with a commit if none is named": {map[string]any{"group": "both"}, []string{"bills/0=0", "orders/1=20"}},
		"every part but those of excluded topics":   {map[string]any{"group": "both", "excludeTopics": []string{"orders"}}, []string{"bills/0=0"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parts(s.ask(t, c.keys)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestAnotherGroupsPlaceWidensWhatIsNotNamed(t *testing.T) {
	s := stage(t)
	s.commit(t, "donor", kafkafake.SeedTopic, 1, 20)
	s.commit(t, "donor", kafkafake.SeedTopic, 2, 21)
	s.commit(t, "own", kafkafake.SeedTopic, 0, 5)
	donor := providers.PlaceOf("donor")
	got := s.ask(t, map[string]any{"group": "own"}, donor)
	var places []providers.Position
	for _, p := range got.Parts {
		places = append(places, p.Resolution(donor).Found)
	}
	want := []providers.Position{providers.At(providers.Unset), providers.AtOffset(20), providers.AtOffset(21)}
	if !reflect.DeepEqual(parts(got), []string{"orders/0=5", "orders/1=unset", "orders/2=unset"}) || !reflect.DeepEqual(places, want) {
		t.Errorf("got %v, at the other's %v", parts(got), places)
	}
}

func TestMissingNamesAreReportedWithExistingOnes(t *testing.T) {
	s := stage(t)
	for name, c := range map[string]struct {
		keys  map[string]any
		ask   []providers.Position
		want  providers.Missing
		known string // one of those reported
	}{
		"the group": {map[string]any{"group": "orders-biling", "topic": "orders"}, nil,
			providers.Missing{What: "group", Name: "orders-biling"}, "orders-billing"},
		"the other group": {map[string]any{"group": "orders-billing"}, []providers.Position{providers.PlaceOf("doner")},
			providers.Missing{What: "group", Name: "doner"}, "orders-billing"},
		"a topic": {map[string]any{"group": "orders-billing", "topics": []string{"orders", "ordrs"}}, nil,
			providers.Missing{What: "topic", Name: "ordrs"}, "orders"},
		"a glob of topics": {map[string]any{"group": "orders-billing", "topics": []string{"bills*"}}, nil,
			providers.Missing{What: "topic", Name: "bills*"}, "orders"},
		"a topic literally": {map[string]any{"group": "orders-billing", "topic": "order*"}, nil, providers.Missing{What: "topic", Name: "order*"},
			"orders"},
		"a topic's portion": {map[string]any{"group": "orders-billing", "topic": "orders", "partitions": []int{1, 77}}, nil,
			providers.Missing{What: "partition", Name: "orders/77"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, c.keys, c.ask...).Missing
			if len(got) != 1 || got[0].What != c.want.What || got[0].Name != c.want.Name || c.known != "" && !slices.Contains(got[0].Known, c.known) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAGroupsState(t *testing.T) {
	s := stage(t)
	check(t, s.Join("fresh", kafkafake.SeedTopic))
	s.Leave()
	for group, want := range map[string]providers.GroupState{"absent": providers.Absent, "fresh": providers.Blank,
		kafkafake.SeedGroup: providers.Committed} {
		got := s.ask(t, map[string]any{"group": group, "topic": "orders"})
		if got.GroupState != want || got.Activity.State != providers.Idle {
			t.Errorf("%s: state %d, %+v", group, got.GroupState, got.Activity)
		}
	}
}

// TestATopicIsNotCreatedByReading reads a misspelt topic from brokers that create
// topics unless the request forbids it.
func TestATopicIsNotCreatedByReading(t *testing.T) {
	s := stage(t, kfake.AllowAutoTopicCreation())
	s.ask(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"})
	_, _ = s.reset(t.Context(), providers.PartMove{Part: providers.Part{Topic: "ordrs"},
		Position: providers.AtOffset(0)}) // refused or not: it makes none either
	if s.TopicInfo("ordrs") != nil {
		t.Error("the topic is there now")
	}
}

// TestNegativeCommitsAreSeen reads what some tools write: -1 is a commit that is
// there, not the absence of one.
func TestNegativeCommitsAreSeen(t *testing.T) {
	s := stage(t)
	s.commit(t, kafkafake.SeedGroup, kafkafake.SeedTopic, 0, -1)
	s.commit(t, kafkafake.SeedGroup, kafkafake.SeedTopic, 1, -5)
	got := s.read(t)
	if !reflect.DeepEqual(parts(got), []string{"orders/0=-1", "orders/1=-5", "orders/2=300"}) || len(got.Notes) != 2 ||
		!strings.Contains(got.Notes[1], "orders/1 is committed at -5") {
		t.Errorf("got %v, %q", parts(got), got.Notes)
	}
}

func TestTimesAreRequestedOnce(t *testing.T) {
	s := stage(t)
	s.commit(t, "second", kafkafake.SeedTopic, 0, 5)
	early, late := providers.AtTime(now.Add(-24*time.Hour)), providers.AtTime(now.Add(-time.Hour))
	var reqs []providers.ReadRequest
	for _, group := range []string{kafkafake.SeedGroup, "second", kafkafake.SeedGroup} {
		reqs = append(reqs, providers.ReadRequest{Target: target(t, s.Address(), map[string]any{"group": group, "topic": "orders"}),
			Resolve: []providers.Position{early, late, early}})
	}
	s.Forget()
	for _, got := range s.conn.Read(t.Context(), reqs) {
		check(t, got.Err)
		first, last := got.Parts[0].Resolution(early).Found, got.Parts[0].Resolution(late).Found
		if n, ok := (providers.Order{}).Distance(last, first); !ok || n <= 0 {
			t.Errorf("%s and %s resolve to %s and %s", early, late, first, last)
		}
	}
	if n := s.Requests()[kmsg.ListOffsets]; n != 4 {
		t.Errorf("two boundaries and two times took %d requests", n)
	}
}

func TestAnUnansweredPartIsAnError(t *testing.T) {
	s := stage(t)
	s.ControlKey(int16(kmsg.ListOffsets), func(r kmsg.Request) (kmsg.Response, error, bool) {
		s.KeepControl()
		return r.ResponseKind(), nil, true
	})
	if got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal}})[0]; got.Err == nil || len(got.Parts) != 0 {
		t.Errorf("a log whose boundaries are not known is read as %+v", got)
	}
}

// TestAGroupIsReadBackOnce reads two parts of one group back, as two requests.
func TestAGroupIsReadBackOnce(t *testing.T) {
	s := stage(t)
	asked := make(chan int, 1)
	s.ControlKey(int16(kmsg.OffsetFetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		asked <- len(r.(*kmsg.OffsetFetchRequest).Groups)
		return nil, nil, false
	})
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal, Only: []providers.Part{part(2), part(0)}}, {Target: s.goal,
		Only: []providers.Part{part(1)}}})
	if want := []string{"orders/0=300", "orders/2=300"}; !reflect.DeepEqual(parts(got[0]), want) ||
		!reflect.DeepEqual(parts(got[1]), []string{"orders/1=300"}) {
		t.Errorf("got %v and %v", parts(got[0]), parts(got[1]))
	}
	if n := <-asked; n != 1 {
		t.Errorf("one group is requested %d times", n)
	}
}

// TestAGlobSelectsNewTopicsOnRequest reads a topic on which the group has no
// commit, and reports it if it is not to be read.
func TestAGlobSelectsNewTopicsOnRequest(t *testing.T) {
	s := stage(t)
	check(t, s.CreateTopic("orders-late", 1, nil))
	check(t, s.CreateTopic("__orders", 1, nil))
	goal := target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "topics": []string{"*-late"}})
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: goal}, {Target: goal, New: true}, {Target: goal,
		Also: []providers.Part{{Topic: "orders-late"}}}})
	if m := got[0].Missing; len(got[0].Parts) != 0 || len(m) != 1 || m[0].Name != "*-late" || !reflect.DeepEqual(m[0].Fresh, []string{"orders-late"}) {
		t.Errorf("without commits it is read as %+v", got[0])
	}
	for _, s := range got[1:] {
		if !reflect.DeepEqual(parts(s), []string{"orders-late/0=unset"}) || len(s.Missing) != 0 {
			t.Errorf("on request it is read as %+v", s)
		}
	}
	every := target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "topics": []string{"*"}})
	if all := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: every, New: true}})[0]; len(all.Parts) != 4 {
		t.Errorf("a star selects %v", parts(all))
	}
}

// TestPartsOfARemovedCommitAreReadOnRequest is what a rollback of to: unset
// needs: the target has no topic any more.
func TestPartsOfARemovedCommitAreReadOnRequest(t *testing.T) {
	s := stage(t)
	_, err := s.reset(t.Context(), unset(0), unset(1), unset(2))
	check(t, err)
	goal := target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup})
	other := providers.Part{Topic: "__consumer_offsets"}
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: goal}, {Target: goal, Also: []providers.Part{part(1), other}}})
	if len(got[0].Parts) != 0 || !reflect.DeepEqual(parts(got[1]), []string{"orders/1=unset"}) {
		t.Errorf("got %v and %v", parts(got[0]), parts(got[1]))
	}
}

// TestAReadBackHasWhatARuleNeeds reads back with the commit's metadata, leader
// epoch and the topic's id.
func TestAReadBackHasWhatARuleNeeds(t *testing.T) {
	s := stage(t)
	move := to(0, 7)
	move.Metadata = map[string]string{"metadata": "mine", "leaderEpoch": "0"}
	_, err := s.reset(t.Context(), move)
	check(t, err)
	whole := s.read(t).Parts
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal, Only: []providers.Part{part(0), part(1)}}})[0]
	check(t, got.Err)
	for i, p := range got.Parts {
		if p.LogID == "" || p.LogID != whole[i].LogID || !reflect.DeepEqual(p.Metadata, whole[i].Metadata) || p.Committed != whole[i].Committed {
			t.Errorf("%s is read back as %+v, and read as %+v", p.Part, p, whole[i])
		}
	}
	if !reflect.DeepEqual(got.Parts[0].Metadata, move.Metadata) {
		t.Errorf("got %v", got.Parts[0].Metadata)
	}
}
