package kafka_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestALogWithoutALeaderHidesNoOther reads a topic of which one partition has
// no leader, and another topic.
func TestALogWithoutALeaderHidesNoOther(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"no leader":          {Keys: []kmsg.Key{kmsg.Metadata}, Err: kerr.LeaderNotAvailable},
		"a leader that left": {Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.NotLeaderForPartition},
		"a failing disk":     {Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.KafkaStorageError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t)
			check(t, s.CreateTopic("bills", 1, nil))
			fault.Topic, fault.Partitions, fault.Count = kafkafake.SeedTopic, []int32{1}, -1
			s.Fault(fault)
			at := providers.AtTime(now)
			got := s.conn.Read(t.Context(), []providers.ReadRequest{
				{Target: s.goal, Resolve: []providers.Position{at}, LowTime: true, Bytes: true},
				{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": "bills"})},
				{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": "orders", "partitions": []int{0, 2}})},
				{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup})},
			})
			for i, want := range []int{3, 1, 2, 3} {
				check(t, got[i].Err)
				if len(got[i].Parts) != want {
					t.Errorf("request %d: %d parts are read", i, len(got[i].Parts))
				}
				for _, p := range got[i].Parts {
					if away := p.Part == part(1); p.Low.IsZero() != away || p.High.IsZero() != away || p.LogID == "" || away && len(p.Resolved) != 0 {
						t.Errorf("request %d: %s is read as %+v", i, p.Part, p)
					}
				}
			}
			if parts(got[0])[1] != "orders/1=300" || len(got[0].Notes) != 1 || !strings.Contains(got[0].Notes[0], fault.Err.Message) ||
				len(got[2].Notes) != 0 {
				t.Errorf("got %v, %q", parts(got[0]), got[0].Notes)
			}
		})
	}
}

// TestAnElectionIsWaitedFor has no leader at first and one a moment later.
func TestAnElectionIsWaitedFor(t *testing.T) {
	s := stage(t)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: kafkafake.SeedTopic, Partitions: []int32{1}, Err: kerr.LeaderNotAvailable, Count: 1})
	if got := s.read(t); got.Parts[1].High.IsZero() || len(got.Notes) != 0 {
		t.Errorf("got %+v, %q", got.Parts[1], got.Notes)
	}
}

func TestATopicThatMayNotBeReadFailsItsOwnStep(t *testing.T) {
	s := stage(t)
	check(t, s.CreateTopic("secret", 1, nil))
	s.commit(t, kafkafake.SeedGroup, "secret", 0, 0)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: "secret", Err: kerr.TopicAuthorizationFailed, Count: -1})
	got := s.conn.Read(t.Context(), []providers.ReadRequest{
		{Target: s.goal},
		{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": "secret"})},
		{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup})},
		{Target: target(t, s.Address(), map[string]any{"group": kafkafake.SeedGroup, "excludeTopics": []string{"secret"}})},
	})
	for i, denied := range []bool{false, true, true, false} {
		if errors.Is(got[i].Err, providers.ErrDenied) != denied || !denied && (got[i].Err != nil || len(got[i].Parts) != 3) {
			t.Errorf("request %d: got %+v", i, got[i])
		}
	}
}

// TestATemporaryFailoverIsNotReportedAsAFactAboutTheGroup reads while the coordinator is away
// for the first requests of a kind.
func TestATemporaryFailoverIsNotReportedAsAFactAboutTheGroup(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"commits, not available":   {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.CoordinatorNotAvailable},
		"commits, moved":           {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.NotCoordinator},
		"commits, loading":         {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.CoordinatorLoadInProgress},
		"the listing, loading":     {Keys: []kmsg.Key{kmsg.ListGroups}, Err: kerr.CoordinatorLoadInProgress},
		"the listing, unavailable": {Keys: []kmsg.Key{kmsg.ListGroups}, Err: kerr.CoordinatorNotAvailable},
		"the look-up":              {Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t)
			fault.Count = 3
			s.Fault(fault)
			got := s.read(t)
			if got.Activity.State != providers.Idle || got.GroupState != providers.Committed ||
				!reflect.DeepEqual(parts(got), []string{"orders/0=300", "orders/1=300", "orders/2=300"}) {
				t.Errorf("got %+v, %v", got.Activity, parts(got))
			}
		})
	}
}

// TestACoordinatorThatStaysAwayIsNamed has it away for good: the other group
// is read, and the error has the broker's code.
func TestACoordinatorThatStaysAwayIsNamed(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"commits":     {Keys: []kmsg.Key{kmsg.OffsetFetch}, Group: kafkafake.SeedGroup, Err: kerr.CoordinatorNotAvailable},
		"the listing": {Keys: []kmsg.Key{kmsg.ListGroups}, Err: kerr.CoordinatorLoadInProgress},
		"the look-up": {Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stage(t)
			fault.Count = -1
			s.Fault(fault)
			s.conn = hasty(t, s.Address())
			got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal}})[0]
			var own *providers.Error
			if !errors.Is(got.Err, providers.ErrUnavailable) || !errors.As(got.Err, &own) || own.Code != fault.Err.Message ||
				!strings.Contains(got.Err.Error(), "the group coordinator is not available") {
				t.Errorf("got %v, %+v", got.Err, got.Activity)
			}
		})
	}
}

// TestABrokerThatDiesHidesNothing removes the group's coordinator between
// a plan and its reset.
func TestABrokerThatDiesHidesNothing(t *testing.T) {
	s := stage(t, kfake.NumBrokers(3), kfake.Ports(0, 0, 0))
	s.read(t)
	dead := s.CoordinatorFor(kafkafake.SeedGroup)
	check(t, s.RemoveNode(dead))
	if got := s.read(t); got.Activity.State != providers.Idle || len(got.Parts) != 3 {
		t.Errorf("got %+v, %v", got.Activity, parts(got))
	}
	_, err := s.reset(t.Context(), to(0, 7))
	check(t, err)
	s.adm = admin(t, s.ListenAddrs()[0])
	if s.committed(t) != "7 300 300" {
		t.Errorf("the group is at %s", s.committed(t))
	}
}

// TestAResetGoesToTheNewCoordinator is one whose coordinator dies after the
// last reading: the retry policy sends it to the next.
func TestAResetGoesToTheNewCoordinator(t *testing.T) {
	s := stage(t, kfake.NumBrokers(3), kfake.Ports(0, 0, 0))
	s.read(t)
	check(t, s.RemoveNode(s.CoordinatorFor(kafkafake.SeedGroup)))
	_, err := retry.Default().Reset(t.Context(), s.conn, providers.Move{Target: s.goal, To: []providers.PartMove{to(0, 7)}})
	check(t, err)
	s.adm = admin(t, s.ListenAddrs()[0])
	if s.committed(t) != "7 300 300" {
		t.Errorf("the group is at %s", s.committed(t))
	}
}

// TestACommitWaitsForTheCoordinator looks for the coordinator while no broker
// has taken over; the commit is sent once.
func TestACommitWaitsForTheCoordinator(t *testing.T) {
	s := stage(t)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.FindCoordinator}, Err: kerr.CoordinatorNotAvailable, Count: 3})
	s.Forget()
	_, err := s.reset(t.Context(), to(0, 7))
	check(t, err)
	if n := s.Requests()[kmsg.OffsetCommit]; n != 1 || s.committed(t) != "7 300 300" {
		t.Errorf("it was sent %d times; the group is at %s", n, s.committed(t))
	}
}

// TestGroupsAreListedAfterAFailover lists while a coordinator loads its groups,
// which it leaves out for that long.
func TestGroupsAreListedAfterAFailover(t *testing.T) {
	s := stage(t)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListGroups}, Err: kerr.CoordinatorLoadInProgress, Count: 2})
	got, err := s.conn.(providers.Lister).Names(t.Context(), "group", nil)
	if err != nil || !reflect.DeepEqual(got, []string{kafkafake.SeedGroup}) {
		t.Errorf("got %v, %v", got, err)
	}
}
