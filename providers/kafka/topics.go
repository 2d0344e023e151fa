package kafka

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// catalogue is the answer of Metadata for some topics.
type catalogue struct {
	topics map[string]topicInfo
	all    bool // every topic was requested
}

type topicInfo struct {
	logID      string  // the topic's id; "" if there is none
	partitions []int32 // sorted
	leaders    []int32 // of these; negative = none
	err        error
	missing    bool
}

// has reports whether the topic has a partition.
func (t topicInfo) has(partition int) bool {
	if partition >= 0 && partition < len(t.partitions) && int(t.partitions[partition]) == partition {
		return true // almost always: the numbers of a topic have no gaps
	}
	_, found := slices.BinarySearch(t.partitions, int32(partition))
	return found
}

// leader returns the broker that leads a partition, and whether there is one.
func (t topicInfo) leader(partition int) (int32, bool) {
	i, found := slices.BinarySearch(t.partitions, int32(partition))
	if !found || t.leaders[i] < 0 {
		return 0, false
	}
	return t.leaders[i], true
}

// topicID writes a topic's id as Kafka's own tools do; "" if there is none.
func topicID(id [16]byte) string {
	if id == ([16]byte{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// metadataRequest asks for the brokers and the named topics.
func metadataRequest(names []string) *kmsg.MetadataRequest {
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{}
	for _, name := range names {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(name)
		req.Topics = append(req.Topics, t)
	}
	return req
}

// catalogue reads the named topics, or all if names is nil. Metadata that the client
// has cached for less than maxAge is not requested again.
func (c *connection) catalogue(ctx context.Context, names []string, maxAge time.Duration) (*catalogue, error) {
	req := metadataRequest(names)
	if names == nil {
		req.Topics = nil
	}
	resp, err := c.client.RequestCachedMetadata(ctx, req, maxAge)
	if err != nil {
		return nil, failed("read topics", err)
	}
	c.cluster.learn(resp.ClusterID)
	out := &catalogue{topics: map[string]topicInfo{}, all: names == nil}
	for _, t := range resp.Topics {
		if t.Topic == nil {
			continue
		}
		info := topicInfo{logID: topicID(t.TopicID), missing: t.ErrorCode == 3, err: coded("read topic "+*t.Topic, t.ErrorCode),
			partitions: make([]int32, 0, len(t.Partitions)), leaders: make([]int32, 0, len(t.Partitions))}
		byNumber := func(a, b kmsg.MetadataResponseTopicPartition) int { return cmp.Compare(a.Partition, b.Partition) }
		sorted := t.Partitions
		if !slices.IsSortedFunc(sorted, byNumber) {
			sorted = slices.SortedFunc(slices.Values(sorted), byNumber) // the answer may be the client's cache
		}
		for _, p := range sorted {
			info.partitions, info.leaders = append(info.partitions, p.Partition), append(info.leaders, p.Leader)
		}
		out.topics[*t.Topic] = info
		if c.topicIDs.Delete(*t.Topic); info.err == nil {
			c.topicIDs.Store(*t.Topic, identity{logID: info.logID, at: c.now()})
		}
	}
	return out, nil
}

// An identity is what a reset and its reading back need of a topic.
type identity struct {
	logID   string
	missing bool
	at      time.Time
}

// knownIdentities returns the identities of topics that were read within the last second,
// and whether that is so for all of them.
func (c *connection) knownIdentities(topics map[string]bool) (out map[string]identity, complete bool) {
	out = make(map[string]identity, len(topics))
	now := c.now()
	for name := range topics {
		known, ok := c.topicIDs.Load(name)
		if !ok || now.Sub(known.(identity).at) > trusted {
			return out, false
		}
		out[name] = known.(identity)
	}
	return out, true
}

// identities returns the identities of topics, read within the last second. If it is a
// topic with very many partitions, all of its metadata would otherwise be copied for
// each step.
func (c *connection) identities(ctx context.Context, topics map[string]bool) (map[string]identity, error) {
	out, complete := c.knownIdentities(topics)
	if complete {
		return out, nil
	}
	all, err := c.catalogue(ctx, slices.Sorted(maps.Keys(topics)), trusted)
	if err != nil {
		return nil, err
	}
	for name := range topics {
		info := all.topics[name]
		out[name] = identity{logID: info.logID, missing: info.missing}
	}
	return out, nil
}
