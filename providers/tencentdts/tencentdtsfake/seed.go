package tencentdtsfake

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// What is there.
const (
	Region           = "ap-guangzhou"
	SeedSubscription = "subs-sandbox0001"
	SeedTopic        = "topic-subs-sandbox0001-cdb-1"
	SeedGroup        = "audit" // see FullName for its name in Kafka

	seedParts       = 4
	seedRecords     = 576
	seedCommitted   = 400
	seedAge         = 48 * time.Hour
	secondCommitted = 100                // see the fault several
	seedBehind      = seedCommitted - 50 // see the fault behind
	seedEvery       = 3                  // every third record is a checkpoint: one in fifteen minutes
)

// FullName is the name of a group of the subscription in Kafka.
func FullName(name string) string { return "consumer-grp-" + SeedSubscription + "-" + name }

// Seed fills the broker with the subscription's topic, four partitions of 576
// records each, spread over the last 48 hours, and commits its group at 400. A
// topic that exists is kept.
func (f *Fake) Seed(ctx context.Context) error {
	created, err := f.admin.CreateTopic(ctx, seedParts, 1, map[string]*string{"message.timestamp.type": kadm.StringPtr("CreateTime"),
		"retention.ms": kadm.StringPtr("-1")}, SeedTopic)
	switch {
	case created.Err == kerr.TopicAlreadyExists: //nolint:errorlint // the library compares so itself
		return nil
	case err != nil:
		return fmt.Errorf("tencent-dts sandbox: create topic %s: %w", SeedTopic, err)
	}
	if err := f.fill(ctx); err != nil {
		return fmt.Errorf("tencent-dts sandbox: fill topic %s: %w", SeedTopic, err)
	}
	var offsets kadm.Offsets
	for p := range int32(seedParts) {
		offsets.AddOffset(SeedTopic, p, seedCommitted, -1)
	}
	if err := f.admin.CommitAllOffsets(ctx, FullName(SeedGroup), offsets); err != nil {
		return fmt.Errorf("tencent-dts sandbox: commit for group %s: %w", FullName(SeedGroup), err)
	}
	return nil
}

// addGroups adds the groups of the fault several.
func (f *Fake) addGroups() error {
	f.AddGroup(SeedGroup + "-2")
	f.AddGroup("billing")
	var offsets kadm.Offsets
	for p := range int32(seedParts) {
		offsets.AddOffset(SeedTopic, p, secondCommitted, -1)
	}
	if err := f.admin.CommitAllOffsets(context.Background(), FullName(SeedGroup+"-2"), offsets); err != nil {
		return fmt.Errorf("tencent-dts sandbox: commit for group %s: %w", FullName(SeedGroup+"-2"), err)
	}
	return nil
}

func (f *Fake) fill(ctx context.Context) error {
	producer, err := kgo.NewClient(kgo.SeedBrokers(f.options.Bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		kgo.MetadataMinAge(50*time.Millisecond))
	if err != nil {
		return err
	}
	defer producer.Close()
	var records []*kgo.Record
	now := f.options.Now()
	for i := range seedRecords {
		for p := range int32(seedParts) {
			r := &kgo.Record{Topic: SeedTopic, Partition: p, Timestamp: now.Add(time.Duration(i)*seedAge/seedRecords - seedAge),
				Value: fmt.Appendf(nil, "change %d of partition %d", i, p)}
			if i%seedEvery == 0 {
				r.Key, r.Value = checkpointKey, nil
			}
			records = append(records, r)
		}
	}
	return producer.ProduceSync(ctx, records...).FirstErr()
}
