package tencentdts_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/providers/tencentdts/tencentdtsfake"
)

// positions in the sandbox's log, in which every third record is a checkpoint.
var (
	oldest = providers.At(providers.Earliest)
	newest = providers.At(providers.Latest)
)

// committedAt returns the positions of four partitions.
func committedAt(offsets ...int64) map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	for n, at := range offsets {
		out[part(n)] = providers.AtOffset(at)
	}
	return out
}

func TestResetMovesThePartsNamedAndNoOther(t *testing.T) {
	s := start(t)
	hour := providers.AtTime(s.now.Add(-47 * time.Hour).Add(2 * time.Second))
	for _, c := range []struct {
		name string
		move []providers.PartMove
		sent int
		want map[providers.Part]providers.Position
	}{
		{"one to the start", []providers.PartMove{to(0, oldest)}, 1, committedAt(0, 400, 400, 400)},
		{"two to the end", []providers.PartMove{to(1, newest), to(3, newest)}, 1, committedAt(0, 576, 400, 576)},
		{"all to a time", []providers.PartMove{to(0, hour), to(1, hour), to(2, hour), to(3, hour)}, 1, committedAt(12, 12, 12, 12)},
		{"each to its own place", []providers.PartMove{to(0, newest), to(1, oldest), to(2, newest),
			to(3, providers.AtTime(s.now.Add(-46*time.Hour).Add(2*time.Second)))}, 3, committedAt(576, 0, 576, 24)},
	} {
		writes := s.Writes()
		receipt, err := reset(t, s.url, c.move...)
		if err != nil || receipt.RequestID == "" || receipt.Parts != nil || s.Writes()-writes != c.sent {
			t.Errorf("%s: got %+v, %v after %d requests", c.name, receipt, err, s.Writes()-writes)
		}
		if got := s.committed(t, audit); !maps.Equal(got, c.want) {
			t.Errorf("%s: committed at %v, want %v", c.name, got, c.want)
		}
	}
}

// TestWhatIsSent checks a request byte for byte: the group's full name, integers,
// Beijing time.
func TestWhatIsSent(t *testing.T) {
	s := answering(t, nil)
	_, err := reset(t, s.url, to(0, providers.AtTime(time.Date(2026, 11, 17, 22, 30, 15, 999e6, time.UTC))),
		to(2, providers.AtTime(time.Date(2026, 11, 17, 22, 30, 15, 0, time.UTC))), to(3, oldest))
	check(t, err)
	const head, tail = `{"ConsumerGroupName":"consumer-grp-subs-sandbox0001-audit","PartitionNos":`,
		`,"SubscribeId":"subs-sandbox0001","TopicName":"topic-subs-sandbox0001-cdb-1"}`
	want := []string{head + `[0,2],"ResetDatetime":"2026-11-18 06:30:15","ResetMode":"datetime"` + tail, head + `[3],"ResetMode":"earliest"` + tail}
	if got := s.sent["ResetConsumerGroupOffset"]; !slices.Equal(got, want) {
		t.Errorf("it sent %v", got)
	}
}

// TestAnActiveGroupIsNotMoved shows why a success proves nothing: the state read
// before reports that the group is active, and the positions read after are those
// from before.
func TestAnActiveGroupIsNotMoved(t *testing.T) {
	s := start(t)
	check(t, s.Inject("live"))
	got := read(t, s.url)
	if got.Activity.State != providers.Active || got.Activity.Why != "Stable" ||
		!slices.Equal(got.Activity.Members, []providers.Member{{Client: "sandbox-consumer"}}) {
		t.Errorf("it is reported as %+v", got.Activity)
	}
	receipt, err := reset(t, s.url, to(0, oldest))
	if err != nil || receipt.RequestID == "" {
		t.Errorf("the service answers %+v, %v", receipt, err)
	}
	back := connect(t, s.url, environment()).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, audit), Only: []providers.Part{part(0)}}})[0]
	if back.Err != nil || back.Parts[0].Committed != providers.AtOffset(400) || !maps.Equal(s.committed(t, audit), committedAt(400, 400, 400, 400)) {
		t.Errorf("committed at %+v", back)
	}
	s.Leave()
}

func TestResetOfAGroupThatHasNeverCommitted(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, extra), To: []providers.PartMove{to(1, newest)}}); err != nil {
		t.Error(err)
	}
	if got := s.committed(t, extra); !maps.Equal(got, map[providers.Part]providers.Position{part(1): providers.AtOffset(576)}) {
		t.Errorf("committed at %v", got)
	}
}

func TestUnknownGroupAndPartition(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, "audt"), To: []providers.PartMove{to(0, oldest)}}); !errors.Is(err,
		providers.ErrNotFound) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("an unknown group: %v", err)
	}
	if _, err := reset(t, s.url, to(77, oldest)); !errors.Is(err, providers.ErrInvalid) || errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("an unknown partition: %v", err)
	}
}

func TestUnsupportedMovesAreRefusedBeforeSending(t *testing.T) {
	s := start(t)
	for name, move := range map[string]providers.PartMove{
		"an offset":         to(0, providers.AtOffset(5)),
		"a removal":         to(0, providers.At(providers.Unset)),
		"the whole":         {Position: oldest},
		"another topic":     {Part: providers.Part{Topic: "other"}, Position: oldest},
		"a broker's queue":  {Part: providers.Part{Topic: topic, Broker: "b"}, Position: oldest},
		"an unknown target": to(0, providers.Position{}),
	} {
		if _, err := reset(t, s.url, to(1, newest), move); !errors.Is(err, providers.ErrUnsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if s.Writes() != 0 {
		t.Errorf("%d requests were sent", s.Writes())
	}
}

// TestALostAnswer is in doubt and sent once; it had its effect.
func TestALostAnswer(t *testing.T) {
	s := start(t)
	check(t, s.Inject("drop"))
	_, err := reset(t, s.url, to(0, oldest), to(1, newest))
	if !errors.Is(err, providers.ErrInDoubt) || s.Writes() != 1 {
		t.Errorf("got %v after %d requests", err, s.Writes())
	}
	if got := s.committed(t, audit); !maps.Equal(got, committedAt(0, 400, 400, 400)) {
		t.Errorf("committed at %v", got)
	}
}

// TestAnInterruptedReset is in doubt as well: the service failed midway.
func TestAnInterruptedReset(t *testing.T) {
	s := start(t)
	check(t, s.Inject("partial"))
	_, err := reset(t, s.url, to(0, oldest), to(1, oldest))
	if !errors.Is(err, providers.ErrInDoubt) || !maps.Equal(s.committed(t, audit), committedAt(0, 400, 400, 400)) {
		t.Errorf("got %v, committed at %v", err, s.committed(t, audit))
	}
}

// TestTheSecondOfTwoRequestsIsRefused reports the remaining partitions.
func TestTheSecondOfTwoRequestsIsRefused(t *testing.T) {
	s := answering(t, nil)
	s.refuses = `"ResetMode":"latest"`
	_, err := reset(t, s.url, to(0, oldest), to(1, newest))
	if !errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("failed inside: got %v", err)
	}
	f := start(t)
	receipt, err := reset(t, f.url, to(0, oldest), to(1, newest), to(2, providers.AtTime(f.now.Add(-time.Hour))), to(3, oldest), to(77, newest))
	var refused []providers.Part
	for _, p := range receipt.Parts {
		if errors.Is(p.Err, providers.ErrInvalid) {
			refused = append(refused, p.Part)
		}
	}
	if err != nil || receipt.RequestID == "" || !reflect.DeepEqual(refused, []providers.Part{part(1), part(2), part(77)}) ||
		!maps.Equal(f.committed(t, audit), committedAt(0, 400, 400, 0)) {
		t.Errorf("got %+v, %v", receipt, err)
	}
}

func TestAResetThatIsThrottled(t *testing.T) {
	s := start(t)
	policy := retry.Policy{First: time.Millisecond, Most: time.Millisecond, Tries: 3, Sleep: retry.Sleep}
	move := providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, oldest)}}
	check(t, s.Inject("throttle"))
	if _, err := policy.Reset(t.Context(), connect(t, s.url, environment()), move); err != nil || s.Writes() != 4 {
		t.Errorf("throttled for a while: %v after %d requests", err, s.Writes())
	}
	s.Arm(inject.Throttle, inject.Writes, -1)
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	policy.Sleep = func(ctx context.Context, _ time.Duration) error {
		if tries++; tries == 20 {
			cancel()
		}
		return ctx.Err()
	}
	_, err := policy.Reset(ctx, connect(t, s.url, environment()), providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, newest)}})
	if !errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrInDoubt) || s.committed(t, audit)[part(0)] != providers.AtOffset(0) {
		t.Errorf("throttled permanently: %v", err)
	}
}

// TestCancellation gives up at once: a reset that is under way is in doubt,
// one that has not left is not.
func TestCancellation(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	move := providers.Move{Target: goal(t, audit), To: []providers.PartMove{to(0, oldest)}}
	ctx, cancel := context.WithCancel(t.Context())
	release := s.Block()
	defer release()
	done := make(chan error)
	go func() {
		_, err := conn.Reset(ctx, move)
		done <- err
	}()
	s.Hangs()
	cancel() // the service never answers: only this can end it
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("under way: %v", err)
	}
	if _, err := conn.Reset(ctx, move); !errors.Is(err, context.Canceled) || errors.Is(err, providers.ErrInDoubt) || s.Writes() != 1 {
		t.Errorf("before it left: %v", err)
	}
}

func TestTheFullNameOfAGroupIsAccepted(t *testing.T) {
	s := start(t)
	conn := connect(t, s.url, environment())
	if _, err := conn.Reset(t.Context(), providers.Move{Target: goal(t, tencentdtsfake.FullName(audit)), To: []providers.PartMove{to(0,
		oldest)}}); err != nil {
		t.Error(err)
	}
	if got := s.committed(t, audit); !maps.Equal(got, committedAt(0, 400, 400, 400)) {
		t.Errorf("committed at %v", got)
	}
}
