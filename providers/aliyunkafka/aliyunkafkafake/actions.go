package aliyunkafkafake

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
)

func (f *Fake) consumerProgress(ctx context.Context, w http.ResponseWriter, c *call) error {
	name := c.params.Get("ConsumerId")
	if name == "" {
		f.refuse(w, missing("ConsumerId"))
		return nil
	}
	g, err := f.group(ctx, name)
	if err != nil {
		return err
	}
	if g == nil {
		f.refuse(w, unknown("BIZ_SUBSCRIPTION_NOT_FOUND", "consumer group", name))
		return nil
	}
	_, high, err := f.bounds(ctx, g.topics()...)
	if err != nil {
		return err
	}
	times, err := f.times(ctx, g, c)
	if err != nil {
		return err
	}
	lag, list, last := int64(0), []object{}, int64(-1)
	for _, topic := range g.topics() {
		offsets, diff := f.offsets(g, high[topic], topic, times)
		latest := int64(-1)
		for _, at := range times[topic] {
			latest = max(latest, at)
		}
		list = append(list, object{"Topic": topic, "TotalDiff": diff, "LastTimestamp": latest, "OffsetList": object{"OffsetList": offsets}})
		lag, last = lag+diff, max(last, latest)
	}
	progress := object{"LastTimestamp": last, "TotalDiff": lag, "TopicList": object{"TopicList": list},
		"RebalanceInfoList": object{"RebalanceInfoList": []object{}}}
	if !f.is(stateless) {
		progress["state"] = g.state
	}
	f.succeed(w, object{"ConsumerProgress": progress})
	return nil
}

// offsets lists the partitions of a topic on which the group has committed.
func (f *Fake) offsets(g *group, high map[int32]kadm.Offset, topic string, times written) (list []object, total int64) {
	list = []object{}
	for n := range int32(len(high)) {
		at, committed := g.commits.Lookup(topic, n)
		if !committed {
			at.At = -1
		}
		if !committed && !f.is(minusOne) {
			continue
		}
		lag := high[n].At - max(at.At, 0)
		o := object{"Partition": n, "BrokerOffset": high[n].At, "ConsumerOffset": at.At, "LastTimestamp": times.of(topic, n)}
		if m, held := g.owners[topic][n]; held && !f.is(stateless) {
			o["ClientId"], o["ClientIp"], o["MemberId"] = m.ClientID, strings.TrimPrefix(m.ClientHost, "/"), m.MemberID
		}
		if !f.is(stateless) {
			o["Accumulate"] = lag
		}
		list, total = append(list, o), total+lag
	}
	return list, total
}

func (f *Fake) consumerList(ctx context.Context, w http.ResponseWriter, c *call) error {
	names, err := f.groups(ctx)
	if err != nil {
		return err
	}
	var list []object
	for _, name := range names {
		if want := c.params.Get("ConsumerId"); want != "" && want != name {
			continue
		}
		list = append(list, object{"ConsumerId": name, "InstanceId": Instance, "RegionId": Region, "Remark": "",
			"AutomaticallyCreatedGroup": false, "Tags": object{"TagVO": []object{}}})
	}
	f.page(w, c, "ConsumerList", "ConsumerVO", list)
	return nil
}

func (f *Fake) topicList(ctx context.Context, w http.ResponseWriter, c *call) error {
	topics, err := f.topics(ctx)
	if err != nil {
		return err
	}
	var list []object
	for _, t := range topics {
		if want := c.params.Get("Topic"); want != "" && want != t.Topic {
			continue
		}
		list = append(list, object{"Topic": t.Topic, "PartitionNum": len(t.Partitions), "Status": 0, "StatusName": "Running", "Remark": "",
			"CompactTopic": false, "LocalTopic": true, "InstanceId": Instance, "RegionId": Region})
	}
	f.page(w, c, "TopicList", "TopicVO", list)
	return nil
}

// page answers with one page of a list: ten entries by default, a hundred at most.
func (f *Fake) page(w http.ResponseWriter, c *call, name, element string, list []object) {
	number := func(parameter string, otherwise int) int {
		if n, err := strconv.Atoi(c.params.Get(parameter)); err == nil && n > 0 {
			return n
		}
		return otherwise
	}
	current, size := number("CurrentPage", 1), min(number("PageSize", 10), 100)
	from := min((current-1)*size, len(list))
	part := append([]object{}, list[from:min(from+size, len(list))]...)
	f.succeed(w, object{"Total": len(list), "CurrentPage": current, "PageSize": size, name: object{element: part}})
}

func (f *Fake) topicStatus(ctx context.Context, w http.ResponseWriter, c *call) error {
	topic := c.params.Get("Topic")
	if topic == "" {
		f.refuse(w, missing("Topic"))
		return nil
	}
	known, err := f.hasTopic(ctx, topic)
	if err != nil {
		return err
	}
	if !known {
		f.refuse(w, unknown("BIZ_TOPIC_NOT_FOUND", "topic", topic))
		return nil
	}
	low, high, err := f.bounds(ctx, topic)
	if err != nil {
		return err
	}
	total, table := int64(0), []object{}
	for _, o := range high.Sorted() {
		first, _ := low.Lookup(topic, o.Partition)
		total += o.At - first.At
		table = append(table, object{"Topic": topic, "Partition": o.Partition, "MinOffset": first.At, "MaxOffset": o.At,
			"LastUpdateTimestamp": f.now().UnixMilli()})
	}
	f.succeed(w, object{"TopicStatus": object{"TotalCount": total, "LastTimeStamp": f.now().UnixMilli(), "OffsetTable": object{"OffsetTable": table}}})
	return nil
}
