package kafka

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// retentionSetting is how long a broker keeps the commits of a group without consumers.
const retentionSetting = "offsets.retention.minutes"

// retained is that setting of a connection's cluster, read once.
type retained struct {
	mu    sync.Mutex
	known bool
	after time.Duration // 0 = not reported
}

// expiry fills in when the commits of groups expire that no consumer has joined: those
// to be created, those without a commit and simple ones.
func (r *reading) expiry(ctx context.Context) {
	var after *time.Duration
	for _, q := range r.all {
		s := &q.out
		if !q.Risks || s.Err != nil || s.GroupState == providers.Committed && !r.listed.groups[q.target.group].simple() {
			continue
		}
		if after == nil {
			read := r.c.retainedFor(ctx, q.target.group)
			after = &read
		}
		s.Expires = &providers.Expiry{After: *after, Setting: retentionSetting}
	}
}

// retainedFor returns the setting of a group's coordinator, with one request per
// connection; 0 if these credentials may not read it. All brokers of a cluster should
// have the same.
func (c *connection) retainedFor(ctx context.Context, group string) time.Duration {
	c.retained.mu.Lock()
	defer c.retained.mu.Unlock()
	coordinator, ok := c.coordinators.Load(group)
	if c.retained.known || !ok {
		return c.retained.after
	}
	broker := coordinator.(int32)
	r := kmsg.NewDescribeConfigsRequestResource()
	r.ResourceType, r.ResourceName = kmsg.ConfigResourceTypeBroker, strconv.Itoa(int(broker))
	r.ConfigNames = []string{retentionSetting}
	req := kmsg.NewPtrDescribeConfigsRequest()
	req.Resources = append(req.Resources, r)
	resp, err := c.client.Broker(int(broker)).RetriableRequest(ctx, req)
	if err != nil {
		return 0
	}
	c.retained.known = true
	for _, r := range resp.(*kmsg.DescribeConfigsResponse).Resources {
		for _, one := range r.Configs {
			if one.Name != retentionSetting || one.Value == nil {
				continue
			}
			if n, err := strconv.ParseInt(*one.Value, 10, 32); err == nil {
				c.retained.after = time.Duration(n) * time.Minute
			}
		}
	}
	return c.retained.after
}
