package kafkafake

import (
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var now = time.Now().Truncate(time.Millisecond)

// start runs a seeded broker, and a client of it that sends each request once.
func start(t *testing.T) (*Fake, *kadm.Client) {
	t.Helper()
	f, err := Start("127.0.0.1:0")
	check(t, err)
	t.Cleanup(f.Close)
	check(t, Seed(t.Context(), f.Address(), now))
	f.Forget()
	return f, kadm.NewClient(client(t, f))
}

func client(t *testing.T, f *Fake) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.RequestRetries(0))
	check(t, err)
	t.Cleanup(c.Close)
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// places returns a group's offsets on the topic of the seed.
func places(t *testing.T, adm *kadm.Client, group string) map[int32]int64 {
	t.Helper()
	all, err := adm.FetchOffsets(t.Context(), group)
	check(t, err)
	out := map[int32]int64{}
	for p, o := range all[SeedTopic] {
		out[p] = o.At
	}
	return out
}

func TestSeedIsAsDocumented(t *testing.T) {
	f, adm := start(t)
	ends, err := adm.ListEndOffsets(t.Context(), SeedTopic)
	check(t, err)
	if len(ends[SeedTopic]) != 3 {
		t.Fatalf("it has %d partitions", len(ends[SeedTopic]))
	}
	for p, end := range ends[SeedTopic] {
		if end.Offset != 500 {
			t.Errorf("partition %d ends at %d", p, end.Offset)
		}
	}
	if got := places(t, adm, SeedGroup); !maps.Equal(got, map[int32]int64{0: 300, 1: 300, 2: 300}) {
		t.Errorf("the group is at %v", got)
	}
	groups, err := adm.ListGroups(t.Context())
	check(t, err)
	if g := groups[SeedGroup]; g.State != "Empty" {
		t.Errorf("the group is %+v", g)
	}
	for since, want := range map[time.Duration]int64{49 * time.Hour: 0, 48 * time.Hour: 0, 36 * time.Hour: 125, 24 * time.Hour: 250,
		12 * time.Hour: 375} {
		at, err := adm.ListOffsetsAfterMilli(t.Context(), now.Add(-since).UnixMilli(), SeedTopic)
		check(t, err)
		for p, o := range at[SeedTopic] {
			if o.Offset != want {
				t.Errorf("%s ago is offset %d on partition %d, not %d", since, o.Offset, p, want)
			}
		}
	}
	if n := f.Requests()[kmsg.Produce]; n != 0 {
		t.Errorf("%d records were produced after the seed", n)
	}
}

// Kafka's own tools of 4.x end with a null pointer if they get this answer from kfake.
func TestKafkasOwnToolsAreNotOfferedWhatTheyCannotRead(t *testing.T) {
	f, _ := start(t)
	answer, err := kmsg.NewPtrApiVersionsRequest().RequestWith(t.Context(), client(t, f))
	check(t, err)
	offers := func(k kmsg.Key) bool {
		return slices.ContainsFunc(answer.ApiKeys, func(a kmsg.ApiVersionsResponseApiKey) bool { return a.ApiKey == k.Int16() })
	}
	if offers(kmsg.DescribeTopicPartitions) || !offers(kmsg.Metadata) || !offers(kmsg.ConsumerGroupDescribe) {
		t.Errorf("it offers %+v", answer.ApiKeys)
	}
}

func TestSeedLeavesATopicThatIsThere(t *testing.T) {
	f, adm := start(t)
	var moved kadm.Offsets
	moved.AddOffset(SeedTopic, 0, 7, -1)
	check(t, adm.CommitAllOffsets(t.Context(), SeedGroup, moved))
	f.Forget()
	check(t, Seed(t.Context(), f.Address(), now.Add(time.Hour)))
	if got := places(t, adm, SeedGroup)[0]; got != 7 {
		t.Errorf("the group was moved to %d", got)
	}
	if n := f.Requests(); n[kmsg.Produce] != 0 || n[kmsg.OffsetCommit] != 0 {
		t.Errorf("it was seeded again: %v", n)
	}
}

func TestStartListensOnTheGivenAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	address := l.Addr().String()
	check(t, l.Close())
	f, err := Start(address)
	check(t, err)
	t.Cleanup(f.Close)
	brokers, err := kadm.NewClient(client(t, f)).ListBrokers(t.Context())
	check(t, err)
	if told := net.JoinHostPort(brokers[0].Host, address[strings.LastIndex(address, ":")+1:]); f.Address() != address || told != address {
		t.Errorf("for %s it listens on %s and advertises %s", address, f.Address(), told)
	}
	for name, bad := range map[string]string{"an address in use": address, "no port": "127.0.0.1", "a word for a port": "127.0.0.1:http",
		"beyond loopback": "0.0.0.0:0"} {
		if other, err := Start(bad); err == nil {
			other.Close()
			t.Errorf("%s, %q, is accepted", name, bad)
		}
	}
}

func TestWritesCountsWhatHasAnEffect(t *testing.T) {
	f, adm := start(t)
	_, err := adm.ListGroups(t.Context())
	check(t, err)
	_, err = adm.ListEndOffsets(t.Context(), SeedTopic)
	check(t, err)
	_, err = adm.DescribeGroups(t.Context(), SeedGroup)
	check(t, err)
	places(t, adm, SeedGroup)
	if n := f.Writes(); n != 0 {
		t.Errorf("reading counts %d: %v", n, f.Requests())
	}
	for name, write := range map[string]func() error{
		"a commit":     func() error { _, err := adm.CommitOffsets(t.Context(), SeedGroup, offsets(4)); return err },
		"a removal":    func() error { _, err := adm.DeleteOffsets(t.Context(), SeedGroup, offsets(4).TopicsSet()); return err },
		"a new topic":  func() error { _, err := adm.CreateTopic(t.Context(), 1, 1, nil, "new"); return err },
		"records gone": func() error { _, err := adm.DeleteRecords(t.Context(), offsets(4)); return err },
		"a group gone": func() error { _, err := adm.DeleteGroup(t.Context(), SeedGroup); return err },
	} {
		f.Forget()
		check(t, write())
		if n := f.Writes(); n != 1 {
			t.Errorf("%s counts %d: %v", name, n, f.Requests())
		}
	}
	f.Forget()
	check(t, f.Join("other", SeedTopic))
	if n := f.Requests(); n[kmsg.JoinGroup] == 0 || n[kmsg.SyncGroup] == 0 || f.Writes() < n[kmsg.JoinGroup]+n[kmsg.SyncGroup] {
		t.Errorf("joining counts %d: %v", f.Writes(), n)
	}
}

// offsets is one offset for each partition of the seed.
func offsets(at int64) kadm.Offsets {
	var all kadm.Offsets
	for p := range int32(3) {
		all.AddOffset(SeedTopic, p, at, -1)
	}
	return all
}

func TestFaults(t *testing.T) {
	stood, moved := map[int32]int64{0: 300, 1: 300, 2: 300}, map[int32]int64{0: 4, 1: 4, 2: 4}
	for name, c := range map[string]struct {
		refused error   // of each partition that is refused
		parts   []int32 // those
		lost    bool    // no answer comes
		stands  map[int32]int64
		passes  int // commits after which it works again; -1 = never
	}{
		"throttle": {refused: kerr.ThrottlingQuotaExceeded, parts: []int32{0, 1, 2}, stands: stood, passes: 3},
		"error":    {refused: kerr.CoordinatorNotAvailable, parts: []int32{0, 1, 2}, stands: stood, passes: -1},
		"partial":  {refused: kerr.KafkaStorageError, parts: []int32{1}, stands: map[int32]int64{0: 4, 1: 300, 2: 4}, passes: 1},
		"drop":     {lost: true, stands: moved, passes: 1},
		"live":     {refused: kerr.UnknownMemberID, parts: []int32{0, 1, 2}, stands: stood, passes: -1},
	} {
		t.Run(name, func(t *testing.T) {
			f, adm := start(t)
			check(t, f.Inject(name))
			answer, err := adm.CommitOffsets(t.Context(), SeedGroup, offsets(4))
			var refused []int32
			for _, p := range answer[SeedTopic] {
				if p.Err != nil {
					refused = append(refused, p.Partition)
				}
				if p.Err != nil && !errors.Is(p.Err, c.refused) {
					t.Errorf("partition %d is refused with %v", p.Partition, p.Err)
				}
			}
			slices.Sort(refused)
			if (err != nil) != c.lost || !slices.Equal(refused, c.parts) {
				t.Errorf("partitions %v are refused, and the request got %v", refused, err)
			}
			if got := places(t, adm, SeedGroup); !maps.Equal(got, c.stands) {
				t.Errorf("the group is at %v, not %v", got, c.stands)
			}
			for range max(3, c.passes) {
				answer, err = adm.CommitOffsets(t.Context(), SeedGroup, offsets(4))
			}
			if works := err == nil && answer.Ok(); works != (c.passes >= 0) {
				t.Errorf("later commits get %v, %v", answer.Error(), err)
			}
			f.Leave()
		})
	}
	f, _ := start(t)
	if err := f.Inject("nonsense"); err == nil {
		t.Error("an unknown fault is accepted")
	}
}

// TestEveryFaultIsExplained holds Faults and Inject together.
func TestEveryFaultIsExplained(t *testing.T) {
	for name, sentence := range Faults() {
		f, _ := start(t)
		if err := f.Inject(name); err != nil || len(strings.Fields(sentence)) < 4 {
			t.Errorf("%s (%q): %v", name, sentence, err)
		}
	}
}
