package kafka_test

import (
	"context"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// many is a topic's number of parts, over three brokers.
const many = 750

// askWide creates a topic of many parts with one record, of an hour ago, in the last
// one, and requests the time two hours ago while during answers requests by time.
func askWide(t *testing.T, during func(f *kafkafake.Fake, req *kmsg.ListOffsetsRequest) (kmsg.Response, bool), options ...kfake.Opt) {
	t.Helper()
	f, adm := start(t, options...)
	check(t, f.CreateTopic("wide", many, nil))
	producer, err := kgo.NewClient(kgo.SeedBrokers(f.Address()), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	check(t, err)
	defer producer.Close()
	check(t, producer.ProduceSync(t.Context(), &kgo.Record{Topic: "wide", Partition: many - 1, Timestamp: now.Add(-time.Hour)}).FirstErr())
	var one kadm.Offsets
	one.AddOffset("wide", many-1, 1, -1)
	check(t, adm.CommitAllOffsets(t.Context(), "g", one))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	goal := target(t, f.Address(), map[string]any{"group": "g", "topic": "wide"})
	f.ControlKey(int16(kmsg.ListOffsets), func(req kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		asked := req.(*kmsg.ListOffsetsRequest)
		if asked.Topics[0].Partitions[0].Timestamp < 0 {
			return nil, nil, false
		}
		resp, handled := during(f, asked)
		return resp, nil, handled
	})
	f.Forget()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	at := providers.AtTime(now.Add(-2 * time.Hour))
	s := c.Read(ctx, []providers.ReadRequest{{Target: goal, Resolve: []providers.Position{at}}})[0]
	check(t, s.Err)
	if len(s.Parts) != many {
		t.Fatalf("%d parts are reported", len(s.Parts))
	}
	for _, p := range s.Parts {
		want := providers.At(providers.Latest)
		if p.Part.Number == many-1 {
			want = providers.AtOffset(0)
		}
		if got := p.Resolution(at).Found; got != want {
			t.Errorf("%s: the time is at %s, want %s", p.Part, got, want)
		}
	}
}

// TestAQuestionIsAskedAgainIfTheLeaderMoved: the first answer is that another broker
// leads.
func TestAQuestionIsAskedAgainIfTheLeaderMoved(t *testing.T) {
	asked := 0
	askWide(t, func(_ *kafkafake.Fake, req *kmsg.ListOffsetsRequest) (kmsg.Response, bool) {
		if asked++; asked > 1 {
			return nil, false
		}
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, topic := range req.Topics {
			told := kmsg.NewListOffsetsResponseTopic()
			told.Topic = topic.Topic
			for _, p := range topic.Partitions {
				refused := kmsg.NewListOffsetsResponseTopicPartition()
				refused.Partition, refused.ErrorCode = p.Partition, kerr.NotLeaderForPartition.Code
				told.Partitions = append(told.Partitions, refused)
			}
			resp.Topics = append(resp.Topics, told)
		}
		return resp, true
	})
	if asked != 2 {
		t.Errorf("it was asked %d times", asked)
	}
}

// TestEachBrokerIsAskedOnce asks three brokers, of which the document names one.
func TestEachBrokerIsAskedOnce(t *testing.T) {
	asked, parts := 0, 0
	askWide(t, func(_ *kafkafake.Fake, req *kmsg.ListOffsetsRequest) (kmsg.Response, bool) {
		asked++
		parts += len(req.Topics[0].Partitions)
		return nil, false
	}, kfake.NumBrokers(3), kfake.Ports(0, 0, 0))
	if asked != 3 || parts != many {
		t.Errorf("%d requests for the time of %d parts", asked, parts)
	}
}
