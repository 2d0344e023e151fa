package kafka_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// A scene is a seeded fake, a connection to it and the seeded group as its
// target.
type scene struct {
	*kafkafake.Fake
	adm  *kadm.Client
	conn providers.Connection
	goal providers.Target
}

func stage(t *testing.T, options ...kfake.Opt) *scene {
	t.Helper()
	f, adm := start(t, options...)
	return &scene{f, adm, connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil),
		target(t, f.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})}
}

// read reads the target, which makes topics and coordinator known.
func (s *scene) read(t *testing.T) providers.Snapshot {
	t.Helper()
	got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal}})[0]
	check(t, got.Err)
	return got
}

func (s *scene) reset(ctx context.Context, to ...providers.PartMove) (providers.Receipt, error) {
	return s.conn.Reset(ctx, providers.Move{Target: s.goal, To: to})
}

// committed reads the group's positions without the provider, in the order of
// partitions: "7 300 -".
func (s *scene) committed(t *testing.T) string {
	t.Helper()
	at := committed(t, s.adm, kafkafake.SeedGroup)
	var out []string
	for p := range 3 {
		text := "-"
		if pos, ok := at[part(p)]; ok {
			text = strings.TrimPrefix(pos.String(), "offset:")
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func part(n int) providers.Part { return providers.Part{Topic: kafkafake.SeedTopic, Number: n} }

func to(p int, offset int64) providers.PartMove {
	return providers.PartMove{Part: part(p), Position: providers.AtOffset(offset)}
}

func unset(p int) providers.PartMove {
	return providers.PartMove{Part: part(p), Position: providers.At(providers.Unset)}
}

func TestAResetSetsAndRemovesInOneMove(t *testing.T) {
	s := stage(t)
	receipt, err := s.reset(t.Context(), to(0, 7), unset(1))
	check(t, err)
	want := []providers.PartResult{{Part: part(0), Position: providers.AtOffset(7)}, {Part: part(1), Position: providers.At(providers.Unset)}}
	if !reflect.DeepEqual(receipt.Parts, want) || s.committed(t) != "7 - 300" {
		t.Errorf("the receipt is %+v and the group is at %s", receipt.Parts, s.committed(t))
	}
}

func TestAPartialRefusalIsReportedPartByPart(t *testing.T) {
	s := stage(t)
	check(t, s.Inject("partial"))
	receipt, err := s.reset(t.Context(), to(0, 7), to(1, 8), to(2, 9))
	check(t, err)
	for i, p := range receipt.Parts {
		if refused := i == 1; (p.Err != nil) != refused || p.Position.IsZero() != refused {
			t.Errorf("%s is reported as %+v", p.Part, p)
		}
	}
	if err := receipt.Parts[1].Err; !strings.Contains(err.Error(), "orders/1: KAFKA_STORAGE_ERROR") || s.committed(t) != "7 300 9" {
		t.Errorf("the refusal is %v, and the group is at %s", err, s.committed(t))
	}
}

func TestACommitThatIsRefusedRemovesNothing(t *testing.T) {
	s := stage(t)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.UnknownMemberID})
	_, err := s.reset(t.Context(), to(0, 7), unset(1))
	if !errors.Is(err, providers.ErrPrecondition) || s.Requests()[kmsg.OffsetDelete] != 0 || s.committed(t) != "300 300 300" {
		t.Errorf("got %v; the group is at %s", err, s.committed(t))
	}
}

func TestACoordinatorThatHasMovedIsLookedForAgain(t *testing.T) {
	s := stage(t)
	s.read(t)
	s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.NotCoordinator})
	s.Forget()
	if _, err := s.reset(t.Context(), to(0, 7)); !errors.Is(err, providers.ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	_, err := s.reset(t.Context(), to(0, 7))
	check(t, err)
	if n := s.Requests()[kmsg.FindCoordinator]; n != 1 || s.committed(t) != "7 300 300" {
		t.Errorf("the coordinator was looked for %d times; the group is at %s", n, s.committed(t))
	}
}

// answerCommits makes the fake answer commits with the partitions and codes
// given, in that order, and do nothing.
func (s *scene) answerCommits(answers ...kmsg.OffsetCommitResponseTopicPartition) {
	s.ControlKey(int16(kmsg.OffsetCommit), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.OffsetCommitResponse)
		asked := r.(*kmsg.OffsetCommitRequest).Topics[0]
		resp.Topics = []kmsg.OffsetCommitResponseTopic{{Topic: asked.Topic, TopicID: asked.TopicID, Partitions: answers}}
		return resp, nil, true
	})
}

func TestAnswersAreMatchedByNumber(t *testing.T) {
	s := stage(t)
	s.answerCommits(kmsg.OffsetCommitResponseTopicPartition{Partition: 2, ErrorCode: 3}, kmsg.OffsetCommitResponseTopicPartition{Partition: 0})
	receipt, err := s.reset(t.Context(), to(0, 7), to(2, 9))
	check(t, err)
	if p := receipt.Parts; p[0].Part != part(0) || p[0].Err != nil || p[1].Part != part(2) || !errors.Is(p[1].Err, providers.ErrNotFound) {
		t.Errorf("got %+v", p)
	}
}

func TestAPartThatIsNotAnsweredIsInDoubt(t *testing.T) {
	s := stage(t)
	s.answerCommits(kmsg.OffsetCommitResponseTopicPartition{Partition: 0})
	if _, err := s.reset(t.Context(), to(0, 7), to(2, 9)); !errors.Is(err, providers.ErrInDoubt) || !strings.Contains(err.Error(), "orders/2") {
		t.Errorf("got %v", err)
	}
}

func TestAResetThatIsCancelledBeforeItLeavesHasDoneNothing(t *testing.T) {
	s := stage(t)
	s.read(t)
	s.Forget()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.reset(ctx, to(0, 7))
	if !errors.Is(err, context.Canceled) || errors.Is(err, providers.ErrInDoubt) || s.Requests()[kmsg.OffsetCommit] != 0 ||
		s.committed(t) != "300 300 300" {
		t.Errorf("got %v; the group is at %s", err, s.committed(t))
	}
}

func TestAResetThatIsCancelledAfterItLeftIsInDoubt(t *testing.T) {
	s := stage(t)
	s.read(t)
	arrived, gate := make(chan struct{}), make(chan struct{})
	s.ControlKey(int16(kmsg.OffsetCommit), func(kmsg.Request) (kmsg.Response, error, bool) {
		s.SleepControl(func() { close(arrived); <-gate })
		return nil, nil, false
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := s.reset(ctx, to(0, 7))
	close(gate)
	if !errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
}

func TestMetadataIsCheckedAgainstTheProtocol(t *testing.T) {
	s := stage(t)
	move := to(0, 7)
	move.Metadata = map[string]string{"leaderEpoch": "old"}
	if _, err := s.reset(t.Context(), move); !errors.Is(err, providers.ErrInvalid) || s.Requests()[kmsg.OffsetCommit] > 1 ||
		s.committed(t) != "300 300 300" {
		t.Errorf("an epoch that is not a number: %v", err)
	}
}

// TestOlderBrokers reads and resets by what was there before: states that are
// not listed (2.5), no ids of topics (2.5), commits by name (4.0).
func TestOlderBrokers(t *testing.T) {
	for name, version := range map[string]*kversion.Versions{"2.5": kversion.V2_5_0(), "4.0": kversion.V4_0_0()} {
		t.Run(name, func(t *testing.T) {
			s := stage(t, kfake.MaxVersions(version))
			got := s.read(t)
			if got.Activity.State != providers.Idle || got.GroupState != providers.Committed || (got.Parts[0].LogID == "") != (name == "2.5") {
				t.Errorf("it is read as %+v", got)
			}
			_, err := s.reset(t.Context(), providers.PartMove{Part: part(0), Position: providers.AtOffset(7), LogID: got.Parts[0].LogID}, unset(1))
			check(t, err)
			if s.committed(t) != "7 - 300" {
				t.Errorf("it is at %s", s.committed(t))
			}
			check(t, s.Join(kafkafake.SeedGroup, kafkafake.SeedTopic))
			if a := s.read(t).Activity; a.State != providers.Active || len(a.Members) != 1 {
				t.Errorf("while active it is reported as %+v", a)
			}
		})
	}
}

// TestARecreatedTopicIsKnownByItsID uses a broker that accepts commits by name, so
// that only the provider can notice.
func TestARecreatedTopicIsKnownByItsID(t *testing.T) {
	s := stage(t, kfake.MaxVersions(kversion.V4_0_0()))
	old := s.read(t).Parts[0].LogID
	check(t, s.DeleteTopic(kafkafake.SeedTopic))
	check(t, s.CreateTopic(kafkafake.SeedTopic, 3, nil))
	fresh := connect(t, map[string]any{"bootstrapServers": []string{s.Address()}}, nil)
	_, err := fresh.Reset(t.Context(), providers.Move{Target: s.goal, To: []providers.PartMove{{Part: part(0), Position: providers.AtOffset(0),
		LogID: old}}})
	if !errors.Is(err, providers.ErrNotFound) || !strings.Contains(err.Error(), "re-created") || s.committed(t) != "- - -" {
		t.Errorf("got %v; the group is at %s", err, s.committed(t))
	}
}
