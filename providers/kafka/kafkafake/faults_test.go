package kafkafake

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestALateCommitHasItsEffectBeforeItsAnswer(t *testing.T) {
	f, adm := start(t)
	check(t, f.Inject("late"))
	f.proxy.set(func(p *proxy) {
		if p.delay == 0 {
			t.Error("nothing is late")
		}
		p.delay = time.Hour
	})
	other := kadm.NewClient(client(t, f))
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := adm.CommitOffsets(ctx, SeedGroup, offsets(4))
		answer <- err
	}()
	for places(t, other, SeedGroup)[0] != 4 {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-answer:
		t.Errorf("it is answered at once: %v", err)
	default:
	}
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestADropHitsOneCommitAmongMany sends commits and readings over one
// connection without waiting for answers.
func TestADropHitsOneCommitAmongMany(t *testing.T) {
	f, _ := start(t)
	c := client(t, f)
	adm := kadm.NewClient(c)
	places(t, adm, SeedGroup) // so that the client is connected
	check(t, f.Inject("drop"))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _, _ = adm.CommitOffsets(t.Context(), SeedGroup, offsets(4)) }) // those on the connection that is dropped fail, too
		wg.Go(func() { _, _ = adm.FetchOffsets(t.Context(), SeedGroup) })
	}
	wg.Wait()
	f.proxy.set(func(p *proxy) {
		if p.drops != 0 {
			t.Error("no answer was dropped")
		}
	})
	if got := places(t, adm, SeedGroup)[0]; got != 4 {
		t.Errorf("the group is at %d", got)
	}
}

// TestWatchFindsCommits shows that commits are found however the stream of
// requests is cut, and that nothing within a request is taken for one.
func TestWatchFindsCommits(t *testing.T) {
	request := func(key kmsg.Key, id int32, body int) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(8+body))
		b = binary.BigEndian.AppendUint16(b, uint16(key))
		b = binary.BigEndian.AppendUint16(b, 10)
		b = binary.BigEndian.AppendUint32(b, uint32(id))
		for i := range body {
			b = append(b, byte(i%2)*byte(kmsg.OffsetCommit)) // it looks like a commit's key
		}
		return b
	}
	produce, value := request(kmsg.Produce, 2, 0), request(kmsg.OffsetCommit, 99, 4)
	binary.BigEndian.PutUint32(produce, uint32(8+len(value)))
	stream := slices.Concat(request(kmsg.OffsetCommit, 1, 30), produce, value, request(kmsg.Fetch, 3, 0), request(kmsg.OffsetCommit, 4, 2),
		request(kmsg.OffsetCommit, 5, 0))
	for size := 1; size <= len(stream); size++ {
		c := &conn{commits: map[int32]bool{}}
		for piece := range slices.Chunk(stream, size) {
			c.watch(piece)
		}
		if want := map[int32]bool{1: true, 4: true, 5: true}; !maps.Equal(c.commits, want) {
			t.Errorf("in pieces of %d bytes it finds %v", size, c.commits)
		}
	}
}

func TestConsumersComeAndGo(t *testing.T) {
	f, adm := start(t)
	members := func() int {
		d, err := adm.DescribeGroups(t.Context(), SeedGroup)
		check(t, err)
		return len(d[SeedGroup].Members)
	}
	for n := range 2 {
		check(t, f.Join(SeedGroup, SeedTopic))
		if got := members(); got != n+1 {
			t.Errorf("after %d joined the group has %d members", n+1, got)
		}
	}
	f.Leave()
	if got := members(); got != 0 {
		t.Errorf("after all left the group has %d members", got)
	}
	if got := places(t, adm, SeedGroup)[0]; got != 300 {
		t.Errorf("they committed %d", got)
	}
}
