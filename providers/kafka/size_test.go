package kafka_test

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestAPlanAndItsSizeBudget counts the requests of what a plan of twelve
// partitions takes, with what it means in brief.
func TestAPlanAndItsSizeBudget(t *testing.T) {
	f, adm := start(t)
	check(t, f.CreateTopic("twelve", 12, nil))
	var offsets kadm.Offsets
	for p := range int32(12) {
		offsets.AddOffset("twelve", p, 0, -1)
	}
	check(t, adm.CommitAllOffsets(t.Context(), "g", offsets))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	goal := target(t, f.Address(), map[string]any{"group": "g", "topic": "twelve"})
	f.Forget()
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: []providers.Position{providers.AtTime(now)}}})[0]
	check(t, s.Err)
	m := providers.Move{Target: goal}
	for _, p := range s.Parts {
		m.To = append(m.To, providers.PartMove{Part: p.Part, Position: p.Low})
	}
	check(t, c.(providers.Sizer).Size(t.Context(), []providers.SizeRequest{{Move: m, Bytes: true, Oldest: true, Brief: true}})[0].Err)
	all := 0
	for _, n := range f.Requests() {
		all += n
	}
	if all > 12 || len(m.To) != 12 || f.Requests()[kmsg.DescribeLogDirs] != 1 || f.Requests()[kmsg.Fetch] != 0 {
		t.Errorf("%d requests for %d parts: %v", all, len(m.To), f.Requests())
	}
}

func TestSize(t *testing.T) {
	all := func(q providers.SizeRequest) providers.SizeRequest {
		q.Bytes, q.Oldest, q.Retention = true, true, true
		return q
	}
	for name, c := range map[string]struct {
		config    map[string]string
		fault     kmsg.Key // refused; 0 = none
		at        int64
		brief     bool
		dated     bool
		retention *providers.Retention
		sized     bool
	}{
		"all is told of the first record":          {dated: true, sized: true, retention: &providers.Retention{}},
		"briefly the first record is told":         {brief: true, dated: true, sized: true, retention: &providers.Retention{}},
		"briefly no record is read":                {brief: true, at: 7, sized: true, retention: &providers.Retention{}},
		"at length the record is read":             {at: 7, dated: true, sized: true, retention: &providers.Retention{}},
		"limits are told":                          {config: map[string]string{"retention.ms": "7200000", "retention.bytes": "1000"}, dated: true, sized: true, retention: &providers.Retention{Age: 2 * time.Hour, Bytes: 1000}},
		"a compacted topic keeps its records":      {config: map[string]string{"retention.ms": "7200000", "cleanup.policy": "compact"}, dated: true, sized: true, retention: &providers.Retention{}},
		"limits that may not be read are left out": {fault: kmsg.DescribeConfigs, dated: true, sized: true},
		"sizes that may not be read are left out":  {fault: kmsg.DescribeLogDirs, dated: true, retention: &providers.Retention{}},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage(t)
			for key, value := range c.config {
				_, err := s.adm.AlterTopicConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: key, Value: &value}}, "orders")
				check(t, err)
			}
			if c.fault != 0 {
				s.Fault(kfake.Fault{Keys: []kmsg.Key{c.fault}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
			}
			got := s.conn.(providers.Sizer).Size(t.Context(), []providers.SizeRequest{all(providers.SizeRequest{Brief: c.brief, Move: providers.Move{Target: s.goal, To: []providers.PartMove{to(1, c.at)}}})})[0]
			check(t, got.Err)
			if len(got.Parts) != 1 {
				t.Fatalf("got %+v", got)
			}
			p := got.Parts[0]
			if p.Part != part(1) || !p.Oldest.IsZero() != c.dated || (p.Bytes != nil && *p.Bytes > 0) != c.sized || (p.Retention == nil) != (c.retention == nil) || p.Retention != nil && *p.Retention != *c.retention {
				t.Errorf("got %+v, its retention %+v", p, p.Retention)
			}
		})
	}
}

// TestOnlyWhatABrokerLeadsCounts asks three brokers for a topic that each has
// a copy of.
func TestOnlyWhatABrokerLeadsCounts(t *testing.T) {
	f, _ := start(t, kfake.NumBrokers(3), kfake.Ports(0, 0, 0))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	goal := target(t, f.Address(), map[string]any{"group": "orders-billing", "topic": "orders"})
	m := providers.Move{Target: goal, To: []providers.PartMove{to(0, 0), to(1, 0), to(2, 0)}}
	sizer := c.(providers.Sizer)
	one := sizer.Size(t.Context(), []providers.SizeRequest{{Move: m, Bytes: true}, {Move: providers.Move{Target: goal, To: m.To[:1]}, Bytes: true}})
	if len(one[0].Parts) != 3 || len(one[1].Parts) != 1 || *one[0].Parts[0].Bytes != *one[1].Parts[0].Bytes {
		t.Fatalf("got %+v", one)
	}
	alone := stage(t)
	want := *alone.conn.(providers.Sizer).Size(t.Context(), []providers.SizeRequest{{Move: providers.Move{Target: alone.goal, To: m.To[:1]}, Bytes: true}})[0].Parts[0].Bytes
	for _, p := range one[0].Parts {
		if *p.Bytes > want*3/2 || *p.Bytes < want/2 {
			t.Errorf("%s is told to take %d bytes, on one broker %d", p.Part, *p.Bytes, want)
		}
	}
}
