package kafka

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/cores"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commits is the answer of OffsetFetch for one group.
type commits struct {
	topics   map[string][]commit // by topic, sorted by partition; none is empty
	unstable bool                // an open transaction holds a pending commit
	err      error
}

// commit is one committed offset. A negative one was written by a faulty tool.
type commit struct {
	offset    int64
	metadata  string
	partition int32
	epoch     int32 // -1: none
	pending   bool  // an open transaction holds another commit: the other fields are unknown
}

// all yields every commit with its part.
func (c *commits) all() iter.Seq2[providers.Part, commit] {
	return func(yield func(providers.Part, commit) bool) {
		for topic, parts := range c.topics {
			for _, at := range parts {
				if !yield(providers.Part{Topic: topic, Number: int(at.partition)}, at) {
					return
				}
			}
		}
	}
}

// find returns the commit on a partition in a sorted list, or nil. In the list of a topic
// of which every partition has a commit, its index is its number.
func find(sorted []commit, partition int) *commit {
	if partition >= 0 && partition < len(sorted) && int(sorted[partition].partition) == partition {
		return &sorted[partition]
	}
	i, ok := slices.BinarySearchFunc(sorted, int32(partition), func(at commit, n int32) int { return cmp.Compare(at.partition, n) })
	if !ok {
		return nil
	}
	return &sorted[i]
}

// A finder finds commits of one group on parts that come topic by topic.
type finder struct {
	commits *commits
	topic   string
	list    []commit // on topic; nil = none, or none was looked for
}

func (f *finder) on(p providers.Part) *commit {
	if f.list == nil || p.Topic != f.topic {
		f.topic, f.list = p.Topic, f.commits.topics[p.Topic]
	}
	return find(f.list, p.Number)
}

// fetchedAtOnce is the most groups of one OffsetFetch: an answer about more could
// exceed what is read of one answer.
const fetchedAtOnce = 1000

// fetch reads all commits of many groups, one request per coordinator and thousand
// groups.
func (c *connection) fetch(ctx context.Context, groups map[string]bool) map[string]*commits {
	out := make(map[string]*commits, len(groups))
	for some := range slices.Chunk(slices.Sorted(maps.Keys(groups)), fetchedAtOnce) {
		c.fetchSome(ctx, some, out)
	}
	return out
}

// fetchSome requires stable offsets, so that a pending transaction is reported. It
// names no topic, so that only commits are returned and -1 is a commit like any other.
func (c *connection) fetchSome(ctx context.Context, groups []string, out map[string]*commits) {
	req := kmsg.NewPtrOffsetFetchRequest()
	req.RequireStable = true
	for _, name := range groups {
		out[name] = &commits{err: failed("read offsets of group "+name, kerr.CoordinatorNotAvailable)}
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group, g.Topics = name, nil
		req.Groups = append(req.Groups, g)
	}
	for _, shard := range c.client.RequestSharded(ctx, req) {
		if shard.Err != nil {
			for _, g := range shard.Req.(*kmsg.OffsetFetchRequest).Groups {
				out[g.Group].err = failed("read offsets of group "+g.Group, shard.Err)
			}
			continue
		}
		answers := shard.Resp.(*kmsg.OffsetFetchResponse).Groups
		cores.Each(len(answers), func(i int) {
			if known := out[answers[i].Group]; known != nil {
				known.record(&answers[i])
				c.coordinators.Store(answers[i].Group, shard.Meta.NodeID)
			}
		})
	}
}

func (c *commits) record(g *kmsg.OffsetFetchResponseGroup) {
	op := "read offsets of group " + g.Group
	if g.ErrorCode == kerr.GroupIDNotFound.Code { // some brokers report this, others return no topics
		c.err = nil
		return
	}
	if c.err = coded(op, g.ErrorCode); c.err != nil {
		return
	}
	c.topics = make(map[string][]commit, len(g.Topics))
	for _, t := range g.Topics {
		parts := make([]commit, 0, len(t.Partitions))
		for _, p := range t.Partitions {
			if p.ErrorCode == kerr.UnstableOffsetCommit.Code {
				c.unstable = true
				parts = append(parts, commit{partition: p.Partition, pending: true})
				continue
			}
			if c.err = coded(op, p.ErrorCode); c.err != nil {
				return
			}
			at := commit{partition: p.Partition, offset: p.Offset, epoch: p.LeaderEpoch}
			if p.Metadata != nil {
				at.metadata = *p.Metadata
			}
			parts = append(parts, at)
		}
		if len(parts) > 0 {
			sortCommits(parts)
			c.topics[t.Topic] = parts
		}
	}
}

// sortCommits sorts by partition. Brokers return the partitions of a topic in any order,
// and if all of them have commits, each has the index of its number.
func sortCommits(parts []commit) {
	for i := range parts {
		for n := int(parts[i].partition); n >= 0 && n < len(parts) && int(parts[n].partition) != n; n = int(parts[i].partition) {
			parts[i], parts[n] = parts[n], parts[i]
		}
	}
	byPartition := func(a, b commit) int { return cmp.Compare(a.partition, b.partition) }
	if !slices.IsSortedFunc(parts, byPartition) {
		slices.SortFunc(parts, byPartition)
	}
}

// kept holds what Kafka stores with commits, each distinct content once: almost all
// commits have the same.
type kept map[keptKey]map[string]string

type keptKey struct {
	metadata string
	epoch    int32
}

// of returns the content that is stored with a commit; nil if there is none.
func (all kept) of(at commit) map[string]string {
	if at.metadata == "" && at.epoch < 0 {
		return nil
	}
	key := keptKey{at.metadata, at.epoch}
	if known := all[key]; known != nil {
		return known
	}
	own := map[string]string{}
	if at.metadata != "" {
		own[keptMetadata] = at.metadata
	}
	if at.epoch >= 0 {
		own[keptEpoch] = strconv.Itoa(int(at.epoch))
	}
	all[key] = own
	return own
}

// fill sets the committed position of a part and what is stored with it.
func (f *finder) fill(pr *providers.PartReading, all kept) {
	at := f.on(pr.Part)
	if pr.Committed = position(at); at != nil && !at.pending {
		pr.Metadata = all.of(*at)
	}
}

// committed returns the committed position on one part.
func (c *commits) committed(p providers.Part) providers.Position {
	return position(find(c.topics[p.Topic], p.Number))
}

// position returns the position of a commit, or of none. It is unknown while a transaction
// is open.
func position(at *commit) providers.Position {
	switch {
	case at == nil:
		return providers.At(providers.Unset)
	case at.pending:
		return providers.Position{}
	}
	return providers.AtOffset(at.offset)
}

// The keys of what Kafka stores with a committed offset.
const (
	keptMetadata = providers.ClientMetadata
	keptEpoch    = "leaderEpoch"
)
