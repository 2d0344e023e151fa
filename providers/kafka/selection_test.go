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

// parts writes a snapshot's parts and where they stand: "orders/0=300".
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
	s.commit(t, "both", kafkafake.SeedTopic, 1, 20)
	s.commit(t, "both", "bills", 0, 0)
	for name, c := range map[string]struct {
		keys map[string]any
		want []string
	}{
		"a topic with all its partitions":           {map[string]any{"group": "both", "topic": "orders"}, []string{"orders/0=unset", "orders/1=20", "orders/2=unset"}},
		"partitions by number":                      {map[string]any{"group": "both", "topic": "orders", "partitions": []int{2, 1}}, []string{"orders/1=20", "orders/2=unset"}},
		"topics by glob":                            {map[string]any{"group": "both", "topic": "orders*"}, []string{"orders/0=unset", "orders/1=20", "orders/2=unset", "orders-late/0=unset"}},
		"topics by name and glob, each once":        {map[string]any{"group": "both", "topics": []string{"bills", "b*"}}, []string{"bills/0=0", "bills/1=unset"}},
		"every part with a commit where none named": {map[string]any{"group": "both"}, []string{"bills/0=0", "orders/1=20"}},
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

func TestWhatIsMissingIsToldWithWhatThereIs(t *testing.T) {
	s := stage(t)
	for name, c := range map[string]struct {
		keys  map[string]any
		ask   []providers.Position
		want  providers.Missing
		known string // one of those told
	}{
		"the group":         {map[string]any{"group": "orders-biling", "topic": "orders"}, nil, providers.Missing{What: "group", Name: "orders-biling"}, "orders-billing"},
		"the other group":   {map[string]any{"group": "orders-billing"}, []providers.Position{providers.PlaceOf("doner")}, providers.Missing{What: "group", Name: "doner"}, "orders-billing"},
		"a topic":           {map[string]any{"group": "orders-billing", "topics": []string{"orders", "ordrs"}}, nil, providers.Missing{What: "topic", Name: "ordrs"}, "orders"},
		"a glob of topics":  {map[string]any{"group": "orders-billing", "topic": "bills*"}, nil, providers.Missing{What: "topic", Name: "bills*"}, "orders"},
		"a topic's portion": {map[string]any{"group": "orders-billing", "topic": "orders", "partitions": []int{1, 77}}, nil, providers.Missing{What: "partition", Name: "orders/77"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.ask(t, c.keys, c.ask...).Missing
			if len(got) != 1 || got[0].What != c.want.What || got[0].Name != c.want.Name || c.known != "" && !slices.Contains(got[0].Known, c.known) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAGroupsStanding(t *testing.T) {
	s := stage(t)
	check(t, s.Join("fresh", kafkafake.SeedTopic))
	s.Leave()
	for group, want := range map[string]providers.Standing{"nobody": providers.Absent, "fresh": providers.Blank, kafkafake.SeedGroup: providers.Committed} {
		got := s.ask(t, map[string]any{"group": group, "topic": "orders"})
		if got.Standing != want || got.Activity.State != providers.Idle {
			t.Errorf("%s: standing %d, %+v", group, got.Standing, got.Activity)
		}
	}
}

// TestATopicIsNotMadeByReading reads a misspelt topic where brokers make
// topics for whoever asks without saying that they must not.
func TestATopicIsNotMadeByReading(t *testing.T) {
	s := stage(t, kfake.AllowAutoTopicCreation())
	s.ask(t, map[string]any{"group": kafkafake.SeedGroup, "topic": "ordrs"})
	_, _ = s.reset(t.Context(), providers.PartMove{Part: providers.Part{Topic: "ordrs"}, Position: providers.AtOffset(0)}) // refused or not: it makes none either
	if s.TopicInfo("ordrs") != nil {
		t.Error("the topic is there now")
	}
}

// TestNegativeCommitsAreSeen reads what some tools write: -1 is a commit that
// stands there, not the absence of one.
func TestNegativeCommitsAreSeen(t *testing.T) {
	s := stage(t)
	s.commit(t, kafkafake.SeedGroup, kafkafake.SeedTopic, 0, -1)
	s.commit(t, kafkafake.SeedGroup, kafkafake.SeedTopic, 1, -5)
	got := s.read(t)
	if !reflect.DeepEqual(parts(got), []string{"orders/0=-1", "orders/1=-5", "orders/2=300"}) || len(got.Notes) != 2 || !strings.Contains(got.Notes[1], "orders/1 is committed at -5") {
		t.Errorf("got %v, %q", parts(got), got.Notes)
	}
}

func TestTimesAreAskedForOnce(t *testing.T) {
	s := stage(t)
	s.commit(t, "second", kafkafake.SeedTopic, 0, 5)
	early, late := providers.AtTime(now.Add(-24*time.Hour)), providers.AtTime(now.Add(-time.Hour))
	var reqs []providers.ReadRequest
	for _, group := range []string{kafkafake.SeedGroup, "second", kafkafake.SeedGroup} {
		reqs = append(reqs, providers.ReadRequest{Target: target(t, s.Address(), map[string]any{"group": group, "topic": "orders"}), Resolve: []providers.Position{early, late, early}})
	}
	s.Forget()
	for _, got := range s.conn.Read(t.Context(), reqs) {
		check(t, got.Err)
		first, last := got.Parts[0].Resolution(early).Found, got.Parts[0].Resolution(late).Found
		if n, ok := last.Distance(first); !ok || n <= 0 {
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
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal, Only: []providers.Part{part(2), part(0)}}, {Target: s.goal, Only: []providers.Part{part(1)}}})
	if want := []string{"orders/0=300", "orders/2=300"}; !reflect.DeepEqual(parts(got[0]), want) || !reflect.DeepEqual(parts(got[1]), []string{"orders/1=300"}) {
		t.Errorf("got %v and %v", parts(got[0]), parts(got[1]))
	}
	if n := <-asked; n != 1 {
		t.Errorf("one group is asked for %d times", n)
	}
}
