package aliyunsls_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls/aliyunslsfake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/retry"
)

// rewind moves all shards of the seeded group back to log group 100.
func rewind(f *aliyunslsfake.Fake, target providers.Target) providers.Move {
	m := providers.Move{Target: target}
	for n := range 3 {
		m.To = append(m.To, providers.PartMove{Part: shard(n), Position: place(f, n, 100)})
	}
	return m
}

// moved reports which shards are at their targets.
func moved(f *aliyunslsfake.Fake, m providers.Move) []bool {
	var out []bool
	for _, p := range m.To {
		out = append(out, committed(f)[p.Part] == p.Position)
	}
	return out
}

func TestAResetIsForcedWithoutAConsumer(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	receipt, err := connect(t, c, environment(nil)).Reset(t.Context(), m)
	check(t, err)
	if !reflect.DeepEqual(moved(f, m), []bool{true, true, true}) || receipt.RequestID == "" || len(receipt.Parts) != 3 {
		t.Errorf("moved %v, reported %+v", moved(f, m), receipt)
	}
	if p := f.Checkpoints(aliyunslsfake.Group)[0]; p.Consumer != "" {
		t.Errorf("it was committed in the name of %q", p.Consumer)
	}
	if got := f.Requests(); !reflect.DeepEqual(got, map[string]int{"UpdateCheckPoint": 3}) {
		t.Errorf("it sent %v", got)
	}
}

func TestAMissingShardIsReportedAndTheOthersAreMoved(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	f.Vanish(1)
	receipt, err := connect(t, c, environment(nil)).Reset(t.Context(), m)
	check(t, err)
	if !reflect.DeepEqual(moved(f, m), []bool{true, false, true}) {
		t.Errorf("moved %v", moved(f, m))
	}
	var e *providers.Error
	if got := receipt.Parts[1].Err; !errors.Is(got, providers.ErrNotFound) || !errors.As(got, &e) || e.Code != "ShardNotExist" || e.RequestID == "" {
		t.Errorf("reported %v", got)
	}
	if receipt.Parts[0].Err != nil || receipt.Parts[2].Err != nil {
		t.Errorf("reported %+v", receipt.Parts)
	}
}

func TestAMissingGroupIsRefusedOnceForAllShards(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	_, err := connect(t, c, environment(nil)).Reset(t.Context(), rewind(f, goal(t, c, map[string]any{"consumerGroup": "elt"})))
	if !errors.Is(err, providers.ErrNotFound) || errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}

func TestALostAnswerDoesNotStopTheOtherShards(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	f.Arm(inject.Drop, inject.Writes, 1)
	_, err := connect(t, c, environment(nil)).Reset(t.Context(), m)
	if !errors.Is(err, providers.ErrInDoubt) || f.Writes() != 3 || !reflect.DeepEqual(moved(f, m), []bool{true, true, true}) {
		t.Errorf("got %v after %d writes, moved %v", err, f.Writes(), moved(f, m))
	}
}

// TestAFailedResetIsNeverSentTwice checks that the SDK, which retries by itself, sends
// one request.
func TestAFailedResetIsNeverSentTwice(t *testing.T) {
	for name, c := range map[string]struct {
		kind  inject.Kind
		want  error
		doubt bool
	}{
		"throttled":               {inject.Throttle, providers.ErrThrottled, false},
		"failed inside":           {inject.Error, providers.ErrUnavailable, true},
		"a proxy's page":          {inject.Foreign, providers.ErrUnavailable, true},
		"success of another page": {inject.Garbled, providers.ErrInvalid, true},
		"truncated":               {inject.Truncate, providers.ErrUnavailable, true},
		"lost":                    {inject.Drop, providers.ErrUnavailable, true},
		"without end":             {inject.Huge, providers.ErrInvalid, true},
	} {
		t.Run(name, func(t *testing.T) {
			f, url := start(t, aliyunslsfake.Options{})
			conf := config(url)
			m := rewind(f, goal(t, conf, nil))
			m.To = m.To[:1]
			f.Arm(c.kind, inject.Writes, 1)
			_, err := connect(t, conf, environment(nil)).Reset(t.Context(), m)
			if !errors.Is(err, c.want) || errors.Is(err, providers.ErrInDoubt) != c.doubt || f.Writes() != 1 {
				t.Errorf("got %v after %d writes", err, f.Writes())
			}
		})
	}
}

// policy does not wait.
func policy() retry.Policy {
	return retry.Policy{First: time.Microsecond, Most: time.Microsecond, Tries: 3, Sleep: func(ctx context.Context,
		_ time.Duration) error {
		return ctx.Err()
	}}
}

func TestAThrottledResetIsRetriedByTheCoreUntilItIsApplied(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	check(t, f.Inject("throttle"))
	receipt, err := policy().Reset(t.Context(), connect(t, c, environment(nil)), m)
	check(t, err)
	if !reflect.DeepEqual(moved(f, m), []bool{true, true, true}) || len(receipt.Parts) != 3 || f.Writes() != 3+3 {
		t.Errorf("moved %v after %d writes", moved(f, m), f.Writes())
	}
}

func TestThrottledHalfwayTheRestIsReportedAsNotMoved(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	pass := 1
	between := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if pass--; pass < 0 {
				f.Arm(inject.Throttle, inject.Writes, 1)
			}
		}
		f.ServeHTTP(w, r)
	})
	receipt, err := connect(t, config(between), environment(nil)).Reset(t.Context(), m)
	check(t, err)
	if !reflect.DeepEqual(moved(f, m), []bool{true, false, false}) || f.Writes() != 2 {
		t.Errorf("moved %v after %d writes", moved(f, m), f.Writes())
	}
	for n, wrong := range []bool{false, true, true} {
		if errors.Is(receipt.Parts[n].Err, providers.ErrThrottled) != wrong {
			t.Errorf("%s: reported %v", receipt.Parts[n].Part, receipt.Parts[n].Err)
		}
	}
}

func TestThrottlingEndsWithTheContext(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	f.Arm(inject.Throttle, inject.Writes, -1)
	ctx, cancel := context.WithCancel(t.Context())
	p, tries := policy(), 0
	p.Sleep = func(ctx context.Context, _ time.Duration) error {
		if tries++; tries == 5 {
			cancel()
		}
		return ctx.Err()
	}
	_, err := p.Reset(ctx, connect(t, c, environment(nil)), m)
	if !errors.Is(err, providers.ErrThrottled) || errors.Is(err, providers.ErrInDoubt) || !reflect.DeepEqual(moved(f, m), []bool{false, false, false}) {
		t.Errorf("got %v, moved %v", err, moved(f, m))
	}
}

func TestAResetCancelledInFlightIsInDoubtAndStops(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	m := rewind(f, goal(t, c, nil))
	conn := connect(t, c, environment(nil))
	release := f.Block()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := conn.Reset(ctx, m)
		done <- err
	}()
	f.Hangs()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) || f.Writes() != 1 {
		t.Errorf("got %v after %d writes", err, f.Writes())
	}
}

func TestAPositionThatIsNotACursorIsNeverSent(t *testing.T) {
	f, url := start(t, aliyunslsfake.Options{})
	c := config(url)
	conn, target := connect(t, c, environment(nil)), goal(t, c, nil)
	for name, to := range map[string]providers.PartMove{
		"not base64":        {Part: shard(0), Position: providers.AtCursor("#")},
		"base64 of a word":  {Part: shard(0), Position: providers.AtCursor("bm93")},
		"a negative number": {Part: shard(0), Position: providers.AtCursor("LTU=")},
		"the whole":         {Position: place(f, 0, 100)},
		"a partition":       {Part: providers.Part{Topic: "orders"}, Position: place(f, 0, 100)},
	} {
		if _, err := conn.Reset(t.Context(), providers.Move{Target: target, To: []providers.PartMove{to}}); !errors.Is(err,
			providers.ErrUnsupported) || f.Writes() != 0 {
			t.Errorf("%s: got %v after %d writes", name, err, f.Writes())
		}
	}
}
