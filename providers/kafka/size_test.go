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

// TestReadBudget counts the requests of a plan of twelve partitions, with the sizes
// of their logs.
func TestReadBudget(t *testing.T) {
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
	s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Resolve: []providers.Position{providers.AtTime(now)}, Bytes: true,
		LowTime: true}})[0]
	check(t, s.Err)
	all := 0
	for _, n := range f.Requests() {
		all += n
	}
	if all > 11 || len(s.Parts) != 12 || f.Requests()[kmsg.DescribeLogDirs] != 1 || f.Requests()[kmsg.Fetch] != 0 {
		t.Errorf("%d requests for %d parts: %v", all, len(s.Parts), f.Requests())
	}
}

func TestReadReportsSizesAndTimesOfLogs(t *testing.T) {
	for name, c := range map[string]struct {
		bytes, lowTime bool
		fault          kmsg.Key // refused; 0 = none
		sized, dated   bool
	}{
		"nothing requested":       {},
		"bytes":                   {bytes: true, sized: true},
		"the first record's time": {lowTime: true, dated: true},
		"both":                    {bytes: true, lowTime: true, sized: true, dated: true},
		"sizes that may not be read are left out": {bytes: true, lowTime: true, fault: kmsg.DescribeLogDirs, dated: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := stage(t)
			if c.fault != 0 {
				s.Fault(kfake.Fault{Keys: []kmsg.Key{c.fault}, Err: kerr.ClusterAuthorizationFailed, Count: -1})
			}
			got := s.conn.Read(t.Context(), []providers.ReadRequest{{Target: s.goal, Bytes: c.bytes, LowTime: c.lowTime}})[0]
			check(t, got.Err)
			for _, p := range got.Parts {
				if (p.Bytes != nil && *p.Bytes > 0) != c.sized || !p.LowTime.IsZero() != c.dated {
					t.Errorf("%s: its log is reported with %v bytes since %s", p.Part, p.Bytes, p.LowTime)
				}
			}
		})
	}
}

func TestSize(t *testing.T) {
	for name, c := range map[string]struct {
		config    map[string]string
		fault     kmsg.Key // refused; 0 = none
		at        int64
		retention *providers.Retention
	}{
		"of the first record": {retention: &providers.Retention{}},
		"of another record":   {at: 7, retention: &providers.Retention{}},
		"limits are reported": {config: map[string]string{"retention.ms": "7200000", "retention.bytes": "1000"},
			retention: &providers.Retention{Age: 2 * time.Hour, Bytes: 1000}},
		"a compacted topic keeps its records": {config: map[string]string{"retention.ms": "7200000", "cleanup.policy": "compact"},
			retention: &providers.Retention{}},
		"limits that may not be read are left out": {fault: kmsg.DescribeConfigs},
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
			got := s.conn.(providers.Sizer).Size(t.Context(), []providers.SizeRequest{{Oldest: true, Retention: true,
				Move: providers.Move{Target: s.goal, To: []providers.PartMove{to(1, c.at)}}}})[0]
			check(t, got.Err)
			if len(got.Parts) != 1 {
				t.Fatalf("got %+v", got)
			}
			p := got.Parts[0]
			if p.Part != part(1) || p.Oldest.IsZero() || (p.Retention == nil) != (c.retention == nil) || p.Retention != nil && *p.Retention != *c.retention {
				t.Errorf("got %+v, its retention %+v", p, p.Retention)
			}
		})
	}
}

// TestOnlyWhatABrokerLeadsCounts asks three brokers for a topic that each has
// a copy of.
func TestOnlyWhatABrokerLeadsCounts(t *testing.T) {
	sizes := func(c providers.Connection, goal providers.Target) []providers.PartReading {
		s := c.Read(t.Context(), []providers.ReadRequest{{Target: goal, Bytes: true}})[0]
		check(t, s.Err)
		return s.Parts
	}
	f, _ := start(t, kfake.NumBrokers(3), kfake.Ports(0, 0, 0))
	c := connect(t, map[string]any{"bootstrapServers": []string{f.Address()}}, nil)
	three := sizes(c, target(t, f.Address(), map[string]any{"group": "orders-billing", "topic": "orders"}))
	alone := stage(t)
	for i, want := range sizes(alone.conn, alone.goal) {
		if p := three[i]; *p.Bytes > *want.Bytes*3/2 || *p.Bytes < *want.Bytes/2 {
			t.Errorf("%s is reported with %d bytes, on one broker %d", p.Part, *p.Bytes, *want.Bytes)
		}
	}
}
