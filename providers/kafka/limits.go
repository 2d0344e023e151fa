package kafka

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// bytes returns the sizes of the parts' logs on their leaders, without the copies on
// followers and without what tiered storage has moved away. Without permission to
// describe the cluster it returns nothing. It sorts the parts.
func (c *connection) bytes(ctx context.Context, all *catalogue, parts []providers.Part) map[providers.Part]int64 {
	slices.SortFunc(parts, providers.Part.Compare)
	led := map[int32][]providers.Part{}
	for _, p := range parts {
		if leader, ok := all.topics[p.Topic].leader(p.Number); ok {
			led[leader] = append(led[leader], p)
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	out := map[providers.Part]int64{}
	for broker, own := range led {
		wg.Go(func() {
			resp, err := c.client.Broker(int(broker)).RetriableRequest(ctx, logDirs(own))
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			collect(resp.(*kmsg.DescribeLogDirsResponse), all, broker, out)
		})
	}
	wg.Wait()
	return out
}

// logDirs asks for the sizes of parts, which are sorted.
func logDirs(parts []providers.Part) *kmsg.DescribeLogDirsRequest {
	req := kmsg.NewPtrDescribeLogDirsRequest()
	req.Topics = []kmsg.DescribeLogDirsRequestTopic{}
	for topic, run := range byTopic(parts, itself) {
		t := kmsg.NewDescribeLogDirsRequestTopic()
		t.Topic = topic
		for _, p := range run {
			t.Partitions = append(t.Partitions, int32(p.Number))
		}
		req.Topics = append(req.Topics, t)
	}
	return req
}

// collect adds the sizes of the logs that a broker leads. A copy that is being moved
// to another disk is not counted.
func collect(resp *kmsg.DescribeLogDirsResponse, all *catalogue, broker int32, out map[providers.Part]int64) {
	for _, dir := range resp.Dirs {
		for _, t := range dir.Topics {
			for _, p := range t.Partitions {
				leader, ok := all.topics[t.Topic].leader(int(p.Partition))
				if dir.ErrorCode == 0 && ok && leader == broker && !p.IsFuture {
					out[providers.Part{Topic: t.Topic, Number: int(p.Partition)}] = p.Size
				}
			}
		}
	}
}

// retention returns the retention limits by topic, without the topics whose
// configuration these credentials may not describe.
func (c *connection) retention(ctx context.Context, topics []string) map[string]*providers.Retention {
	if len(topics) == 0 {
		return nil
	}
	req := kmsg.NewPtrDescribeConfigsRequest()
	for _, name := range topics {
		r := kmsg.NewDescribeConfigsRequestResource()
		r.ResourceType, r.ResourceName = kmsg.ConfigResourceTypeTopic, name
		r.ConfigNames = []string{"retention.ms", "retention.bytes", "cleanup.policy"}
		req.Resources = append(req.Resources, r)
	}
	out := map[string]*providers.Retention{}
	for _, resp := range answered[*kmsg.DescribeConfigsResponse](c.client.RequestSharded(ctx, req)) {
		for _, r := range resp.Resources {
			if r.ErrorCode == 0 {
				out[r.ResourceName] = limitsOf(r.Configs)
			}
		}
	}
	return out
}

// limitsOf reads a topic's configuration. A topic that is only compacted keeps
// the newest record of each key permanently.
func limitsOf(configs []kmsg.DescribeConfigsResponseResourceConfig) *providers.Retention {
	values := map[string]string{}
	for _, c := range configs {
		if c.Value != nil {
			values[c.Name] = *c.Value
		}
	}
	out := &providers.Retention{}
	if policy, ok := values["cleanup.policy"]; ok && !strings.Contains(policy, "delete") {
		return out
	}
	const longest = int64(1<<63-1) / int64(time.Millisecond)
	if ms, err := strconv.ParseInt(values["retention.ms"], 10, 64); err == nil && ms >= 0 && ms <= longest {
		out.Age = max(time.Duration(ms)*time.Millisecond, 1)
	}
	if n, err := strconv.ParseInt(values["retention.bytes"], 10, 64); err == nil && n >= 0 {
		out.Bytes = max(n, 1)
	}
	return out
}
