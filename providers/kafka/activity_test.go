package kafka_test

import (
	"context"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestActiveGroupsOfBothProtocolsAreReported(t *testing.T) {
	for _, protocol := range []string{"classic", "consumer"} {
		t.Run(protocol, func(t *testing.T) {
			f, adm := start(t)
			options := []kgo.Opt{kgo.SeedBrokers(f.Address()), kgo.ConsumerGroup("live"), kgo.ConsumeTopics("orders"), kgo.ClientID("worker")}
			if protocol == "consumer" {
				//lint:ignore SA1029 the library's own key
				ctx := context.WithValue(t.Context(), "opt_in_kafka_next_gen_balancer_beta", true) //nolint:staticcheck // the library's own key
				options = append(options, kgo.WithContext(ctx))
			}
			worker, err := kgo.NewClient(options...)
			check(t, err)
			defer worker.Close()
			worker.PollFetches(t.Context())
			check(t, worker.CommitUncommittedOffsets(t.Context()))
			goal := target(t, f.Address(), map[string]any{"group": "live", "topic": "orders"})
			c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
			read := func() providers.Activity {
				s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
				check(t, s.Err)
				return s.Activity
			}
			if a := read(); a.State != providers.Active || len(a.Members) != 1 || a.Members[0].Client != "worker" || !strings.Contains(a.Why, protocol) {
				t.Errorf("while active it is reported as %+v", a)
			}
			worker.LeaveGroup()
			if a := read(); a.State != providers.Idle {
				t.Errorf("after leaving it is reported as %+v", a)
			}
			if _, err := c.Reset(t.Context(), providers.Move{Target: goal, To: []providers.PartMove{{Part: providers.Part{Topic: "orders"},
				Position: providers.AtOffset(3)}}}); err != nil {
				t.Fatal(err)
			}
			groups, err := adm.DescribeConsumerGroups(t.Context(), "live")
			if protocol == "consumer" && (err != nil || groups["live"].Err != nil) {
				t.Errorf("the group has lost its protocol: %v %v", err, groups["live"].Err)
			}
		})
	}
}
