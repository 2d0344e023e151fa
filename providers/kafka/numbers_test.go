package kafka_test

import (
	"math"
	"net"
	"strconv"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestABrokerMayReportAnyPartition reads from a broker that says that a topic has a
// partition of the highest number, and whose answers have partitions that nothing asked
// about: no memory is reserved for the numbers in between.
func TestABrokerMayReportAnyPartition(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("odd", 3, nil))
	var offsets kadm.Offsets
	for p := range int32(3) {
		offsets.AddOffset("odd", p, 0, -1)
	}
	check(t, adm.CommitAllOffsets(t.Context(), "g", offsets))
	id := f.TopicInfo("odd").TopicID
	f.Control(func(req kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		switch asked := req.(type) {
		case *kmsg.MetadataRequest:
			return oddTopics(t, f.Address(), id, asked), nil, true
		case *kmsg.ListOffsetsRequest:
			return oddOffsets(asked), nil, true
		}
		return nil, nil, false
	})
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: target(t, f.Address(), map[string]any{"group": "g", "topic": "odd"})}})[0]
	check(t, s.Err)
	if len(s.Parts) != 4 {
		t.Fatalf("got %+v", s.Parts)
	}
	for i, number := range []int{0, 1, 2, math.MaxInt32} {
		if p := s.Parts[i]; p.Part.Number != number || p.High != providers.AtOffset(int64(number)+400) {
			t.Errorf("got %+v", p)
		}
	}
}

func oddTopics(t *testing.T, address string, id [16]byte, asked *kmsg.MetadataRequest) kmsg.Response {
	host, port, err := net.SplitHostPort(address)
	check(t, err)
	number, err := strconv.Atoi(port)
	check(t, err)
	broker := kmsg.NewMetadataResponseBroker()
	broker.Host, broker.Port = host, int32(number)
	topic := kmsg.NewMetadataResponseTopic()
	topic.Topic, topic.TopicID = kmsg.StringPtr("odd"), id
	for _, n := range []int32{math.MaxInt32, 0, 2, 1} {
		p := kmsg.NewMetadataResponseTopicPartition()
		p.Partition, p.Replicas, p.ISR = n, []int32{0}, []int32{0}
		topic.Partitions = append(topic.Partitions, p)
	}
	resp := asked.ResponseKind().(*kmsg.MetadataResponse)
	resp.Brokers, resp.Topics = []kmsg.MetadataResponseBroker{broker}, []kmsg.MetadataResponseTopic{topic}
	return resp
}

func oddOffsets(asked *kmsg.ListOffsetsRequest) kmsg.Response {
	resp := asked.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, topic := range asked.Topics {
		into := kmsg.NewListOffsetsResponseTopic()
		into.Topic = topic.Topic
		numbers := []int32{-1, 7, math.MaxInt32 - 1}
		for _, p := range topic.Partitions {
			numbers = append(numbers, p.Partition)
		}
		for _, n := range numbers {
			at := kmsg.NewListOffsetsResponseTopicPartition()
			at.Partition, at.Offset = n, int64(n)+400
			into.Partitions = append(into.Partitions, at)
		}
		resp.Topics = append(resp.Topics, into)
	}
	return resp
}
