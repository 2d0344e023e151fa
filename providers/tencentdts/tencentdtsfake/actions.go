package tencentdtsfake

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// beijing is the service's time zone.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// subject holds the parameter of every action.
type subject struct {
	SubscribeID *string `json:"SubscribeId"`
}

func (s subject) subscription() string {
	if s.SubscribeID == nil {
		return ""
	}
	return *s.SubscribeID
}

type groupsParams struct {
	subject
	Offset, Limit *int
}

func (f *Fake) describeConsumerGroups(ctx context.Context, p groupsParams) (map[string]any, error) {
	f.mu.Lock()
	all := slices.Clone(f.groups)
	f.mu.Unlock()
	from, limit := 0, 10
	if p.Offset != nil {
		from = *p.Offset
	}
	if p.Limit != nil {
		limit = *p.Limit
	}
	if from < 0 || limit < 1 || limit > 100 {
		return nil, invalid("Offset `%d` or Limit `%d` is out of range.", from, limit)
	}
	items := []map[string]any{}
	for _, g := range all[min(from, len(all)):min(from+limit, len(all))] {
		item, err := f.describe(ctx, g)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return map[string]any{"TotalCount": len(all), "Items": items}, nil
}

// describe describes one group. Two fields describe only its last partition; they
// are from the time when a topic had one.
func (f *Fake) describe(ctx context.Context, g group) (map[string]any, error) {
	s, err := f.state(ctx, g.name)
	if err != nil {
		return nil, err
	}
	l, err := f.logs(ctx)
	if err != nil {
		return nil, err
	}
	parts, err := f.stateOfPartition(ctx, l, s)
	if err != nil {
		return nil, err
	}
	last := parts[len(parts)-1]
	return map[string]any{
		"Account": "account-" + SeedSubscription + "-" + g.name, "ConsumerGroupName": FullName(g.name), "Description": "",
		"ConsumerGroupOffset": last.ConsumerGroupOffset, "ConsumerGroupLag": last.ConsumerGroupLag, "Latency": last.Latency, "StateOfPartition": parts,
		"CreatedAt": g.created.In(beijing).Format(time.DateTime), "UpdatedAt": g.created.In(beijing).Format(time.DateTime),
		"ConsumerGroupState": s.State, "PartitionAssignment": assignment(s.DescribedGroup),
	}, nil
}

type partitionState struct {
	PartitionNo                                    int32
	ConsumerGroupOffset, ConsumerGroupLag, Latency int64
}

// stateOfPartition reports a group's offset on a partition; -1 is no commit. Its
// delay is the age of the last checkpoint that it has read.
func (f *Fake) stateOfPartition(ctx context.Context, l logs, s state) ([]partitionState, error) {
	read, err := f.log.last(ctx, f.options.Bootstrap, l, func(p int32, c checkpoint) bool { return c.offset <= s.place(p) })
	if err != nil {
		return nil, err
	}
	var all []partitionState
	for _, p := range l.sorted() {
		one := partitionState{PartitionNo: p, ConsumerGroupOffset: s.place(p), ConsumerGroupLag: max(0, l[p].high-max(l[p].low, s.place(p)))}
		if c, ok := read[p]; ok && one.ConsumerGroupLag > 0 {
			one.Latency = int64(f.options.Now().Sub(c.time).Seconds())
		}
		all = append(all, one)
	}
	return all, nil
}

func assignment(g kadm.DescribedGroup) []map[string]any {
	all := []map[string]any{}
	for _, m := range g.Members {
		var parts []int32 // null if it reads nothing
		if assigned, ok := m.Assigned.AsConsumer(); ok {
			for _, t := range assigned.Topics {
				parts = append(parts, t.Partitions...)
			}
		}
		all = append(all, map[string]any{"ClientId": m.ClientID, "PartitionNo": parts})
	}
	return all
}

type timeParams struct {
	subject
	Time *string
}

func (f *Fake) describeOffsetByTime(ctx context.Context, p timeParams) (map[string]any, error) {
	if p.Time == nil {
		return nil, missing("Time")
	}
	l, err := f.logs(ctx)
	if err != nil {
		return nil, err
	}
	at, err := f.places(ctx, l, *p.Time)
	if err != nil {
		return nil, err
	}
	items := []map[string]any{}
	for _, n := range l.sorted() {
		items = append(items, map[string]any{"PartitionNo": n, "Offset": at[n]})
	}
	return map[string]any{"Items": items}, nil
}

// places returns the last checkpoints before a time: the oldest offsets without a
// time, the newest for a time in the future.
func (f *Fake) places(ctx context.Context, l logs, when string) (map[int32]int64, error) {
	t, err := moment(when)
	if err != nil {
		return nil, err
	}
	all := map[int32]int64{}
	f.mu.Lock()
	behind := f.behind
	f.mu.Unlock()
	if t.After(f.options.Now()) && !behind {
		for n, ends := range l {
			all[n] = ends.high
		}
		return all, nil
	}
	last, err := f.log.last(ctx, f.options.Bootstrap, l, func(_ int32, c checkpoint) bool {
		return !c.time.After(t) && (!behind || c.offset < seedBehind)
	})
	for n, ends := range l {
		all[n] = max(ends.low, last[n].offset)
	}
	return all, err
}

func moment(when string) (time.Time, error) {
	if when == "" {
		return time.Unix(0, 0), nil
	}
	t, err := time.ParseInLocation(time.DateTime, when, beijing)
	if err != nil {
		return t, &refusal{"InvalidParameterValue.DataConvertError", "The time `" + when + "` is not of the form Y-m-d h:m:s."}
	}
	return t, nil
}

func (f *Fake) describeSubscribeDetail(_ context.Context, _ subject) (map[string]any, error) {
	made := f.options.Now().Add(-seedAge).In(beijing).Format(time.DateTime)
	return map[string]any{
		"SubscribeId": SeedSubscription, "SubscribeName": "sandbox", "Product": "mysql", "InstanceId": "cdb-1", "InstanceStatus": "running",
		"Status": "normal", "SubsStatus": "running", "CreateTime": made, "ModifyTime": made,
		"IsolateTime": "0000-00-00 00:00:00", "ExpireTime": "0000-00-00 00:00:00",
		"OfflineTime": "0000-00-00 00:00:00", "PayType": 1, "AutoRenewFlag": 0, "Region": Region, "Topic": SeedTopic, "Broker": f.options.Bootstrap,
		"SubscribeMode": "all", "Protocol": "json", "SubscribeObjects": []any{}, "AccessType": "cdb",
		"Endpoints": []any{}, "PipelineInfo": []any{}, "Tags": []any{}, "Errors": nil,
		"KafkaConfig":  map[string]any{"NumberOfPartitions": seedParts, "DefaultRuleType": "table", "DistributeRules": []any{}},
		"KafkaVersion": "2.6.0", "SubscribeVersion": "kafka",
	}, nil
}
