package kafkatest

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Topic describes what to create and fill.
type Topic struct {
	Name       string
	Partitions int32
	Replicas   int16             // of each partition; 0 = 1
	Records    int               // in each partition
	From       time.Time         // of each partition's first record; zero = an hour ago
	Every      time.Duration     // between two records of a partition; 0 = a second
	Config     map[string]string // "cleanup.policy"
}

// Seed creates a topic and fills it. Record n of a partition has offset n,
// the key "n" and the time From + n·Every.
func (b *Broker) Seed(ctx context.Context, topic Topic) error {
	if topic.From.IsZero() {
		topic.From = time.Now().Add(-time.Hour)
	}
	if topic.Every == 0 {
		topic.Every = time.Second
	}
	client, err := b.client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic(topic.Name), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer client.Close()
	config := map[string]*string{}
	for k, v := range topic.Config {
		config[k] = &v
	}
	if _, err := kadm.NewClient(client).CreateTopic(ctx, topic.Partitions, max(topic.Replicas, 1), config, topic.Name); err != nil {
		return fmt.Errorf("kafkatest: create %s: %w", topic.Name, err)
	}
	records := make([]*kgo.Record, 0, int(topic.Partitions)*topic.Records)
	for n := range topic.Records {
		for p := range topic.Partitions {
			records = append(records, &kgo.Record{Partition: p, Key: strconv.AppendInt(nil, int64(n), 10),
				Timestamp: topic.From.Add(time.Duration(n) * topic.Every)})
		}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("kafkatest: fill %s: %w", topic.Name, err)
	}
	return nil
}

// Admin returns an independent reader and writer of the broker's state. The
// caller closes it.
func (b *Broker) Admin() (*kadm.Client, error) {
	client, err := b.client()
	if err != nil {
		return nil, err
	}
	return kadm.NewClient(client), nil
}

func (b *Broker) client(more ...kgo.Opt) (*kgo.Client, error) {
	client, err := kgo.NewClient(append(more, kgo.SeedBrokers(b.Addresses.Plain))...)
	if err != nil {
		return nil, fmt.Errorf("kafkatest: %w", err)
	}
	return client, nil
}
