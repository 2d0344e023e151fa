package kafka_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

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
		reqs = append(reqs, providers.ReadRequest{Target: target(t, f.Address(), map[string]any{"group": group, "topic": "wide"}),
			Resolve: []providers.Position{at}})
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

// TestAnIdentityCostsOneRequest plans for a group on twelve partitions with and
// without its cluster's id.
func TestAnIdentityCostsOneRequest(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("dozen", 12, nil))
	var offsets kadm.Offsets
	for p := range int32(12) {
		offsets.AddOffset("dozen", p, 0, -1)
	}
	check(t, adm.CommitAllOffsets(t.Context(), "g", offsets))
	for _, keys := range []map[string]any{{"group": "g", "topic": "dozen"}, {"group": "g"}, {"group": "g", "topics": []string{"do*"}}} {
		var counts []int
		for _, first := range []bool{false, true} {
			c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
			goal := target(t, f.Address(), keys)
			f.Forget()
			if first {
				_, err := c.(providers.Identifier).Identify(t.Context(), goal)
				check(t, err)
			}
			s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: []providers.Position{providers.AtTime(now)}}})[0]
			check(t, s.Err)
			if len(s.Parts) != 12 {
				t.Fatalf("%v: %d parts are read", keys, len(s.Parts))
			}
			_, err := c.(providers.Identifier).Identify(t.Context(), goal)
			check(t, err)
			all := 0
			for _, n := range f.Requests() {
				all += n
			}
			counts = append(counts, all)
		}
		if counts[1] > counts[0]+1 || counts[0] > 11 {
			t.Errorf("%v: %d requests, %d with the identity first", keys, counts[0], counts[1])
		}
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

func TestCommitsOnADeletedTopicAreReported(t *testing.T) {
	f, _ := start(t)
	check(t, kafkafake.Seed(t.Context(), f.Address(), time.Now()))
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: kafkafake.SeedTopic, Err: kerr.UnknownTopicOrPartition, Count: -1})
	for _, keys := range []map[string]any{{"group": kafkafake.SeedGroup}, {"group": kafkafake.SeedGroup, "topic": kafkafake.SeedTopic}} {
		s := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil).Read(t.Context(),
			[]providers.ReadRequest{{Target: target(t, f.Address(), keys)}})[0]
		if s.Err != nil || len(s.Parts) != 0 || len(s.Orphans) != 3 || s.Orphans[2].Part.String() != "orders/2" ||
			s.Orphans[2].Committed != providers.AtOffset(300) {
			t.Errorf("%v: %+v", keys, s)
		}
	}
}

// TestPartsAreLoadedLaterAsTheyAreReadAtOnce reads groups with and without ReadRequest.Later:
// one on all partitions, one on some and past the end of a log, and one that does not exist.
func TestPartsAreLoadedLaterAsTheyAreReadAtOnce(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("later", 4, nil))
	for group, offsets := range map[string]map[int32]int64{"all": {0: 0, 1: 0, 2: 0, 3: 0}, "some": {1: 0, 3: 70}} {
		var to kadm.Offsets
		for p, at := range offsets {
			to.AddOffset("later", p, at, 5)
		}
		check(t, adm.CommitAllOffsets(t.Context(), group, to))
	}
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	for _, resolve := range [][]providers.Position{nil, {providers.AtTime(now)}, {providers.PlaceOf("some")}, {providers.At(providers.Latest), providers.AtTime(now)}} {
		read := func(later bool) []providers.Snapshot {
			var reqs []providers.ReadRequest
			for _, group := range []string{"all", "some", "none"} {
				reqs = append(reqs, providers.ReadRequest{Target: target(t, f.Address(), map[string]any{"group": group, "topic": "later"}), Resolve: resolve,
					Risks: true, LowTime: true, Later: later})
			}
			return c.Read(t.Context(), reqs)
		}
		atOnce, later := read(false), read(true)
		for i, want := range atOnce {
			got := later[i]
			if got.Load == nil || got.Parts != nil || len(want.Parts) != 4 || want.Load != nil {
				t.Fatalf("%v: at once %+v, later %+v", resolve, want, got)
			}
			for range 2 {
				if parts := got.Readings(); !reflect.DeepEqual(parts, want.Parts) {
					t.Errorf("%v: at once\n%+v, later\n%+v", resolve, want.Parts, parts)
				}
			}
			buffer := make([]providers.PartReading, 1, 9)
			buffer[0].LogID = "kept"
			if into := got.Load(buffer); len(into) != 5 || into[0].LogID != "kept" || &into[0] != &buffer[0] || !reflect.DeepEqual(into[1:], want.Parts) {
				t.Errorf("%v: appended to a list: %+v", resolve, into)
			}
			if !reflect.DeepEqual(got.Notes, want.Notes) || got.GroupState != want.GroupState || len(got.Missing) != len(want.Missing) {
				t.Errorf("%v: at once %+v, later %+v", resolve, want, got)
			}
		}
		if len(atOnce[1].Notes) != 1 {
			t.Errorf("%v: notes about a commit past the end of the log: %q", resolve, atOnce[1].Notes)
		}
	}
}
