package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A hazard is a row in a table of what today's tools get wrong: the table of
// kafka-consumer-groups (KCG) or that of the other tools.
type hazard struct {
	table string
	row   int
}

// TestHazardsAreCovered checks that the scenarios name every row of both tables in
// the comment above the lines that show it, as in "# KCG 4, 15 to 17; others 3: an
// unknown group", and that each file lists its rows at its top.
func TestHazardsAreCovered(t *testing.T) {
	files, err := filepath.Glob("testdata/*/hazards-*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios found: %v", err)
	}
	all := map[hazard]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, _, _ := strings.Cut(string(raw), "\n-- ")
		top, lines, _ := strings.Cut(script, "\nkafka start\n")
		listed, shown := hazardsIn(top), hazardsIn(lines)
		if !maps.Equal(listed, shown) {
			t.Errorf("%s lists %v at its top, and shows %v", file, rows(listed), rows(shown))
		}
		maps.Copy(all, shown)
	}
	want := map[hazard]bool{}
	for table, last := range map[string]int{"KCG": 26, "others": 38} {
		for row := range last {
			want[hazard{table, row + 1}] = true
		}
	}
	if !maps.Equal(all, want) {
		t.Errorf("the scenarios show %v, want %v", rows(all), rows(want))
	}
}

func TestHazardsAreReadFromComments(t *testing.T) {
	got := rows(hazardsIn("# KCG 4, 15 to 17; others 3,\n# 22: KCG are tools\nexec echo KCG 5\n# others 38: more\n"))
	if want := "KCG 4 15 16 17 others 3 22 38"; got != want {
		t.Errorf("got %s", got)
	}
}

var (
	hazardList = regexp.MustCompile(`(KCG|others) (\d+(?:(?:, | to )\d+)*)`)
	hazardRun  = regexp.MustCompile(`(\d+)(?: to (\d+))?`)
)

// hazardsIn returns the rows that a script's comments name.
func hazardsIn(script string) map[hazard]bool {
	var comments strings.Builder
	for line := range strings.Lines(script) {
		if text, ok := strings.CutPrefix(line, "# "); ok {
			comments.WriteString(strings.TrimSpace(text) + " ") // a list may continue in the next line
		}
	}
	out := map[hazard]bool{}
	for _, list := range hazardList.FindAllStringSubmatch(comments.String(), -1) {
		for _, run := range hazardRun.FindAllStringSubmatch(list[2], -1) {
			first, _ := strconv.Atoi(run[1])
			last, err := strconv.Atoi(run[2])
			if err != nil {
				last = first
			}
			for row := first; row <= last; row++ {
				out[hazard{list[1], row}] = true
			}
		}
	}
	return out
}

// rows writes hazards in order: "KCG 4 15 others 3".
func rows(hazards map[hazard]bool) string {
	all := slices.SortedFunc(maps.Keys(hazards), func(a, b hazard) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.row, b.row)) })
	var words []string
	for i, h := range all {
		if i == 0 || all[i-1].table != h.table {
			words = append(words, h.table)
		}
		words = append(words, strconv.Itoa(h.row))
	}
	return strings.Join(words, " ")
}

// A scene is a script's Kafka with its clients other than the program.
type scene struct {
	stage
	members []*kgo.Client
	open    *transaction
}

// A transaction is open and has a pending commit on partition 0.
type transaction struct {
	*kgo.Client
	group, topic, offset string
}

// patience limits each wait for another client.
const patience = 30 * time.Second

// joinAs starts a consumer of a kind that stays active. It reads and commits
// nothing.
func (s *scene) joinAs(ctx context.Context, client *kgo.Client, group, topic, kind string) error {
	options := []kgo.Opt{kgo.SeedBrokers(s.Address()), kgo.ConsumeTopics(topic), kgo.ClientID("sandbox-consumer"), kgo.DisableAutoCommit()}
	lists := "classic"
	switch kind {
	case "cooperative":
		options = append(options, kgo.ConsumerGroup(group), kgo.Balancers(kgo.CooperativeStickyBalancer()))
	case "static":
		options = append(options, kgo.ConsumerGroup(group), kgo.InstanceID("one"), kgo.SessionTimeout(6*time.Second), kgo.HeartbeatInterval(time.Second))
	case "consumer":
		options = append(options, kgo.ConsumerGroup(group), kgo.ServerSideBalancer())
		lists = kind
	case "share":
		options = []kgo.Opt{kgo.SeedBrokers(s.Address()), kgo.ConsumeTopics(topic), kgo.ClientID("sandbox-consumer"), kgo.ShareGroup(group)}
		lists = kind
	default:
		return fmt.Errorf("unknown kind of consumer: %s", kind)
	}
	member, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	s.members = append(s.members, member)
	return listed(ctx, client, group, lists+" Stable")
}

// Leave stops all consumers. A static one does not leave its group.
func (s *scene) Leave() {
	s.stage.Leave()
	for _, m := range s.members {
		m.Close()
	}
	s.members = nil
}

func (s *scene) Close() {
	s.Leave()
	if s.open != nil {
		s.open.Close()
	}
	s.stage.Close()
}

// listed waits until a group is listed with a type and a state. For none, the group
// must be absent at once.
func listed(ctx context.Context, client *kgo.Client, group, want string) error {
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		resp, err := kmsg.NewPtrListGroupsRequest().RequestWith(ctx, client)
		if err != nil {
			return err
		}
		got := "none"
		for _, g := range resp.Groups {
			if g.Group == group {
				got = g.GroupType + " " + g.GroupState
			}
		}
		if got == want {
			return nil
		}
		if want == "none" || time.Now().After(end) {
			return fmt.Errorf("group %s is listed as %s, want %s", group, got, want)
		}
	}
}

// read consumes as a member of a group until all records after the offsets have
// arrived, and a moment longer.
func (s *scene) read(ctx context.Context, admin *kadm.Client, group, topic, from string) error {
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return err
	}
	missing := map[string]bool{}
	for p, text := range strings.Split(from, ",") {
		first, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		end, _ := ends.Lookup(topic, int32(p))
		for at := first; at < end.Offset; at++ {
			missing[fmt.Sprintf("%d/%d", p, at)] = true
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Address()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer client.Close()
	for wait := patience; wait > 0; {
		if len(missing) == 0 {
			wait = 500 * time.Millisecond
		}
		polling, cancel := context.WithTimeout(ctx, wait)
		got := client.PollFetches(polling)
		cancel()
		if errors.Is(got.Err0(), context.DeadlineExceeded) {
			break
		}
		for _, r := range got.Records() {
			at := fmt.Sprintf("%d/%d", r.Partition, r.Offset)
			if !missing[at] {
				return fmt.Errorf("group %s received record %s, which is before its position or a duplicate", group, at)
			}
			delete(missing, at)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("group %s did not receive %d records", group, len(missing))
	}
	return nil
}

// begin opens a transaction with a pending commit of a group on partition 0.
func (s *scene) begin(ctx context.Context, admin *kadm.Client, group, topic, offset string) error {
	id := "tx-" + group
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Address()), kgo.TransactionalID(id), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	s.open = &transaction{client, group, topic, offset}
	if err := client.BeginTransaction(); err != nil {
		return err
	}
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr(); err != nil {
		return err
	}
	add, commit := kmsg.NewPtrAddOffsetsToTxnRequest(), kmsg.NewPtrTxnOffsetCommitRequest()
	add.TransactionalID, add.Group = id, group
	commit.TransactionalID, commit.Group = id, group
	if add.ProducerID, add.ProducerEpoch, err = client.ProducerID(ctx); err != nil {
		return err
	}
	commit.ProducerID, commit.ProducerEpoch = add.ProducerID, add.ProducerEpoch
	added, err := add.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	topics, err := admin.ListTopics(ctx, topic)
	if err != nil {
		return err
	}
	in, at := kmsg.NewTxnOffsetCommitRequestTopic(), kmsg.NewTxnOffsetCommitRequestTopicPartition()
	if at.Offset, err = strconv.ParseInt(offset, 10, 64); err != nil {
		return err
	}
	in.Topic, in.TopicID, in.Partitions = topic, topics[topic].ID, append(in.Partitions, at)
	commit.Topics = append(commit.Topics, in)
	committed, err := commit.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return errors.Join(kerr.ErrorForCode(added.ErrorCode), kerr.ErrorForCode(committed.Topics[0].Partitions[0].ErrorCode))
}

// end commits the transaction and waits until its commit is visible.
func (s *scene) end(ctx context.Context, admin *kadm.Client) error {
	if err := s.open.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := sameOffsets(ctx, admin, s.open.group, s.open.topic, s.open.offset)
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}
