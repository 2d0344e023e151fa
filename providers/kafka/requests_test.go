package kafka_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestRequestsByKind counts each kind of request that a plan, and a reset of all its
// groups one after another, send: what is asked of a cluster grows with its brokers, and
// only the commits and their reading back with the groups.
func TestRequestsByKind(t *testing.T) {
	planned := func(metadata, thousands int) map[kmsg.Key]int {
		return map[kmsg.Key]int{kmsg.ApiVersions: 2, kmsg.Metadata: metadata, kmsg.ListGroups: 1, kmsg.FindCoordinator: thousands, kmsg.OffsetFetch: thousands,
			kmsg.ListOffsets: 4, kmsg.DescribeLogDirs: 1, kmsg.DescribeConfigs: 1}
	}
	for _, row := range []struct {
		groups     int
		partitions int32
		glob       bool
		plan       map[kmsg.Key]int
	}{
		{1, 12, false, planned(1, 1)},
		{1, 12, true, planned(2, 1)},
		{1, 1000, true, planned(2, 1)},
		{100, 100, true, planned(2, 1)},
		{1000, 5, true, planned(2, 1)},
		{2001, 1, true, planned(2, 3)},
	} {
		name := fmt.Sprintf("%d groups of %d partitions, glob %t", row.groups, row.partitions, row.glob)
		f, adm := start(t)
		f.Leave()
		goals := crowd(t, f.Address(), adm, row.groups, row.partitions)
		c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
		kafka.StopClock(c)
		f.Forget()
		got := preview(t, c, goals, row.glob)
		if counts := f.Requests(); !maps.Equal(counts, row.plan) {
			t.Errorf("%s: a plan sends %v, want %v", name, named(counts), named(row.plan))
		}
		f.Forget()
		for i, goal := range goals[:min(len(goals), 100)] {
			resetAndReadBack(t, c, goal, got[i])
		}
		n := min(len(goals), 100)
		want := map[kmsg.Key]int{kmsg.OffsetCommit: n, kmsg.OffsetFetch: n}
		if counts := f.Requests(); !maps.Equal(counts, want) {
			t.Errorf("%s: %d resets send %v, want %v", name, n, named(counts), named(want))
		}
	}
}

// TestRequestsOfSeveralBrokers counts what a plan and its resets send to clusters of which
// each broker leads partitions of the topic and coordinates some of the groups: each further
// broker is asked once for what only it has.
func TestRequestsOfSeveralBrokers(t *testing.T) {
	const groups, partitions = 60, 12
	for _, brokers := range []int{1, 2, 3, 5} {
		f, adm := start(t, kfake.NumBrokers(brokers), kfake.Ports(make([]int, brokers)...))
		f.Leave()
		goals := crowd(t, f.Address(), adm, groups, partitions)
		coordinates := map[int32]int{}
		for p := range int32(partitions) {
			check(t, f.MoveTopicPartition("crowded", p, p%int32(brokers)))
		}
		for _, goal := range goals {
			coordinates[f.CoordinatorFor(goal.Group())]++
		}
		if len(coordinates) != brokers {
			t.Fatalf("%d of %d brokers coordinate a group", len(coordinates), brokers)
		}
		c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
		kafka.StopClock(c)
		f.Forget()
		got := preview(t, c, goals, true)
		want := map[kmsg.Key]int{kmsg.ApiVersions: 1 + brokers, kmsg.Metadata: 2, kmsg.ListGroups: brokers, kmsg.FindCoordinator: 1,
			kmsg.OffsetFetch: brokers, kmsg.ListOffsets: 4 * brokers, kmsg.DescribeLogDirs: brokers, kmsg.DescribeConfigs: 1}
		if counts := f.Requests(); !maps.Equal(counts, want) {
			t.Errorf("%d brokers: a plan sends %v, want %v", brokers, named(counts), named(want))
		}
		f.Forget()
		for i, goal := range goals {
			resetAndReadBack(t, c, goal, got[i])
		}
		want = map[kmsg.Key]int{kmsg.OffsetCommit: groups, kmsg.OffsetFetch: groups}
		if counts := f.Requests(); !maps.Equal(counts, want) {
			t.Errorf("%d brokers: the resets send %v, want %v", brokers, named(counts), named(want))
		}
		f.Forget()
		only := make([]providers.ReadRequest, len(goals))
		for i, goal := range goals {
			only[i] = providers.ReadRequest{Target: goal, Only: []providers.Part{{Topic: "crowded", Number: 1}}}
		}
		c.Read(t.Context(), only)
		want = map[kmsg.Key]int{kmsg.OffsetFetch: brokers}
		if counts := f.Requests(); !maps.Equal(counts, want) {
			t.Errorf("%d brokers: reading all groups back sends %v, want %v", brokers, named(counts), named(want))
		}
	}
}

// crowd creates groups with commits on all partitions of one topic.
func crowd(t *testing.T, address string, adm *kadm.Client, groups int, partitions int32) []providers.Target {
	t.Helper()
	if _, err := adm.CreateTopic(t.Context(), partitions, 1, nil, "crowded"); err != nil {
		t.Fatal(err)
	}
	var offsets kadm.Offsets
	for p := range partitions {
		offsets.AddOffset("crowded", p, 7, -1)
	}
	var goals []providers.Target
	for g := range groups {
		name := fmt.Sprintf("crowd-%d", g)
		check(t, adm.CommitAllOffsets(t.Context(), name, offsets))
		goals = append(goals, target(t, address, map[string]any{"group": name, "topic": "crowded"}))
	}
	return goals
}

// preview reads as the program does for a plan, by globs or by names.
func preview(t *testing.T, c providers.Connection, goals []providers.Target, glob bool) []providers.Snapshot {
	t.Helper()
	if glob {
		_, err := c.(providers.Lister).Names(t.Context(), "groups", nil)
		check(t, err)
	}
	reqs := make([]providers.ReadRequest, len(goals))
	for i, goal := range goals {
		identified, err := c.(providers.Identifier).Identify(t.Context(), goal)
		check(t, err)
		reqs[i] = providers.ReadRequest{Target: identified, Resolve: []providers.Position{providers.AtTime(now.Add(-time.Hour))}, Risks: true, Bytes: true}
	}
	all := c.Read(t.Context(), reqs)
	for _, s := range all {
		check(t, s.Err)
	}
	return all
}

// resetAndReadBack moves all parts of a target to the end and reads them back.
func resetAndReadBack(t *testing.T, c providers.Connection, goal providers.Target, s providers.Snapshot) {
	t.Helper()
	move := providers.Move{Target: goal}
	var only []providers.Part
	for _, p := range s.Parts {
		only = append(only, p.Part)
		move.To = append(move.To, providers.PartMove{Part: p.Part, Position: p.High, LogID: p.LogID})
	}
	_, err := c.Reset(t.Context(), move)
	check(t, err)
	check(t, c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Only: only}})[0].Err)
}

// TestPartsThatAreLoadedLaterNeedNoMemoryBefore reads a hundred groups on a hundred
// partitions each, with and without ReadRequest.Later, and compares what is allocated.
func TestPartsThatAreLoadedLaterNeedNoMemoryBefore(t *testing.T) {
	const groups, partitions = 100, 100
	f, adm := start(t)
	f.Leave()
	goals := crowd(t, f.Address(), adm, groups, partitions)
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	allocated := func(later bool) int64 {
		reqs := make([]providers.ReadRequest, len(goals))
		for i, goal := range goals {
			reqs[i] = providers.ReadRequest{Target: goal, Resolve: []providers.Position{providers.AtTime(now)}, Risks: true, Later: later}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		all := c.Read(t.Context(), reqs)
		runtime.ReadMemStats(&after)
		for _, s := range all {
			check(t, s.Err)
		}
		return int64(after.TotalAlloc-before.TotalAlloc) / (groups * partitions)
	}
	allocated(false) // the client learns the cluster
	atOnce, later := allocated(false), allocated(true)
	t.Logf("bytes for each partition, of the broker's, too: %d, later %d", atOnce, later)
	if later > atOnce-150 {
		t.Errorf("%d bytes are allocated for each partition, %d if its parts are loaded later", atOnce, later)
	}
}

func named(counts map[kmsg.Key]int) map[string]int {
	out := map[string]int{}
	for k, n := range counts {
		out[k.Name()] = n
	}
	return out
}

// TestStepsAreReadBackTogether reads sixteen groups back at the same time. The first
// request is held until the others wait: they share the second.
func TestStepsAreReadBackTogether(t *testing.T) {
	f, adm := start(t)
	goals := crowd(t, f.Address(), adm, 16, 3)
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	preview(t, c, goals, true)
	arrived, release := make(chan int, 16), make(chan struct{})
	f.ControlKey(int16(kmsg.OffsetFetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		arrived <- len(r.(*kmsg.OffsetFetchRequest).Groups)
		f.SleepControl(func() { <-release })
		return nil, nil, false
	})
	f.Forget()
	var all sync.WaitGroup
	readBack := func(goal providers.Target) {
		s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Only: []providers.Part{{Topic: "crowded", Number: 1}}}})[0]
		if n, ok := s.Parts[0].Committed.Offset(); s.Err != nil || !ok || n != 7 {
			t.Errorf("it is read back as %+v", s)
		}
	}
	all.Go(func() { readBack(goals[0]) })
	if n := <-arrived; n != 1 {
		t.Fatalf("the first request is about %d groups", n)
	}
	for _, goal := range goals[1:] {
		all.Go(func() { readBack(goal) })
	}
	within, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for kafka.Waiting(c) < 15 && retry.Sleep(within, time.Millisecond) == nil {
	}
	close(release)
	all.Wait()
	if n := <-arrived; n != 15 {
		t.Errorf("the second request is about %d groups", n)
	}
	if n := f.Requests()[kmsg.OffsetFetch]; n != 2 {
		t.Errorf("%d requests read sixteen groups back", n)
	}
}
