package huaweirocketmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

const done = `{"queues":[{"broker_name":"broker-1","queue_id":0,"timestamp_offset":9007199254740993},{"broker_name":"broker-0","queue_id":"3"}]}`

func TestResetSendsATime(t *testing.T) {
	for to, want := range map[providers.Position]string{
		providers.AtTime(time.UnixMilli(1662652800000)): "1662652800000",
		providers.AtTime(time.UnixMilli(0)):             "0",
		providers.At(providers.Earliest):                "0",
		providers.At(providers.Latest):                  fmt.Sprint(now.UnixMilli()),
	} {
		url, seen := listen(t, done)
		if _, err := reset(t, dial(t, url), to); err != nil {
			t.Fatal(err)
		}
		path, body, n := seen()
		if path != "POST /v2/reliability/sandbox-project/instances/sandbox-rocketmq/groups/group_01/reset-message-offset" ||
			body != `{"topic":"topic_01","timestamp":"`+want+`"}` || n != 1 {
			t.Errorf("%s: sent %d times %s to %s", to, n, body, path)
		}
	}
}

func TestTheEngineIsPartOfThePath(t *testing.T) {
	url, seen := listen(t, done)
	keys := settings()
	keys["engine"] = "rocketmq"
	c, err := New().Connect(providers.Config{Decode: providertest.Keys(keys), Endpoint: url, Timeout: time.Second}, environment(sandboxKey()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := reset(t, c, providers.At(providers.Earliest)); err != nil {
		t.Fatal(err)
	}
	if path, _, _ := seen(); path != "POST /v2/rocketmq/sandbox-project/instances/sandbox-rocketmq/groups/group_01/reset-message-offset" {
		t.Errorf("sent to %s", path)
	}
}

func TestTheReceiptHasTheOffsetsThatTheServiceReports(t *testing.T) {
	url, _ := listen(t, done)
	got, err := reset(t, dial(t, url), providers.At(providers.Earliest))
	want := []providers.PartResult{
		{Part: providers.Part{Topic: "topic_01", Broker: "broker-0", Number: 3}},
		{Part: providers.Part{Topic: "topic_01", Broker: "broker-1", Number: 0}, Position: providers.AtOffset(9007199254740993)},
	}
	if err != nil || got.RequestID != "r-1" || !slices.Equal(got.Parts, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// To the engine, the millisecond before 1970 means the end.
func TestResetRefusesTheTimeThatMeansTheEndToTheEngine(t *testing.T) {
	url, seen := listen(t, done)
	_, err := reset(t, dial(t, url), providers.AtTime(time.UnixMilli(-1)))
	if _, _, n := seen(); !errors.Is(err, providers.ErrUnsupported) || n != 0 {
		t.Errorf("got %v after %d requests", err, n)
	}
}

func TestAnAnswerWithoutARequiredFieldLeavesTheResetInDoubt(t *testing.T) {
	for name, answer := range map[string]string{
		"no queues":                      `{}`,
		"a list without queues":          `{"queues":[]}`,
		"an unnamed queue":               `{"queues":[{"timestamp_offset":1}]}`,
		"an empty string for a queue":    `{"queues":[{"broker_name":"b","queue_id":"","timestamp_offset":1}]}`,
		"an empty string for an offset":  `{"queues":[{"broker_name":"b","queue_id":0,"timestamp_offset":""}]}`,
		"null for a queue":               `{"queues":[{"broker_name":"b","queue_id":null,"timestamp_offset":1}]}`,
		"an offset that is not a number": `{"queues":[{"broker_name":"b","queue_id":0,"timestamp_offset":"x"}]}`,
		"not JSON":                       `OK`,
		"empty":                          ``,
	} {
		url, seen := listen(t, answer)
		_, err := reset(t, dial(t, url), providers.At(providers.Earliest))
		if _, _, n := seen(); !errors.Is(err, providers.ErrInDoubt) || n != 1 || own(t, err).RequestID != "r-1" {
			t.Errorf("%s: got %v after %d requests", name, err, n)
		}
	}
}

// at returns the group's committed offset, the same on all queues.
func at(t *testing.T, c providers.Connection) int64 {
	t.Helper()
	s := read(t, c)
	if s.Err != nil || len(s.Parts) != 8 {
		t.Fatalf("got %+v", s)
	}
	n, _ := s.Parts[0].Committed.Offset()
	for _, p := range s.Parts {
		if p.Committed != providers.AtOffset(n) {
			t.Fatalf("%s is at %s, others at %d", p.Part, p.Committed, n)
		}
	}
	return n
}

func TestConsumersTakeOverAResetLaterAndReadOn(t *testing.T) {
	clock := now
	_, url := start(t, fake.Options{Now: func() time.Time { return clock }})
	c := connect(t, url, providers.Process{Getenv: environment(sandboxKey()).Getenv, Now: func() time.Time { return clock }})
	receipt, err := reset(t, c, providers.AtTime(now.Add(-24*time.Hour)))
	if err != nil || len(receipt.Parts) != 8 || receipt.Parts[0].Position != providers.AtOffset(250) {
		t.Fatalf("got %+v, %v", receipt, err)
	}
	for _, c2 := range []struct {
		after time.Duration
		want  int64
	}{{0, 500}, {1999 * time.Millisecond, 500}, {2 * time.Second, 250}, {6 * time.Second, 250}, {7 * time.Second, 300}, {12 * time.Second,
		350}, {time.Minute, 500}} {
		clock = now.Add(c2.after)
		if got := at(t, c); got != c2.want {
			t.Errorf("%s after the reset it is at %d, want %d", c2.after, got, c2.want)
		}
	}
}

func TestTheAnswerDoesNotProveAResetForward(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.Commit(fake.Group, fake.Topic, 100)
	if err := f.Inject("no-forward"); err != nil {
		t.Fatal(err)
	}
	c := dial(t, url)
	receipt, err := reset(t, c, providers.At(providers.Latest))
	if err != nil || receipt.Parts[0].Position != providers.AtOffset(500) {
		t.Errorf("got %+v, %v", receipt, err)
	}
	if got := at(t, c); got != 100 {
		t.Errorf("it is at %d", got)
	}
}

func TestAnEngineThatMovesOffsetsItselfNeedsNoConsumers(t *testing.T) {
	f, url := start(t, fake.Options{})
	for _, name := range []string{"offline", "server-side"} {
		if err := f.Inject(name); err != nil {
			t.Fatal(err)
		}
	}
	c := dial(t, url)
	if _, err := reset(t, c, providers.At(providers.Earliest)); err != nil {
		t.Fatal(err)
	}
	if got := at(t, c); got != 0 {
		t.Errorf("it is at %d", got)
	}
}

func TestAGroupWithoutCommitsIsRefused(t *testing.T) {
	f, url := start(t, fake.Options{TakeUp: fake.AtOnce})
	f.CreateGroup("group_02")
	f.Join("group_02", "c-1")
	m := providers.Move{Target: goal(t, "group_02", fake.Topic), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	_, err := dial(t, url).Reset(t.Context(), m)
	if err == nil || errors.Is(err, providers.ErrInDoubt) || own(t, err).Code == "" || len(f.Committed("group_02", fake.Topic)) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestAResetCancelledInFlightIsInDoubt(t *testing.T) {
	f, url := start(t, fake.Options{})
	defer f.Block()()
	c := dial(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	m := providers.Move{Target: goal(t, fake.Group, fake.Topic), To: []providers.PartMove{{Position: providers.At(providers.Earliest)}}}
	go func() {
		_, err := c.Reset(ctx, m)
		failed <- err
	}()
	f.Hangs() // the service holds the request until the end of the test
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}
