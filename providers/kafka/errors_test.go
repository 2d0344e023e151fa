package kafka_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestRefusalsHaveTheirKind compares each answer to a commit with what it
// proves. A coordinator that was not available may have written already.
func TestRefusalsHaveTheirKind(t *testing.T) {
	for code, want := range map[*kerr.Error]error{
		kerr.UnknownMemberID:           providers.ErrPrecondition,
		kerr.RebalanceInProgress:       providers.ErrPrecondition,
		kerr.GroupAuthorizationFailed:  providers.ErrDenied,
		kerr.TopicAuthorizationFailed:  providers.ErrDenied,
		kerr.UnknownTopicID:            providers.ErrNotFound,
		kerr.UnknownTopicOrPartition:   providers.ErrNotFound,
		kerr.OffsetMetadataTooLarge:    providers.ErrInvalid,
		kerr.ThrottlingQuotaExceeded:   providers.ErrThrottled,
		kerr.CoordinatorLoadInProgress: providers.ErrUnavailable,
		kerr.NotCoordinator:            providers.ErrUnavailable,
		kerr.CoordinatorNotAvailable:   providers.ErrInDoubt,
		kerr.RequestTimedOut:           providers.ErrInDoubt,
		kerr.UnknownServerError:        providers.ErrInDoubt,
	} {
		t.Run(code.Message, func(t *testing.T) {
			s := stage(t)
			s.read(t)
			s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: code})
			s.Forget()
			_, err := s.reset(t.Context(), to(0, 7))
			if !errors.Is(err, want) || errors.Is(err, providers.ErrInDoubt) != errors.Is(want, providers.ErrInDoubt) {
				t.Errorf("got %v, want it to be %v", err, want)
			}
			if text := err.Error(); !strings.Contains(text, code.Message) || !strings.Contains(text, "orders/0") || strings.Contains(text, "\n") {
				t.Errorf("its text is %q", text)
			}
			if n := s.Requests()[kmsg.OffsetCommit]; n != 1 {
				t.Errorf("it was sent %d times", n)
			}
		})
	}
}

func TestRemovalsThatAreRefusedHaveTheirKind(t *testing.T) {
	t.Run("a group that is not there", func(t *testing.T) {
		s := stage(t)
		s.goal = target(t, s.Address(), map[string]any{"group": "absent", "topic": kafkafake.SeedTopic})
		if _, err := s.reset(t.Context(), unset(0)); !errors.Is(err, providers.ErrNotFound) || !strings.Contains(err.Error(), "GROUP_ID_NOT_FOUND") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a group that is active on the topic", func(t *testing.T) {
		s := stage(t)
		check(t, s.Join(kafkafake.SeedGroup, kafkafake.SeedTopic))
		if _, err := s.reset(t.Context(), unset(0)); !errors.Is(err, providers.ErrPrecondition) || s.committed(t) != "300 300 300" {
			t.Errorf("got %v; the group is at %s", err, s.committed(t))
		}
	})
	t.Run("after an applied commit, as the part's own error", func(t *testing.T) {
		s := stage(t)
		s.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetDelete}, Err: kerr.GroupAuthorizationFailed, TopLevel: true})
		receipt, err := s.reset(t.Context(), to(0, 7), unset(1))
		check(t, err)
		if p := receipt.Parts; p[0].Err != nil || !errors.Is(p[1].Err, providers.ErrDenied) || !strings.Contains(p[1].Err.Error(), "DELETE") ||
			s.committed(t) != "7 300 300" {
			t.Errorf("got %+v; the group is at %s", p, s.committed(t))
		}
	})
}

func TestACallWithoutAnAnswerNamesTheRemedyWithoutAnAddress(t *testing.T) {
	err := kafka.Failed("read the cluster's id", context.DeadlineExceeded)
	if !errors.Is(err, providers.ErrUnavailable) || !strings.Contains(err.Error(), "no answer in time; check the address, and firewalls on the way") ||
		strings.Contains(err.Error(), "deadline") {
		t.Errorf("got %v", err)
	}
}

func TestABrokerThatIsNotThereIsUnavailable(t *testing.T) {
	c, err := kafka.New().Connect(providers.Config{Timeout: 500 * time.Millisecond,
		Decode: providertest.Keys(map[string]any{"bootstrapServers": []string{"127.0.0.1:1"}})}, environment(nil))
	check(t, err)
	defer c.Close()
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: target(t, "127.0.0.1:1", map[string]any{"group": "g", "topic": "orders"})}})[0]
	if !errors.Is(s.Err, providers.ErrUnavailable) || strings.Contains(s.Err.Error(), "\n") {
		t.Errorf("got %v", s.Err)
	}
}

// TestRightsThatAreMissing reads and resets as a user who lacks one right.
func TestRightsThatAreMissing(t *testing.T) {
	right := func(on kmsg.ACLResourceType, name string, op kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: on, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
	}
	group := right(kmsg.ACLResourceTypeGroup, "g", kmsg.ACLOperationRead)
	topic := right(kmsg.ACLResourceTypeTopic, "orders", kmsg.ACLOperationRead)
	look := right(kmsg.ACLResourceTypeGroup, "g", kmsg.ACLOperationDescribe)
	for name, c := range map[string]struct {
		rights      []kfake.ACL
		read, reset string // in the error; "" = it works
	}{
		"none":                     {nil, "AUTHORIZATION_FAILED", ""},
		"on the topic alone":       {[]kfake.ACL{topic}, "GROUP_AUTHORIZATION_FAILED: the ACL must allow DESCRIBE and READ on the group", ""},
		"on the group alone":       {[]kfake.ACL{group}, "TOPIC_AUTHORIZATION_FAILED: the ACL must allow DESCRIBE and READ on the topic", ""},
		"to look and not to touch": {[]kfake.ACL{look, topic}, "", "GROUP_AUTHORIZATION_FAILED"},
		"on both, not the cluster": {[]kfake.ACL{group, topic}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			address, _ := unseeded(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.User("PLAIN", "alice", "s3cret", c.rights...))
			conn := connect(t, map[string]any{"bootstrapServers": []string{address}, "sasl": map[string]any{"mechanism": "PLAIN"}},
				map[string]string{"KAFKA_SASL_USERNAME": "alice", "KAFKA_SASL_PASSWORD": "s3cret"})
			goal := target(t, address, map[string]any{"group": "g", "topic": "orders"})
			as := func(what string, err error, want string) {
				if want == "" {
					check(t, err)
				} else if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: got %v", what, err)
				}
			}
			as("read", conn.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err, c.read)
			if c.read != "" {
				return
			}
			_, err := conn.Reset(t.Context(), providers.Move{Target: goal, To: []providers.PartMove{{Part: part(0), Position: providers.AtOffset(0)}}})
			as("reset", err, c.reset)
		})
	}
}
