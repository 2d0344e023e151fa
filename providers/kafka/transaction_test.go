package kafka_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// transact begins a transaction with a record on partition 0.
func transact(t *testing.T, address string) *kgo.Client {
	t.Helper()
	p, err := kgo.NewClient(kgo.SeedBrokers(address), kgo.TransactionalID("tx"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	check(t, err)
	t.Cleanup(p.Close)
	check(t, p.BeginTransaction())
	check(t, p.ProduceSync(t.Context(), &kgo.Record{Topic: kafkafake.SeedTopic, Partition: 0, Value: []byte("x")}).FirstErr())
	return p
}

// mark ends the log of partition 0 with the mark of a transaction and returns
// its end.
func (s *scene) mark(t *testing.T) int64 {
	t.Helper()
	check(t, transact(t, s.Address()).EndTransaction(t.Context(), kgo.TryCommit))
	ends, err := s.adm.ListEndOffsets(t.Context(), kafkafake.SeedTopic)
	check(t, err)
	end, _ := ends.Lookup(kafkafake.SeedTopic, 0)
	return end.Offset
}

// commitWithin commits an offset of partition 0 in the producer's transaction.
func commitWithin(t *testing.T, p *kgo.Client, adm *kadm.Client, offset int64) {
	t.Helper()
	topics, err := adm.ListTopics(t.Context(), kafkafake.SeedTopic)
	check(t, err)
	id, epoch, err := p.ProducerID(t.Context())
	check(t, err)
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = "tx", id, epoch, kafkafake.SeedGroup
	added, err := add.RequestWith(t.Context(), p)
	check(t, err)
	check(t, kerr.ErrorForCode(added.ErrorCode))
	commit := kmsg.NewPtrTxnOffsetCommitRequest()
	commit.TransactionalID, commit.ProducerID, commit.ProducerEpoch, commit.Group = "tx", id, epoch, kafkafake.SeedGroup
	topic := kmsg.NewTxnOffsetCommitRequestTopic()
	topic.Topic, topic.TopicID = kafkafake.SeedTopic, topics[kafkafake.SeedTopic].ID
	at := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	at.Offset = offset
	topic.Partitions = append(topic.Partitions, at)
	commit.Topics = append(commit.Topics, topic)
	committed, err := commit.RequestWith(t.Context(), p)
	check(t, err)
	check(t, kerr.ErrorForCode(committed.Topics[0].Partitions[0].ErrorCode))
}

func TestAnOpenTransactionIsWorkUnderWay(t *testing.T) {
	s := stage(t)
	p := transact(t, s.Address())
	commitWithin(t, p, s.adm, 310)
	got := s.read(t)
	if got.Activity.State != providers.Active || got.Activity.Why != "an open transaction of this group holds a pending commit" {
		t.Errorf("the group is reported as %+v", got.Activity)
	}
	if at := got.Parts[0].Committed; !at.IsZero() {
		t.Errorf("it is reported at %s, which the transaction may change", at)
	}
	check(t, p.EndTransaction(t.Context(), kgo.TryCommit))
	if got := s.read(t); got.Activity.State != providers.Idle || got.Parts[0].Committed != providers.AtOffset(310) {
		t.Errorf("after its end the group is reported as %+v, at %s", got.Activity, got.Parts[0].Committed)
	}
}

// TestSizeIgnoresTransactionMarkers asks for the age of what follows a target: a
// record, or nothing but the mark of a transaction.
func TestSizeIgnoresTransactionMarkers(t *testing.T) {
	s := stage(t)
	end := s.mark(t)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	got := s.conn.(providers.Sizer).Size(ctx, []providers.SizeRequest{{Oldest: true, Move: providers.Move{Target: s.goal,
		To: []providers.PartMove{to(0, end-1), to(1, 0)}}}})[0]
	if ctx.Err() != nil {
		t.Fatal("it waits for a record that is not there")
	}
	check(t, got.Err)
	if !slices.EqualFunc(got.Parts, []int{1}, func(p providers.PartSize, n int) bool { return p.Part == part(n) && p.Oldest.Before(now) }) {
		t.Errorf("got %+v", got.Parts)
	}
}
