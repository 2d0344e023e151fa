package kafka_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// identified connects by some servers and returns the seeded group's target
// with the cluster's id.
func identified(t *testing.T, keys map[string]any, servers ...string) providers.Target {
	t.Helper()
	config := config(map[string]any{"bootstrapServers": servers})
	goal, err := kafka.New().Target(config, providertest.Keys(keys))
	check(t, err)
	c := connect(t, map[string]any{"bootstrapServers": servers}, nil)
	goal, err = c.(providers.Identifier).Identify(t.Context(), goal)
	check(t, err)
	return goal
}

func TestOneClusterHasOneIdentity(t *testing.T) {
	f, _ := start(t, kfake.ClusterID("the-cluster"), kfake.NumBrokers(2), kfake.Ports(0, 0))
	seeded := map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}
	local := strings.Replace(f.Address(), "127.0.0.1", "localhost", 1)
	first := identified(t, seeded, f.Address())
	if want := "kafka:the-cluster/orders-billing/orders"; first.Identity() != want || first.Address() != "kafka:"+f.Address()+"/orders-billing/orders" {
		t.Errorf("the identity is %s, the address %s", first.Identity(), first.Address())
	}
	for _, servers := range [][]string{{local}, {f.ListenAddrs()[1]}, f.ListenAddrs()} {
		again := identified(t, seeded, servers...)
		if again.Identity() != first.Identity() || !again.Overlaps(first) || !first.Overlaps(again) {
			t.Errorf("by %v the identity is %s", servers, again.Identity())
		}
	}
	other, _ := start(t, kfake.ClusterID("another"))
	if far := identified(t, seeded, other.Address()); far.Identity() == first.Identity() || far.Overlaps(first) {
		t.Errorf("another cluster's target is %s", far.Identity())
	}
}

func TestAClustersIdIsRequestedOnce(t *testing.T) {
	s := stage(t)
	s.read(t)
	s.Forget()
	for range 3 {
		goal, err := s.conn.(providers.Identifier).Identify(t.Context(), s.goal)
		check(t, err)
		if goal.Identity() == goal.Address() || s.goal.Identity() != s.goal.Address() {
			t.Errorf("the identity is %s, that of the target before is %s", goal.Identity(), s.goal.Identity())
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("after a reading it took %v", s.Requests())
	}
}

func TestAClusterWithoutAnIdIsIdentifiedByItsAddress(t *testing.T) {
	s := stage(t)
	s.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		s.KeepControl()
		return withoutID(req, s.ListenAddrs()), nil, true
	})
	goal, err := s.conn.(providers.Identifier).Identify(t.Context(), s.goal)
	check(t, err)
	if goal.Identity() != s.goal.Address() {
		t.Errorf("the identity is %s", goal.Identity())
	}
}

func withoutID(req kmsg.Request, addresses []string) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.MetadataResponse)
	for i := range addresses {
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = int32(i), "127.0.0.1", 1
		resp.Brokers = append(resp.Brokers, b)
	}
	return resp
}

// TestASilentServerLeavesTimeForTheNext has a server that accepts and never
// answers, in front of one that does.
func TestASilentServerLeavesTimeForTheNext(t *testing.T) {
	f, _ := start(t)
	for range 6 { // the client begins with any of them
		c := hasty(t, silence(t), f.Address())
		goal := target(t, f.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic})
		if s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]; s.Err != nil || len(s.Parts) != 3 {
			t.Errorf("got %+v", s)
		}
	}
}

// TestASilentServerEndsEveryCall has two servers that accept and never
// answer. Every call ends by itself, one after the other.
func TestASilentServerEndsEveryCall(t *testing.T) {
	silent := []string{silence(t), silence(t)}
	keys := map[string]any{"bootstrapServers": silent}
	c, err := kafka.New().Connect(providers.Config{Timeout: 600 * time.Millisecond, Decode: providertest.Keys(keys)}, environment(nil))
	check(t, err)
	defer c.Close()
	goal := target(t, silent[0], map[string]any{"group": "g", "topic": "orders"})
	_, identify := c.(providers.Identifier).Identify(t.Context(), goal)
	_, list := c.(providers.Lister).Names(t.Context(), "group", nil)
	_, reset := c.Reset(t.Context(), providers.Move{Target: goal, To: []providers.PartMove{to(0, 7)}})
	for what, err := range map[string]error{"identify": identify, "list": list, "reset": reset,
		"read":      c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err,
		"read back": c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Only: []providers.Part{part(0)}}})[0].Err} {
		if !errors.Is(err, providers.ErrUnavailable) || errors.Is(err, providers.ErrInDoubt) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}
