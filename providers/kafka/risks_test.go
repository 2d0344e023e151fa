package kafka_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// risky reads a target of a broker with the risks of a reset.
func risky(t *testing.T, c providers.Connection, goal providers.Target) providers.Snapshot {
	t.Helper()
	return c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Risks: true}})[0]
}

// stables returns the ends of the logs with what consumers of committed records receive.
func stables(s providers.Snapshot) (out []string) {
	for _, p := range s.Parts {
		out = append(out, p.Part.String()+"="+p.Stable.String()+"/"+p.High.String())
	}
	return out
}

func TestTheFirstOpenTransactionIsReported(t *testing.T) {
	s := stage(t)
	p := transact(t, s.Address())
	got := risky(t, s.conn, s.goal)
	check(t, got.Err)
	want := []string{"orders/0=offset:500/offset:501", "orders/1=offset:500/offset:500", "orders/2=offset:500/offset:500"}
	if !slices.Equal(stables(got), want) {
		t.Errorf("got %v, want %v", stables(got), want)
	}
	if got := s.read(t); !got.Parts[0].Stable.IsZero() {
		t.Errorf("without a request it is reported as %s", got.Parts[0].Stable)
	}
	check(t, p.EndTransaction(t.Context(), kgo.TryCommit))
	if got := risky(t, s.conn, s.goal).Parts[0]; got.Stable != got.High || got.Stable.IsZero() {
		t.Errorf("after its end %s of %s is reported", got.Stable, got.High)
	}
}

// TestCommitsThatExpireAreReported reads groups that no consumer has joined, next to one
// that a consumer has left.
func TestCommitsThatExpireAreReported(t *testing.T) {
	f, adm := start(t, kfake.BrokerConfigs(map[string]string{"offsets.retention.minutes": "90"}))
	var one kadm.Offsets
	one.AddOffset(kafkafake.SeedTopic, 0, 5, -1)
	check(t, adm.CommitAllOffsets(t.Context(), "tools", one))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	var reqs []providers.ReadRequest
	for _, group := range []string{kafkafake.SeedGroup, "tools", "new", "newer"} {
		reqs = append(reqs, providers.ReadRequest{Target: target(t, f.Address(), map[string]any{"group": group, "topic": "orders"}), Risks: true})
	}
	f.Forget()
	var got []string
	for range 2 {
		got = nil
		for _, s := range c.Read(t.Context(), reqs) {
			check(t, s.Err)
			if s.Expires == nil {
				got = append(got, "kept")
				continue
			}
			got = append(got, s.Expires.After.String()+" "+s.Expires.Setting)
		}
	}
	want := []string{"kept", "1h30m0s offsets.retention.minutes", "1h30m0s offsets.retention.minutes", "1h30m0s offsets.retention.minutes"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := f.Requests()[kmsg.DescribeConfigs]; n != 1 {
		t.Errorf("the setting was read %d times", n)
	}
}

func TestASettingThatMayNotBeReadIsUnknown(t *testing.T) {
	f, _ := start(t)
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeConfigs}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	s := risky(t, c, target(t, f.Address(), map[string]any{"group": "new", "topic": "orders"}))
	check(t, s.Err)
	if s.Expires == nil || s.Expires.After != 0 {
		t.Errorf("got %+v", s.Expires)
	}
}

// TestInternalTopicsOfKafkaStreamsAreLeftOut reads the group of an application that also
// has commits on topics it created, and on one of another application.
func TestInternalTopicsOfKafkaStreamsAreLeftOut(t *testing.T) {
	f, adm := start(t)
	var offsets kadm.Offsets
	for _, topic := range []string{"app-by-user-repartition", "app-count-changelog", "other-by-user-repartition", "orders"} {
		if topic != "orders" {
			check(t, f.CreateTopic(topic, 1, nil))
		}
		offsets.AddOffset(topic, 0, 0, -1)
	}
	check(t, adm.CommitAllOffsets(t.Context(), "app", offsets))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	read := func(keys map[string]any, also ...providers.Part) providers.Snapshot {
		s := c.Read(t.Context(), []providers.ReadRequest{{Target: target(t, f.Address(), keys), Also: also}})[0]
		check(t, s.Err)
		return s
	}
	s := read(map[string]any{"group": "app"})
	if got := parts(s); !slices.Equal(got, []string{"orders/0=0", "other-by-user-repartition/0=0"}) {
		t.Errorf("without topics it reads %v", got)
	}
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "app-by-user-repartition, app-count-changelog. To reset them too, name them under topics") {
		t.Errorf("it notes %q", s.Notes)
	}
	whole := c.Read(t.Context(), []providers.ReadRequest{{Target: target(t, f.Address(), map[string]any{"group": "app"}), Internal: true}})[0]
	if check(t, whole.Err); len(whole.Parts) != 4 || len(whole.Notes) > 0 {
		t.Errorf("on request it reads %v and notes %q", parts(whole), whole.Notes)
	}
	s = read(map[string]any{"group": "app"}, providers.Part{Topic: "app-count-changelog"})
	if got := parts(s); !slices.Contains(got, "app-count-changelog/0=0") || strings.Contains(fmt.Sprint(s.Notes), "changelog") {
		t.Errorf("with a recorded part it reads %v and notes %q", got, s.Notes)
	}
	s = read(map[string]any{"group": "app", "topics": []string{"app-*"}})
	if got := parts(s); len(got) != 2 || len(s.Notes) > 0 {
		t.Errorf("by name it reads %v and notes %q", got, s.Notes)
	}
	s = read(map[string]any{"group": "app", "excludeTopics": []string{"app-*"}})
	if got := parts(s); len(got) != 2 || len(s.Notes) > 0 {
		t.Errorf("with excluded topics it reads %v and notes %q", got, s.Notes)
	}
}

// TestGroupsOfOtherToolsAreRefusedWithTheTool has the broker list the group with another
// type or protocol.
func TestGroupsOfOtherToolsAreRefusedWithTheTool(t *testing.T) {
	for kind, want := range map[string]string{"share": "kafka-share-groups.sh --reset-offsets", "streams": "kafka-streams-groups.sh --reset-offsets",
		"connect": "PATCH /connectors/NAME/offsets"} {
		f, _ := start(t)
		f.ControlKey(int16(kmsg.ListGroups), func(req kmsg.Request) (kmsg.Response, error, bool) {
			f.KeepControl()
			resp := req.ResponseKind().(*kmsg.ListGroupsResponse)
			group := kmsg.NewListGroupsResponseGroup()
			group.Group, group.GroupState, group.GroupType, group.ProtocolType = kafkafake.SeedGroup, "Empty", kind, kind
			if kind == "connect" {
				group.GroupType = "classic"
			}
			resp.Groups = append(resp.Groups, group)
			return resp, nil, true
		})
		c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
		s := risky(t, c, target(t, f.Address(), map[string]any{"group": kafkafake.SeedGroup, "topic": "orders"}))
		if s.Err == nil || !strings.Contains(s.Err.Error(), want) {
			t.Errorf("%s: %v", kind, s.Err)
		}
	}
}

// TestTasksOfConnectAreRecognised lets a consumer join as a task of a sink connector.
func TestTasksOfConnectAreRecognised(t *testing.T) {
	f, _ := start(t)
	worker, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.ConsumerGroup("connect-to-s3"), kgo.ConsumeTopics("orders"),
		kgo.ClientID("connector-consumer-to-s3-0"))
	check(t, err)
	defer worker.Close()
	worker.PollFetches(t.Context())
	check(t, worker.CommitUncommittedOffsets(t.Context()))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	s := risky(t, c, target(t, f.Address(), map[string]any{"group": "connect-to-s3", "topic": "orders"}))
	check(t, s.Err)
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "PUT /connectors/to-s3/stop") {
		t.Errorf("it notes %q", s.Notes)
	}
}

// TestRisksCostNoRequestPerPartition reads one partition, and many of many groups.
func TestRisksCostNoRequestPerPartition(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("wide", 40, nil))
	var offsets kadm.Offsets
	for p := range int32(40) {
		offsets.AddOffset("wide", p, 0, -1)
	}
	var reqs []providers.ReadRequest
	for g := range 30 {
		group := fmt.Sprintf("g-%d", g)
		check(t, adm.CommitAllOffsets(t.Context(), group, offsets))
		reqs = append(reqs, providers.ReadRequest{Target: target(t, f.Address(), map[string]any{"group": group, "topic": "wide"}), Risks: true})
	}
	count := func(reqs []providers.ReadRequest) (all int) {
		c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
		f.Forget()
		for _, s := range c.Read(t.Context(), reqs) {
			check(t, s.Err)
		}
		for _, n := range f.Requests() {
			all += n
		}
		return all
	}
	one := append([]providers.ReadRequest(nil), reqs[0])
	one[0].Target = target(t, f.Address(), map[string]any{"group": "g-0", "topic": "wide", "partitions": []int{0}})
	if single, many := count(one), count(reqs); many != single {
		t.Errorf("%d requests for one partition, %d for 1,200", single, many)
	}
}
