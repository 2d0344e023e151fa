package kafkafake

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A probe queries the broker and summarises the answer.
type probe struct {
	t *testing.T
	f *Fake
	*kadm.Client
	raw *kgo.Client
}

// TestLikeness compares the embedded broker with what Apache Kafka 4.3.1
// answered to the same requests. If the two differ, the embedded broker's answer is
// recorded, too: a test on it proves nothing there, and a new
// version that fixes it is noticed.
func TestLikeness(t *testing.T) {
	for name, c := range map[string]struct {
		ask         func(*probe) string
		kafka, fake string // fake: "" = the same
	}{
		"a commit makes a group that is not there": {func(p *probe) string { p.commit("new", 0, 4); return p.listed("new") }, "classic Empty", ""},
		"a removal from a group that is not there": {func(p *probe) string { return p.remove("new", SeedTopic) }, "GROUP_ID_NOT_FOUND", ""},
		"a description of no group":                {func(p *probe) string { return p.describe("new") }, "GROUP_ID_NOT_FOUND Dead", ""},
		"the offsets of no group":                  {offsetsOfNone, "ok", "GROUP_ID_NOT_FOUND"},
		"an offset past the end": {func(p *probe) string { return p.commit(SeedGroup, 0, 9999) + p.committed(SeedGroup) },
			"ok 0:9999 1:300 2:300", ""},
		"an offset below zero": {func(p *probe) string { return p.commit(SeedGroup, 0, -5) + p.committed(SeedGroup) },
			"ok 0:-5 1:300 2:300", ""},
		"a partition that is not there":      {func(p *probe) string { return p.commit(SeedGroup, 77, 4) }, "UNKNOWN_TOPIC_OR_PARTITION", ""},
		"a commit for an id of before":       {idOfBefore, "UNKNOWN_TOPIC_ID", ""},
		"commits of a topic that is deleted": {topicDeleted, "before: 0:300 1:300 2:300 after:  classic Empty", ""},
		"metadata and epoch":                 {metadata, "mine 7, then  -1", ""},
		"metadata of 4097 bytes": {func(p *probe) string { return p.send(SeedGroup, 0, 4, strings.Repeat("x", 4097), 0) },
			"OFFSET_METADATA_TOO_LARGE", "ok"},
		"a live group":                    {live, "commit UNKNOWN_MEMBER_ID, removal GROUP_SUBSCRIBED_TO_TOPIC", ""},
		"a static member that has closed": {staticLeft, "classic Stable, UNKNOWN_MEMBER_ID", ""},
		"a group of the new protocol": {newProtocol, "consumer Stable, GROUP_ID_NOT_FOUND Dead, UNKNOWN_MEMBER_ID",
			"consumer Stable, GROUP_ID_NOT_FOUND , UNKNOWN_MEMBER_ID"},
		"a group of the new protocol, left": {newProtocolLeft, "consumer Empty, ok, consumer Empty", ""},
		"a time past the end":               {func(p *probe) string { return p.at(now.Add(time.Hour)) }, "-1 at -1", ""},
		"a time before the beginning":       {func(p *probe) string { return p.at(now.Add(-99 * time.Hour)) }, "0 at -48h0m0s", ""},
		"a time in a log out of order":      {outOfOrder, "offset 1, offset 4", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, adm := start(t)
			p := &probe{t, f, adm, client(t, f)}
			want := c.kafka
			if c.fake != "" {
				want = c.fake
			}
			if got := c.ask(p); got != want {
				t.Errorf("got %q, want %q (Kafka: %q)", got, want, c.kafka)
			}
		})
	}
}

// word is an error's name.
func word(err error) string {
	var code *kerr.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &code):
		return code.Message
	}
	return err.Error()
}

func (p *probe) commit(group string, partition int32, at int64) string {
	return p.send(group, partition, at, "", -1)
}

func (p *probe) send(group string, partition int32, at int64, metadata string, epoch int32) string {
	var all kadm.Offsets
	all.Add(kadm.Offset{Topic: SeedTopic, Partition: partition, At: at, LeaderEpoch: epoch, Metadata: metadata})
	answer, err := p.CommitOffsets(p.t.Context(), group, all)
	check(p.t, err)
	return word(answer.Error())
}

func (p *probe) remove(group, topic string) string {
	var set kadm.TopicsSet
	set.Add(topic, 0)
	answer, err := p.DeleteOffsets(p.t.Context(), group, set)
	if err != nil {
		return word(err)
	}
	return word(answer.Error())
}

// committed is "0:300 1:300".
func (p *probe) committed(group string) string {
	var out []string
	all, err := p.FetchOffsets(p.t.Context(), group)
	check(p.t, err)
	for _, o := range all.Sorted() {
		out = append(out, fmt.Sprintf("%d:%d", o.Partition, o.At))
	}
	if text := strings.Join(out, " "); text != "" {
		return " " + text
	}
	return ""
}

// listed is a group's type and state by ListGroups.
func (p *probe) listed(group string) string {
	resp, err := kmsg.NewPtrListGroupsRequest().RequestWith(p.t.Context(), p.raw)
	check(p.t, err)
	for _, g := range resp.Groups {
		if g.Group == group {
			return g.GroupType + " " + g.GroupState
		}
	}
	return "not listed"
}

func (p *probe) describe(group string) string {
	req := kmsg.NewPtrDescribeGroupsRequest()
	req.Groups = []string{group}
	resp, err := req.RequestWith(p.t.Context(), p.raw)
	check(p.t, err)
	return word(kerr.ErrorForCode(resp.Groups[0].ErrorCode)) + " " + resp.Groups[0].State
}

// at is the first offset at or after a time, and its own time.
func (p *probe) at(when time.Time) string {
	req := kmsg.NewPtrListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = SeedTopic
	part := kmsg.NewListOffsetsRequestTopicPartition()
	part.Timestamp = when.UnixMilli()
	topic.Partitions = append(topic.Partitions, part)
	req.Topics = append(req.Topics, topic)
	resp, err := p.raw.Broker(0).Request(p.t.Context(), req)
	check(p.t, err)
	got := resp.(*kmsg.ListOffsetsResponse).Topics[0].Partitions[0]
	if got.Timestamp < 0 {
		return fmt.Sprintf("%d at %d", got.Offset, got.Timestamp)
	}
	return fmt.Sprintf("%d at %s", got.Offset, time.UnixMilli(got.Timestamp).Sub(now))
}

func idOfBefore(p *probe) string {
	topics, err := p.ListTopics(p.t.Context(), SeedTopic)
	check(p.t, err)
	check(p.t, p.f.DeleteTopic(SeedTopic))
	check(p.t, p.f.CreateTopic(SeedTopic, 3, nil))
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = SeedGroup, -1
	topic := kmsg.NewOffsetCommitRequestTopic()
	topic.Topic, topic.TopicID = SeedTopic, topics[SeedTopic].ID
	topic.Partitions = append(topic.Partitions, kmsg.NewOffsetCommitRequestTopicPartition())
	req.Topics = append(req.Topics, topic)
	resp, err := p.raw.Broker(0).Request(p.t.Context(), req)
	check(p.t, err)
	return word(kerr.ErrorForCode(resp.(*kmsg.OffsetCommitResponse).Topics[0].Partitions[0].ErrorCode))
}

func topicDeleted(p *probe) string {
	before := p.committed(SeedGroup)
	check(p.t, p.f.DeleteTopic(SeedTopic))
	return "before:" + before + " after: " + p.committed(SeedGroup) + " " + p.listed(SeedGroup)
}

func metadata(p *probe) string {
	var out []string
	for _, send := range []func() string{func() string { return p.send(SeedGroup, 0, 4, "mine", 7) },
		func() string { return p.commit(SeedGroup, 0, 4) }} {
		send()
		all, err := p.FetchOffsets(p.t.Context(), SeedGroup)
		check(p.t, err)
		o := all[SeedTopic][0]
		out = append(out, fmt.Sprintf("%s %d", o.Metadata, o.LeaderEpoch))
	}
	return strings.Join(out, ", then ")
}

// consume runs a consumer.
func (p *probe) consume(group string, options ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append(options, kgo.SeedBrokers(p.f.Address()), kgo.ConsumerGroup(group), kgo.ConsumeTopics(SeedTopic),
		kgo.DisableAutoCommit())...)
	check(p.t, err)
	p.t.Cleanup(c.Close)
	_, err = p.f.WaitGroupStable(p.t.Context(), group, 1)
	check(p.t, err)
	return c
}

func offsetsOfNone(p *probe) string {
	_, err := p.FetchOffsets(p.t.Context(), "new")
	return word(err)
}

func live(p *probe) string {
	check(p.t, p.f.Join(SeedGroup, SeedTopic))
	return "commit " + p.commit(SeedGroup, 0, 4) + ", removal " + p.remove(SeedGroup, SeedTopic)
}

func staticLeft(p *probe) string {
	p.consume("static", kgo.InstanceID("one")).Close()
	return p.listed("static") + ", " + p.commit("static", 0, 4)
}

func newProtocol(p *probe) string {
	p.consume("kip", kgo.ServerSideBalancer())
	return p.listed("kip") + ", " + p.describe("kip") + ", " + p.commit("kip", 0, 4)
}

func newProtocolLeft(p *probe) string {
	p.consume("kip", kgo.ServerSideBalancer()).Close()
	return p.listed("kip") + ", " + p.commit("kip", 0, 4) + ", " + p.listed("kip")
}

// outOfOrder asks for times in a log of records written at +100, +500, +200,
// +300 and +600.
func outOfOrder(p *probe) string {
	_, err := p.CreateTopic(p.t.Context(), 1, 1, nil, "disorder")
	check(p.t, err)
	var out []string
	for _, ms := range []int64{100, 500, 200, 300, 600} {
		check(p.t, p.raw.ProduceSync(p.t.Context(), &kgo.Record{Topic: "disorder", Timestamp: time.UnixMilli(now.UnixMilli() + ms)}).FirstErr())
	}
	for _, ms := range []int64{200, 501} {
		at, err := p.ListOffsetsAfterMilli(p.t.Context(), now.UnixMilli()+ms, "disorder")
		check(p.t, err)
		out = append(out, fmt.Sprintf("offset %d", at["disorder"][0].Offset))
	}
	return strings.Join(out, ", ")
}
