// Package kafkafake is the Kafka service for tests, the sandbox and the demo:
// an embedded broker (kfake) that speaks the real protocol, holds real state,
// counts what was asked of it and fails on demand.
//
// Nothing in it knows of resetplan: any Kafka client can be pointed at it.
package kafkafake

import (
	"context"
	"fmt"
	"maps"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// A Fake is a running broker.
type Fake struct {
	*kfake.Cluster
	proxy *proxy

	mu     sync.Mutex
	counts map[kmsg.Key]int
	live   []*kgo.Client
	joined map[string]int  // live clients by group
	modern map[string]bool // groups of the consumer protocol
	hidden bool            // no group is listed
}

// Start runs a broker at an address such as "127.0.0.1:19092"; port 0 picks a
// free one. It advertises that same address to clients.
func Start(address string, options ...kfake.Opt) (*Fake, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("kafka sandbox: %q is not host:port", address)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("kafka sandbox: %q is not a port", portText)
	}
	if host != "127.0.0.1" && host != "localhost" {
		return nil, fmt.Errorf("kafka sandbox: it listens on 127.0.0.1 only, not on %q", host)
	}
	f := &Fake{proxy: &proxy{}, counts: map[kmsg.Key]int{}, joined: map[string]int{}, modern: map[string]bool{}}
	options = append([]kfake.Opt{kfake.NumBrokers(1), kfake.Ports(port), kfake.ListenFn(f.proxy.listen), kfake.MaxVersions(offered())}, options...)
	if f.Cluster, err = kfake.NewCluster(options...); err != nil {
		return nil, fmt.Errorf("kafka sandbox: %w", err)
	}
	f.Control(f.notice)
	return f, nil
}

// offered are the requests that the broker offers: all of kfake's except
// DescribeTopicPartitions. kfake answers it without replicas eligible as leaders, which
// the protocol permits and Kafka's own tools of 4.x cannot read; they then ask for Metadata.
func offered() *kversion.Versions {
	v := kversion.Stable()
	for k := range int16(kmsg.MaxKey + 1) {
		if r := kmsg.RequestForKey(k); r != nil {
			v.SetMaxKeyVersion(k, r.MaxVersion())
		}
	}
	v.SetMaxKeyVersion(kmsg.DescribeTopicPartitions.Int16(), -1)
	return v
}

// notice counts each request. It also corrects what kfake reports of groups of the
// consumer protocol (KIP-848): Kafka's DescribeGroups knows none of them.
func (f *Fake) notice(req kmsg.Request) (kmsg.Response, error, bool) {
	f.KeepControl()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[kmsg.Key(req.Key())]++
	if beat, ok := req.(*kmsg.ConsumerGroupHeartbeatRequest); ok && !f.modern[beat.Group] {
		f.modern[beat.Group] = true
		f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups}, Group: beat.Group, Err: kerr.GroupIDNotFound, Count: -1})
	}
	if list, ok := req.(*kmsg.ListGroupsRequest); ok && f.hidden {
		return list.ResponseKind(), nil, true
	}
	return nil, nil, false
}

// Address is the broker's address.
func (f *Fake) Address() string { return f.ListenAddrs()[0] }

// Close stops the broker.
func (f *Fake) Close() {
	f.Leave()
	f.Cluster.Close()
}

// Requests returns how many requests of each kind were received.
func (f *Fake) Requests() map[kmsg.Key]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.counts)
}

// Forget sets the counts to nothing.
func (f *Fake) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts = map[kmsg.Key]int{}
}

// Writes returns how many requests were received that change something, join
// a group or send heartbeats: all that are not known to only read.
func (f *Fake) Writes() int {
	n := 0
	for k, times := range f.Requests() {
		if !onlyReads(k) {
			n += times
		}
	}
	return n
}

func onlyReads(k kmsg.Key) bool {
	switch k {
	case kmsg.Fetch, kmsg.ListOffsets, kmsg.Metadata, kmsg.OffsetFetch, kmsg.FindCoordinator, kmsg.DescribeGroups, kmsg.ListGroups,
		kmsg.SASLHandshake, kmsg.SASLAuthenticate, kmsg.ApiVersions, kmsg.OffsetForLeaderEpoch, kmsg.DescribeACLs, kmsg.DescribeConfigs,
		kmsg.DescribeLogDirs, kmsg.ListPartitionReassignments, kmsg.DescribeClientQuotas, kmsg.DescribeUserSCRAMCredentials, kmsg.DescribeQuorum,
		kmsg.DescribeCluster, kmsg.DescribeProducers, kmsg.DescribeTransactions, kmsg.ListTransactions, kmsg.ConsumerGroupDescribe,
		kmsg.DescribeTopicPartitions, kmsg.ListConfigResources, kmsg.ShareGroupDescribe, kmsg.DescribeShareGroupOffsets,
		kmsg.GetTelemetrySubscriptions, kmsg.PushTelemetry:
		return true
	}
	return false
}

// What Seed puts there.
const (
	SeedTopic     = "orders"
	SeedGroup     = "orders-billing"
	seedParts     = 3
	seedRecords   = 500
	seedCommitted = 300
	seedAge       = 48 * time.Hour
)

// Seed fills a cluster, this one or a real one: the topic orders with three
// partitions of 500 records each, spread over the last 48 hours, and the
// group orders-billing, which a consumer has left, committed at 300. A topic that is there stays as it is.
func Seed(ctx context.Context, bootstrap string, now time.Time) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0),
		kgo.MetadataMinAge(50*time.Millisecond), kgo.MaxVersions(visitor()))
	if err != nil {
		return fmt.Errorf("kafka sandbox: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	created, err := admin.CreateTopic(ctx, seedParts, 1, map[string]*string{"message.timestamp.type": kadm.StringPtr("CreateTime"),
		"retention.ms": kadm.StringPtr("-1")}, SeedTopic)
	switch {
	case created.Err == kerr.TopicAlreadyExists: //nolint:errorlint // the library compares so itself
		return nil
	case err != nil:
		return fmt.Errorf("kafka sandbox: make topic %s: %w", SeedTopic, err)
	}
	var records []*kgo.Record
	for i := range seedRecords {
		for p := range int32(seedParts) {
			age := seedAge - time.Duration(i)*seedAge/seedRecords
			records = append(records, &kgo.Record{Topic: SeedTopic, Partition: p, Timestamp: now.Add(-age),
				Value: fmt.Appendf(nil, "order %d of partition %d", i, p)})
		}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("kafka sandbox: fill topic %s: %w", SeedTopic, err)
	}
	if err := visit(ctx, client, SeedGroup, SeedTopic); err != nil {
		return err
	}
	var offsets kadm.Offsets
	for p := range int32(seedParts) {
		offsets.AddOffset(SeedTopic, p, seedCommitted, -1)
	}
	if err := admin.CommitAllOffsets(ctx, SeedGroup, offsets); err != nil {
		return fmt.Errorf("kafka sandbox: commit for group %s: %w", SeedGroup, err)
	}
	return nil
}
