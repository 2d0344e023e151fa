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
	"github.com/resetplan/resetplan/providers/internal/inject"
)

// many starts a service whose online group has commits on orders_1 and orders_2, next
// to the seeded topic, and none on the topic fresh.
func many(t *testing.T) (*fake.Fake, providers.Connection) {
	t.Helper()
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	for _, topic := range []string{"orders_2", "orders_1", "fresh"} {
		f.CreateTopic(topic, fake.Layout{Brokers: []string{"broker-0"}, Queues: 2, Times: []time.Time{now.Add(-2 * time.Hour), now.Add(-time.Hour)}})
	}
	f.Commit(fake.Group, "orders_1", 2)
	f.Commit(fake.Group, "orders_2", 2)
	return f, dial(t, url)
}

func topicsOf(parts []providers.PartReading) (out []string) {
	for _, p := range parts {
		out = append(out, p.Part.Topic)
	}
	return slices.Compact(out)
}

func TestATargetSelectsTopics(t *testing.T) {
	for name, c := range map[string]struct {
		target map[string]any
		want   []string
		none   []string // missing
	}{
		"every topic that the group subscribes to": {map[string]any{}, []string{"orders_1", "orders_2", "topic_01"}, nil},
		"a list of names, one not subscribed":      {map[string]any{"topics": []string{"fresh", "orders_2"}}, []string{"fresh", "orders_2"}, nil},
		"a glob":                                   {map[string]any{"topics": []string{"orders_?"}}, []string{"orders_1", "orders_2"}, nil},
		"a glob and a name":                        {map[string]any{"topics": []string{"orders_2", "t*"}}, []string{"orders_2", "topic_01"}, nil},
		"a glob never matches internal topics":     {map[string]any{"topics": []string{"*"}}, []string{"orders_1", "orders_2", "topic_01"}, nil},
		"a glob that matches none":                 {map[string]any{"topics": []string{"orders_*", "bills_*"}}, nil, []string{"bills_*"}},
		"a name that does not exist":               {map[string]any{"topics": []string{"orders_1", "orders_9"}}, nil, []string{"orders_9"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, conn := many(t)
			c.target["group"] = fake.Group
			s := conn.Read(t.Context(), []providers.ReadRequest{{Target: aim(t, c.target)}})[0]
			var none []string
			for _, m := range s.Missing {
				none = append(none, m.Name)
			}
			if s.Err != nil || !slices.Equal(topicsOf(s.Parts), c.want) || !slices.Equal(none, c.none) || f.Writes() != 0 {
				t.Errorf("got %v, missing %v, %v", topicsOf(s.Parts), none, s.Err)
			}
		})
	}
}

func TestTheTopicsOfAGroupAreReadToTheEndOfTheList(t *testing.T) {
	f, conn := many(t)
	for n := range 120 {
		name := fmt.Sprintf("many_%03d", n)
		f.CreateTopic(name, fake.Layout{Brokers: []string{"broker-0"}, Queues: 1, Times: []time.Time{now}})
		f.Commit(fake.Group, name, 1)
	}
	s := conn.Read(t.Context(), []providers.ReadRequest{{Target: aim(t, map[string]any{"group": fake.Group})}})[0]
	if got := topicsOf(s.Parts); s.Err != nil || len(got) != 123 {
		t.Errorf("got %d topics, %v", len(got), s.Err)
	}
}

func TestAGroupWithoutTopicsSelectsNone(t *testing.T) {
	f, conn := many(t)
	f.CreateGroup("group_02")
	f.Join("group_02", "c-1")
	target := aim(t, map[string]any{"group": "group_02"})
	s := conn.Read(t.Context(), []providers.ReadRequest{{Target: target}})[0]
	if s.Err != nil || s.Parts != nil || s.Missing != nil || s.GroupState != providers.Blank {
		t.Errorf("got %+v", s)
	}
	_, err := conn.Reset(t.Context(), providers.Move{Target: target, To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}})
	if !errors.Is(err, providers.ErrNotFound) || f.Writes() != 0 {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}

func TestASubscriptionToADeletedTopicIsIgnored(t *testing.T) {
	url := answering(t, map[string]string{
		"groups/group_01/topics": `{"total":2,"topics":["gone",{"name":"topic_01"}],"brokers":[{"broker_name":"broker-0","queues":[{"id":0,"broker_offset":50,"consumer_offset":40}]}]}`,
		"topics/gone/status":     `404{"error_code":"DMS.00404901","error_msg":"no route"}`,
	})
	s := dial(t, url).Read(t.Context(), []providers.ReadRequest{{Target: aim(t, map[string]any{"group": fake.Group})}})[0]
	if s.Err != nil || s.Missing != nil || !slices.Equal(topicsOf(s.Parts), []string{"topic_01"}) || !strings.Contains(fmt.Sprint(s.Notes), "gone") {
		t.Errorf("got %+v", s)
	}
}

func TestARetryTopicIsReportedAndNotMoved(t *testing.T) {
	f, conn := many(t)
	note := func(target map[string]any) string {
		target["group"] = fake.Group
		return strings.Join(conn.Read(t.Context(), []providers.ReadRequest{{Target: aim(t, target)}})[0].Notes, " ")
	}
	if got := note(map[string]any{}); !strings.Contains(got, "Not moved: %RETRY%group_01") || !strings.Contains(got, "it has 0 messages now") {
		t.Errorf("got %q", got)
	}
	if got := note(map[string]any{"topic": fake.Topic}); got != "" {
		t.Errorf("got %q, and no message waits", got)
	}
	f.Commit(fake.Group, fake.Retry, 1)
	if got := note(map[string]any{"topic": fake.Topic}); !strings.Contains(got, "it has 4 messages now") {
		t.Errorf("got %q", got)
	}
	f.CreateTopic("%DLQ%group_01", fake.Layout{Brokers: []string{"broker-0"}, Queues: 1, Times: []time.Time{now}})
	f.Commit(fake.Group, "%DLQ%group_01", 0)
	if got := note(map[string]any{}); !strings.Contains(got, "Not moved: %DLQ%group_01. Its messages are not delivered any more; it has 1 message now.") {
		t.Errorf("got %q", got)
	}
	if _, err := conn.Reset(t.Context(), providers.Move{Target: aim(t, map[string]any{"group": fake.Group}),
		To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}); err != nil {
		t.Fatal(err)
	}
	if got := f.Committed(fake.Group, fake.Retry)[fake.Queue{Broker: "broker-0"}]; got != 1 {
		t.Errorf("the retry topic is at %d", got)
	}
}

// send resets topics of the seeded group to the earliest position.
func send(t *testing.T, c providers.Connection, target map[string]any, planned ...string) (providers.Receipt, error) {
	t.Helper()
	target["group"] = fake.Group
	m := providers.Move{Target: aim(t, target), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	for _, topic := range planned {
		m.Parts = append(m.Parts, providers.Part{Topic: topic, Broker: "broker-0"}, providers.Part{Topic: topic, Broker: "broker-0", Number: 1})
	}
	return c.Reset(t.Context(), m)
}

// outcomes returns where each topic's queues lead, or the code of their refusal.
func outcomes(t *testing.T, r providers.Receipt) map[string]string {
	out := map[string]string{}
	for _, p := range r.Parts {
		text := p.Position.String()
		if p.Err != nil {
			text = own(t, p.Err).Code
		}
		if was, seen := out[p.Part.Topic]; seen && was != text {
			t.Errorf("%s: %s and %s", p.Part.Topic, was, text)
		}
		out[p.Part.Topic] = text
	}
	return out
}

func TestAResetSendsOneCallForEachTopic(t *testing.T) {
	f, c := many(t)
	r, err := send(t, c, map[string]any{})
	if want := map[string]string{"orders_1": "offset:0", "orders_2": "offset:0", "topic_01": "offset:0"}; err != nil || f.Writes() != 3 ||
		!reflect.DeepEqual(outcomes(t, r), want) || len(r.Parts) != 12 || strings.Count(r.RequestID, ", ") != 2 {
		t.Errorf("got %+v, %v after %d writes", r, err, f.Writes())
	}
}

// What the group has subscribed to since the plan was made is not moved, nor what an
// earlier attempt has moved.
func TestAResetMovesOnlyThePlannedTopics(t *testing.T) {
	f, c := many(t)
	r, err := send(t, c, map[string]any{}, "orders_2")
	if err != nil || f.Writes() != 1 || !reflect.DeepEqual(outcomes(t, r), map[string]string{"orders_2": "offset:0"}) {
		t.Errorf("got %+v, %v after %d writes", r, err, f.Writes())
	}
}

func TestARefusedTopicDoesNotHideTheOthers(t *testing.T) {
	for name, planned := range map[string][]string{"planned": {"fresh", "orders_1"}, "selected at present": nil} {
		t.Run(name, func(t *testing.T) {
			f, c := many(t)
			r, err := send(t, c, map[string]any{"topics": []string{"fresh", "orders_1"}}, planned...)
			want := map[string]string{"fresh": "DMS.00400902", "orders_1": "offset:0"}
			if err != nil || f.Writes() != 2 || !reflect.DeepEqual(outcomes(t, r), want) || len(r.Parts) != 4 {
				t.Errorf("got %+v, %v after %d writes", r, err, f.Writes())
			}
		})
	}
}

func TestIfEveryTopicIsRefusedNothingWasMoved(t *testing.T) {
	f, c := many(t)
	if err := f.Inject("offline"); err != nil {
		t.Fatal(err)
	}
	_, err := send(t, c, map[string]any{"topics": []string{"orders_1", "orders_2"}})
	if !errors.Is(err, providers.ErrPrecondition) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
}

func TestAThrottledFirstTopicSendsNoOther(t *testing.T) {
	f, c := many(t)
	f.Arm(inject.Throttle, inject.Writes, 1)
	_, err := send(t, c, map[string]any{"topics": []string{"orders_1", "orders_2"}})
	if !errors.Is(err, providers.ErrThrottled) || f.Writes() != 1 {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}

func TestALostAnswerSaysWhatIsKnownOfEachTopic(t *testing.T) {
	f, c := many(t)
	f.Arm("", inject.Writes, 1)
	f.Arm(inject.Drop, inject.Writes, 1)
	r, err := send(t, c, map[string]any{})
	if !errors.Is(err, providers.ErrInDoubt) || f.Writes() != 2 || r.RequestID == "" {
		t.Fatalf("got %+v, %v after %d writes", r, err, f.Writes())
	}
	for _, want := range []string{"reset group group_01 on orders_2", "the service accepted orders_1", "topic_01 was not sent"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
	if got := f.Committed(fake.Group, fake.Topic)[fake.Queue{Broker: "broker-0"}]; got != 500 {
		t.Errorf("topic_01 is at %d", got)
	}
}

func TestTargetsOverlapIfTheyMayShareATopic(t *testing.T) {
	all, one := map[string]any{}, map[string]any{"topic": "orders_1"}
	for name, c := range map[string]struct {
		a, b map[string]any
		want bool
	}{
		"everything and one":        {all, one, true},
		"everything and everything": {all, all, true},
		"one and a list with it":    {one, map[string]any{"topics": []string{"orders_2", "orders_1"}}, true},
		"one and a list without it": {one, map[string]any{"topics": []string{"orders_2"}}, false},
		"one and a glob for it":     {one, map[string]any{"topics": []string{"orders_*"}}, true},
		"one and another glob":      {one, map[string]any{"topics": []string{"bills_*"}}, false},
		"the same glob":             {map[string]any{"topics": []string{"o*"}}, map[string]any{"topics": []string{"x", "o*"}}, true},
	} {
		for _, keys := range []map[string]any{c.a, c.b} {
			keys["group"] = "g"
		}
		a, b := aim(t, c.a), aim(t, c.b)
		if a.Overlaps(b) != c.want || b.Overlaps(a) != c.want {
			t.Errorf("%s: got %t", name, !c.want)
		}
		if other := aim(t, map[string]any{"group": "h"}); a.Overlaps(other) {
			t.Errorf("%s: another group overlaps", name)
		}
	}
}

func TestAnAddressNamesTheTopicsOnce(t *testing.T) {
	for want, keys := range map[string]map[string]any{
		"g/*":    {},
		"g/a,b":  {"topics": []string{"b", "a", "b"}},
		"g/a":    {"topics": []string{"a"}},
		"g/a,b*": {"topics": []string{"b*", "a"}},
	} {
		keys["group"] = "g"
		if got := aim(t, keys); got.Address() != "huawei-rocketmq:cn-north-4/sandbox-rocketmq/"+want || got.Identity() != got.Address() {
			t.Errorf("got %s", got.Address())
		}
	}
}
