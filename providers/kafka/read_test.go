package kafka_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// connect opens a connection with a provider's keys.
func connect(t *testing.T, keys map[string]any, env map[string]string) providers.Connection {
	t.Helper()
	c, err := kafka.New().Connect(config(keys), environment(env))
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

func config(keys map[string]any) providers.Config {
	return providers.Config{Timeout: 10 * time.Second, Decode: func(into any) error { return decode(keys, into) }}
}

func environment(env map[string]string) providers.Env {
	return providers.Env{Now: time.Now, Getenv: func(name string) string { return env[name] }}
}

func decode(v, into any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func target(t *testing.T, address string, keys map[string]any) providers.Target {
	t.Helper()
	goal, err := newTarget(address, keys)
	check(t, err)
	return goal
}

func newTarget(address string, keys map[string]any) (providers.Target, error) {
	return kafka.New().Target(config(map[string]any{"bootstrapServers": []string{address}}), func(into any) error { return decode(keys, into) })
}

func TestTarget(t *testing.T) {
	for name, c := range map[string]struct {
		keys map[string]any
		want string // the address behind "kafka:b:1/", or a part of the error
	}{
		"a topic":                          {map[string]any{"group": "g", "topic": "t"}, "g/t"},
		"every topic with a commit":        {map[string]any{"group": "g"}, "g/*"},
		"topics are sorted and once":       {map[string]any{"group": "g", "topics": []string{"b", "a", "b"}}, "g/a,b"},
		"partitions are ranges":            {map[string]any{"group": "g", "topic": "t", "partitions": []int{7, 2, 1, 0, 2}}, "g/t:0-2,7"},
		"partitions of a glob are refused": {map[string]any{"group": "g", "topic": "t*", "partitions": []int{7}}, "error: partitions:"},
		"no group is refused":              {map[string]any{"topic": "t"}, "error: group:"},
		"an unfinished glob is refused":    {map[string]any{"group": "g", "topic": "t["}, "error: topics:"},
	} {
		t.Run(name, func(t *testing.T) {
			goal, err := newTarget("b:1", c.keys)
			if want, isError := strings.CutPrefix(c.want, "error: "); isError {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want an error with %s", err, want)
				}
				return
			}
			check(t, err)
			if goal.Address() != "kafka:b:1/"+c.want {
				t.Errorf("got %s", goal.Address())
			}
		})
	}
}

func TestTargetsOverlap(t *testing.T) {
	base := map[string]any{"group": "g", "topic": "orders", "partitions": []int{0, 1}}
	for name, c := range map[string]struct {
		keys map[string]any
		want bool
	}{
		"the same":             {base, true},
		"another group":        {map[string]any{"group": "h", "topic": "orders"}, false},
		"another topic":        {map[string]any{"group": "g", "topic": "bills"}, false},
		"other partitions":     {map[string]any{"group": "g", "topic": "orders", "partitions": []int{2}}, false},
		"a common partition":   {map[string]any{"group": "g", "topic": "orders", "partitions": []int{1, 2}}, true},
		"a glob that matches":  {map[string]any{"group": "g", "topic": "ord*"}, true},
		"a glob that does not": {map[string]any{"group": "g", "topic": "bil*"}, false},
		"every topic":          {map[string]any{"group": "g"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := target(t, "b:1", base).Overlaps(target(t, "b:1", c.keys)); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if target(t, "b:1", base).Overlaps(target(t, "c:1", base)) {
		t.Error("another cluster is taken for this one")
	}
}

// TestRequestsDoNotGrow reads a hundred groups on twenty partitions each, and
// one group on one, and counts what is sent.
func TestRequestsDoNotGrow(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("wide", 20, nil))
	var offsets kadm.Offsets
	for p := range int32(20) {
		offsets.AddOffset("wide", p, 0, -1)
	}
	var reqs []providers.ReadRequest
	at := providers.AtTime(now.Add(-time.Hour))
	for g := range 100 {
		group := fmt.Sprintf("g-%d", g)
		check(t, adm.CommitAllOffsets(t.Context(), group, offsets))
		reqs = append(reqs, providers.ReadRequest{Target: target(t, f.Address(), map[string]any{"group": group, "topic": "wide"}), Resolve: []providers.Position{at}})
	}
	count := func(reqs []providers.ReadRequest) (all int, kinds map[kmsg.Key]int) {
		c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
		f.Forget()
		for _, s := range c.Read(t.Context(), reqs) {
			check(t, s.Err)
			if len(s.Parts) != 20 {
				t.Fatalf("got %d parts", len(s.Parts))
			}
		}
		for _, n := range f.Requests() {
			all += n
		}
		return all, f.Requests()
	}
	many, kinds := count(reqs)
	one, _ := count(reqs[:1])
	if many != one || many > 10 {
		t.Errorf("%d requests for a hundred groups, %d for one: %v", many, one, kinds)
	}
}

// TestPreviewAndResetBudget counts the requests of a plan and of a whole
// apply on one connection.
func TestPreviewAndResetBudget(t *testing.T) {
	f, _ := start(t)
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	goal := target(t, f.Address(), map[string]any{"group": "orders-billing", "topic": "orders"})
	f.Forget()
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: []providers.Position{providers.AtTime(now.Add(-time.Hour))}}})[0]
	check(t, s.Err)
	move := providers.Move{Target: goal}
	var only []providers.Part
	for _, p := range s.Parts {
		only = append(only, p.Part)
		move.To = append(move.To, providers.PartMove{Part: p.Part, Position: providers.AtOffset(7), LogID: p.LogID})
	}
	if _, err := c.Reset(t.Context(), move); err != nil {
		t.Fatal(err)
	}
	check(t, c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Only: only}})[0].Err)
	all := 0
	for _, n := range f.Requests() {
		all += n
	}
	if all > 12 || f.Requests()[kmsg.OffsetCommit] != 1 {
		t.Errorf("%d requests: %v", all, f.Requests())
	}
}

func TestGroupsOfBothProtocolsAreSeenAtWork(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) {
			f, adm := start(t)
			options := []kgo.Opt{kgo.SeedBrokers(f.Address()), kgo.ConsumerGroup("live"), kgo.ConsumeTopics("orders"), kgo.ClientID("worker")}
			if protocol == "consumer" {
				//lint:ignore SA1029 the library's own key
				options = append(options, kgo.WithContext(context.WithValue(t.Context(), "opt_in_kafka_next_gen_balancer_beta", true))) //nolint:staticcheck // the library's own key
			}
			worker, err := kgo.NewClient(options...)
			check(t, err)
			defer worker.Close()
			worker.PollFetches(t.Context())
			check(t, worker.CommitUncommittedOffsets(t.Context()))
			goal := target(t, f.Address(), map[string]any{"group": "live", "topic": "orders"})
			c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
			read := func() providers.Activity {
				s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
				check(t, s.Err)
				return s.Activity
			}
			if a := read(); a.State != providers.Active || len(a.Members) != 1 || a.Members[0].Client != "worker" || !strings.Contains(a.Why, protocol) {
				t.Errorf("at work it is told as %+v", a)
			}
			worker.LeaveGroup()
			if a := read(); a.State != providers.Idle {
				t.Errorf("after it has left it is told as %+v", a)
			}
			if _, err := c.Reset(t.Context(), providers.Move{Target: goal, To: []providers.PartMove{{Part: providers.Part{Topic: "orders"}, Position: providers.AtOffset(3)}}}); err != nil {
				t.Fatal(err)
			}
			groups, err := adm.DescribeConsumerGroups(t.Context(), "live")
			if protocol == "consumer" && (err != nil || groups["live"].Err != nil) {
				t.Errorf("the group has lost its protocol: %v %v", err, groups["live"].Err)
			}
		})
	}
}

func TestAShareGroupIsRefusedInASentence(t *testing.T) {
	f, _ := start(t)
	worker, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.ShareGroup("shared"), kgo.ConsumeTopics("orders"))
	check(t, err)
	defer worker.Close()
	go worker.PollFetches(t.Context())
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	goal := target(t, f.Address(), map[string]any{"group": "shared", "topic": "orders"})
	for range 100 {
		s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
		if s.Err != nil {
			if !errors.Is(s.Err, providers.ErrUnsupported) || !strings.Contains(s.Err.Error(), "share group") {
				t.Errorf("got %v", s.Err)
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the share group never showed")
}

func TestSecurity(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			f, _ := start0(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "alice", "s3cret"))
			keys := map[string]any{"bootstrapServers": []string{f}, "sasl": map[string]any{"mechanism": mechanism, "env": map[string]string{"password": "MINE"}}}
			goal := target(t, f, map[string]any{"group": "g", "topic": "orders"})
			read := func(env map[string]string) error {
				return connect(t, keys, env).Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0].Err
			}
			check(t, read(map[string]string{"KAFKA_SASL_USERNAME": "alice", "MINE": "s3cret"}))
			if err := read(map[string]string{"KAFKA_SASL_USERNAME": "alice", "MINE": "wr0ng"}); err == nil || strings.Contains(err.Error(), "wr0ng") {
				t.Errorf("a wrong password: %v", err)
			}
			if _, err := kafka.New().Connect(config(keys), environment(nil)); !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "KAFKA_SASL_USERNAME") {
				t.Errorf("no credentials: %v", err)
			}
		})
	}
}

// start0 runs a fake without a seed and returns its address.
func start0(t *testing.T, options ...kfake.Opt) (string, *kfake.Cluster) {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(2, "orders")}, options...)...)
	check(t, err)
	t.Cleanup(c.Close)
	return c.ListenAddrs()[0], c
}

func TestABrokerThatIsNotThereIsUnavailable(t *testing.T) {
	c, err := kafka.New().Connect(providers.Config{Timeout: 500 * time.Millisecond, Decode: func(into any) error {
		return decode(map[string]any{"bootstrapServers": []string{"127.0.0.1:1"}}, into)
	}}, environment(nil))
	check(t, err)
	defer c.Close()
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: target(t, "127.0.0.1:1", map[string]any{"group": "g", "topic": "orders"})}})[0]
	if !errors.Is(s.Err, providers.ErrUnavailable) || strings.Contains(s.Err.Error(), "\n") {
		t.Errorf("got %v", s.Err)
	}
}

func TestCommitsOnATopicThatIsGoneAreTold(t *testing.T) {
	f, _ := start(t)
	check(t, kafkafake.Seed(t.Context(), f.Address(), time.Now()))
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: kafkafake.SeedTopic, Err: kerr.UnknownTopicOrPartition, Count: -1})
	for _, keys := range []map[string]any{{"group": kafkafake.SeedGroup}, {"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}} {
		s := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil).Read(t.Context(), []providers.ReadRequest{{Target: target(t, f.Address(), keys)}})[0]
		if s.Err != nil || len(s.Parts) != 0 || len(s.Stray) != 3 || s.Stray[2].Part.String() != "orders/2" || s.Stray[2].Committed != providers.AtOffset(300) {
			t.Errorf("%v: %+v", keys, s)
		}
	}
}
