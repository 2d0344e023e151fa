package tencentdts_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

func TestReadReportsWhatTheServiceReports(t *testing.T) {
	s := start(t)
	var want []providers.PartReading
	for n := range 4 {
		want = append(want, providers.PartReading{Part: part(n), Low: providers.AtOffset(0), High: providers.AtOffset(576),
			Committed: providers.AtOffset(400)})
	}
	got := read(t, s.url)
	if got.Err != nil || !reflect.DeepEqual(got.Parts, want) || got.GroupState != providers.Committed || len(got.Missing)+len(got.Notes) != 0 {
		t.Errorf("got %+v", got)
	}
	if !reflect.DeepEqual(got.Activity, providers.Activity{State: providers.Idle, Why: "Empty"}) {
		t.Errorf("got %+v", got.Activity)
	}
}

// TestManyTargetsCostNoMoreRequests: groups, times and partitions are read together.
func TestManyTargetsCostNoMoreRequests(t *testing.T) {
	s := start(t)
	morning, noon := providers.AtTime(s.now.Add(-20*time.Hour)), providers.AtTime(s.now.Add(-15*time.Hour))
	got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{
		{Target: goal(t, audit), Resolve: []providers.Position{morning}}, {Target: goal(t, extra), Resolve: []providers.Position{noon}},
		{Target: goal(t, audit, 3, 1), Resolve: []providers.Position{morning, providers.PlaceOf(extra)}}})
	if len(got[0].Parts) != 4 || got[1].GroupState != providers.Blank || len(got[2].Parts) != 2 || got[2].Parts[1].Part != part(3) ||
		len(got[2].Parts[0].Resolved) != 2 || got[2].Parts[0].Resolved[1].Found != providers.At(providers.Unset) {
		t.Errorf("got %+v", got)
	}
	if n := s.Requests(); !reflect.DeepEqual(n, map[string]int{"DescribeConsumerGroups": 1, "DescribeSubscribeDetail": 1, "DescribeOffsetByTime": 4}) {
		t.Errorf("it sent %v", n)
	}
}

// TestTheTopicIsTheSubscriptions reads and resets a target that names none.
func TestTheTopicIsTheSubscriptions(t *testing.T) {
	s := start(t)
	target, err := spelled(tencentdtsfake.SeedSubscription, map[string]any{"group": audit, "partitions": []int{1, 2}})
	check(t, err)
	conn := connect(t, s.url, environment())
	got := conn.Read(t.Context(), []providers.ReadRequest{{Target: target}})[0]
	if got.Err != nil || len(got.Parts) != 2 || got.Parts[0].Part != part(1) || got.Parts[1].Part != part(2) {
		t.Fatalf("got %+v", got)
	}
	if _, err := conn.Reset(t.Context(), providers.Move{Target: target, To: []providers.PartMove{to(1, oldest)}}); err != nil {
		t.Error(err)
	}
	if got := s.committed(t, audit); !maps.Equal(got, committedAt(400, 0, 400, 400)) {
		t.Errorf("committed at %v", got)
	}
	silent := answering(t, map[string]string{"DescribeSubscribeDetail": `"SubscribeId": "subs-sandbox0001"`})
	unnamed := connect(t, silent.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: target}})[0]
	if !errors.Is(unnamed.Err, providers.ErrInvalid) || !strings.Contains(unnamed.Err.Error(), "topic: NAME") {
		t.Errorf("without a topic anywhere: got %+v", unnamed)
	}
}

// TestReadBack requests only committed positions.
func TestReadBack(t *testing.T) {
	s := start(t)
	got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Only: []providers.Part{part(2),
		part(1)}}})[0]
	want := []providers.PartReading{{Part: part(1), Committed: providers.AtOffset(400)}, {Part: part(2), Committed: providers.AtOffset(400)}}
	if got.Err != nil || !reflect.DeepEqual(got.Parts, want) || !reflect.DeepEqual(s.Requests(), map[string]int{"DescribeConsumerGroups": 1}) {
		t.Errorf("got %+v by %v", got, s.Requests())
	}
}

func TestAllPagesAreRead(t *testing.T) {
	s := start(t)
	for n := range 23 {
		s.AddGroup(fmt.Sprintf("group-%02d", n))
	}
	conn := connect(t, s.url, environment())
	for _, name := range []string{audit, "group-22"} {
		if got := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, name)}})[0]; got.Err != nil || got.Missing != nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	names, err := conn.(providers.Lister).Names(t.Context(), "group", nil)
	if err != nil || len(names) != 25 || names[0] != audit || names[24] != "group-22" {
		t.Errorf("got %q, %v", names, err)
	}
	missing := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, "audt")}})[0].Missing
	if len(missing) != 1 || len(missing[0].Known) != 25 || missing[0].Name != tencentdtsfake.FullName("audt") {
		t.Errorf("got %+v", missing)
	}
}

func TestAPartReading(t *testing.T) {
	for name, c := range map[string]struct {
		state, places string // of partition 0
		group         providers.GroupState
		want          string // low, high, committed
	}{
		"as it is": {`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": 4}`, `3`, providers.Committed,
			"offset:3 offset:9 offset:5"},
		"beyond 2^53": {`{"PartitionNo": 0, "ConsumerGroupOffset": 9007199254740993, "ConsumerGroupLag": 2}`,
			`9007199254740991`, providers.Committed, "offset:9007199254740991 offset:9007199254740995 offset:9007199254740993"},
		"numbers as texts": {`{"PartitionNo": "0", "ConsumerGroupOffset": "5", "ConsumerGroupLag": "4"}`, `"3"`, providers.Committed,
			"offset:3 offset:9 offset:5"},
		"never committed": {`{"PartitionNo": 0, "ConsumerGroupOffset": -1, "ConsumerGroupLag": 4}`, `3`, providers.Blank,
			"offset:3 offset:3 unset"},
		"no position reported": {`{"PartitionNo": 0}`, `3`, providers.GroupUnknown, "offset:3 offset:3 unknown"},
		"null for the position": {`{"PartitionNo": 0, "ConsumerGroupOffset": null, "ConsumerGroupLag": 4}`, `3`, providers.GroupUnknown,
			"offset:3 offset:3 unknown"},
		"no partition reported": {``, `3`, providers.GroupUnknown, "offset:3 offset:3 unknown"},
		"no lag": {`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": null}`, `3`, providers.Committed,
			"offset:3 offset:3 offset:5"},
		"a lag that was counted before": {`{"PartitionNo": 0, "ConsumerGroupOffset": 2, "ConsumerGroupLag": 0}`, `3`, providers.Committed,
			"offset:3 offset:3 offset:2"},
		"unknown fields": {`{"PartitionNo": 0, "ConsumerGroupOffset": 5, "ConsumerGroupLag": 4, "Mood": {"good": true}}`, `3`,
			providers.Committed, "offset:3 offset:9 offset:5"},
	} {
		s := answering(t, map[string]string{
			"DescribeConsumerGroups": `"TotalCount": "1", "Items": [` + auditAt(c.state) + `]`,
			"DescribeOffsetByTime":   `"Items": [{"PartitionNo": 0, "Offset": ` + c.places + `}]`})
		got := read(t, s.url)
		if got.Err != nil || len(got.Parts) != 1 || got.GroupState != c.group {
			t.Errorf("%s: got %+v", name, got)
			continue
		}
		if p := got.Parts[0]; fmt.Sprint(p.Low, p.High, p.Committed) != c.want {
			t.Errorf("%s: got %s %s %s, want %s", name, p.Low, p.High, p.Committed, c.want)
		}
	}
}

// TestTimesAreSentInBeijingTime, rounded down: never later than the requested
// time.
func TestTimesAreSentInBeijingTime(t *testing.T) {
	s := answering(t, nil)
	read(t, s.url, providers.AtTime(time.Date(2026, 11, 17, 22, 30, 15, 999e6, time.UTC)))
	if want := `{"SubscribeId":"subs-sandbox0001","Time":"2026-11-18 06:30:15"}`; !slices.Contains(s.sent["DescribeOffsetByTime"], want) {
		t.Errorf("it sent %v", s.sent["DescribeOffsetByTime"])
	}
}

// TestATimeLeadsToTheCheckpointBefore shows the preview of a reset to a time.
// The sandbox has a checkpoint at each third record, one in 15 minutes.
func TestATimeLeadsToTheCheckpointBefore(t *testing.T) {
	s := start(t)
	first := s.now.Add(-48 * time.Hour)
	for name, c := range map[string]struct {
		at   time.Time
		want providers.Position
	}{
		"before the log":             {first.Add(-time.Hour), providers.AtOffset(0)},
		"just after a checkpoint":    {first.Add(time.Hour + 2*time.Second), providers.AtOffset(12)},
		"just before a checkpoint":   {first.Add(time.Hour - 2*time.Second), providers.AtOffset(9)},
		"between the last two":       {s.now.Add(-20 * time.Minute), providers.AtOffset(570)},
		"after the last checkpoint":  {s.now.Add(-time.Second), providers.AtOffset(573)},
		"a time that is yet to come": {s.now.Add(time.Hour), providers.At(providers.Latest)},
	} {
		asked := providers.AtTime(c.at)
		got := read(t, s.url, asked)
		if got.Err != nil || len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "last checkpoint before the time") {
			t.Errorf("%s: got %+v", name, got)
		}
		for _, p := range got.Parts {
			if got := p.Resolution(asked).Found; got != c.want {
				t.Errorf("%s: %s resolves to %s, want %s", name, p.Part, got, c.want)
			}
		}
	}
}

// TestATimeThatCannotBeResolved fails the requests that need it, and no other.
func TestATimeThatCannotBeResolved(t *testing.T) {
	s := answering(t, nil)
	s.refuses = "2026-11-18 06:30:15"
	asked := []providers.Position{providers.AtTime(time.Date(2026, 11, 17, 22, 30, 15, 0, time.UTC))}
	got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Resolve: asked},
		{Target: goal(t, audit)}})
	if !errors.Is(got[0].Err, providers.ErrUnavailable) || got[0].Parts != nil || got[1].Err != nil || len(got[1].Parts) != 1 {
		t.Errorf("got %+v", got)
	}
}

// TestAReadNeedsBothEnds of the log, and all else.
func TestAReadNeedsBothEnds(t *testing.T) {
	for _, refused := range []string{`"Time":""`, fmt.Sprintf(`"Time":"%d-`, time.Now().Year()+1)} {
		s := answering(t, nil)
		s.refuses = refused
		if got := read(t, s.url); !errors.Is(got.Err, providers.ErrUnavailable) || got.Parts != nil {
			t.Errorf("without %s: got %+v", refused, got)
		}
	}
}

func TestWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		detail string
		group  string
		parts  []int
		want   []providers.Missing
	}{
		"nothing": {`"Topic": "` + topic + `"`, audit, nil, nil},
		"the topic": {`"Topic": "topic-other"`, audit, nil,
			[]providers.Missing{{What: "topic", Name: topic, Known: []string{"topic-other"}}}},
		"a topic that is not reported": {`"SubscribeVersion": "kafkaPro", "KafkaConfig": {"NumberOfPartitions": 0}`, audit, []int{0}, nil},
		"a partition":                  {`"Topic": "` + topic + `"`, audit, []int{0, 1}, []providers.Missing{{What: "partition", Name: topic + "/1"}}},
		"the group": {`"Topic": "` + topic + `"`, "audt", nil,
			[]providers.Missing{{What: "group", Name: tencentdtsfake.FullName("audt"), Known: []string{tencentdtsfake.FullName(audit)}}}},
	} {
		s := answering(t, map[string]string{"DescribeSubscribeDetail": `"SubscribeId": "subs-sandbox0001", ` + c.detail})
		got := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c.group, c.parts...)}})[0]
		if got.Err != nil || !reflect.DeepEqual(got.Missing, c.want) || (got.GroupState == providers.Absent) != (name == "the group") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestASubscriptionThatIsNotRunningIsReported(t *testing.T) {
	s := answering(t, map[string]string{"DescribeSubscribeDetail": `"SubscribeId": "subs-sandbox0001", "Topic": "` + topic + `", "Status": "isolating", "SubsStatus": "error"`})
	if got := read(t, s.url).Notes; !slices.Equal(got, []string{"The subscription subs-sandbox0001 is isolating, error."}) {
		t.Errorf("got %q", got)
	}
}

// TestAReadThatIsThrottled succeeds once throttling ends, and fails when its time
// is over.
func TestAReadThatIsThrottled(t *testing.T) {
	s := start(t)
	policy := retry.Policy{First: time.Millisecond, Most: time.Millisecond, Tries: 3, Sleep: retry.Sleep}
	s.Arm(inject.Throttle, inject.Reads, 9)
	reqs := []providers.ReadRequest{{Target: goal(t, audit)}}
	if got := policy.Read(t.Context(), connect(t, s.url, environment()), reqs); got[0].Err != nil {
		t.Errorf("throttled for a while: %v", got[0].Err)
	}
	s.Arm(inject.Throttle, inject.Reads, -1)
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	policy.Sleep = func(ctx context.Context, _ time.Duration) error {
		if tries++; tries == 20 {
			cancel()
		}
		return ctx.Err()
	}
	if got := policy.Read(ctx, connect(t, s.url, environment()), reqs); !errors.Is(got[0].Err, providers.ErrThrottled) {
		t.Errorf("throttled permanently: %v", got[0].Err)
	}
}
