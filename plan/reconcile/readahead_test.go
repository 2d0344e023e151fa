package reconcile_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
)

// slow is a connection to a service that answers each call after a delay and limits the
// calls a second, in the time of a synctest bubble. A target is read with some calls, eight
// targets at the same time, and what they share with one.
type slow struct {
	providers.Connection
	delay    time.Duration
	rate     int                      // calls a second; the first second has twice as many
	each     int                      // calls to read a target
	before   func(group string) error // a reset; nil = nothing
	mu       sync.Mutex
	free     time.Time      // when the next call may be sent
	calls    map[string]int // by kind
	readings map[string]int // by target: before the reset
}

// call waits for the rate limit and for the answer.
func (s *slow) call(kind string) {
	s.mu.Lock()
	now, interval := time.Now(), time.Second/time.Duration(s.rate)
	if burst := now.Add(-time.Second + interval); s.free.Before(burst) {
		s.free = burst
	}
	wait := max(s.free.Sub(now), 0)
	s.free = s.free.Add(interval)
	s.calls[kind]++
	s.mu.Unlock()
	time.Sleep(wait + s.delay)
}

// eachOf calls a function for each of some things, eight at the same time.
func eachOf[T any](all []T, do func(T)) {
	places := make(chan struct{}, 8)
	var done sync.WaitGroup
	for _, one := range all {
		places <- struct{}{}
		done.Go(func() {
			do(one)
			<-places
		})
	}
	done.Wait()
}

func (s *slow) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	if reqs[0].Only == nil {
		s.call("shared")
	}
	eachOf(reqs, func(q providers.ReadRequest) {
		if q.Only != nil {
			s.call("read back")
			return
		}
		for range s.each {
			s.call("read")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.readings[q.Target.Group()]++
	})
	return s.Connection.Read(ctx, reqs)
}

// Size reads the ages of records.
func (s *slow) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	eachOf(reqs, func(providers.SizeRequest) { s.call("age") })
	return s.Connection.(providers.Sizer).Size(ctx, reqs)
}

func (s *slow) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	s.call("reset")
	if s.before != nil {
		if err := s.before(m.Target.Group()); err != nil {
			return providers.Receipt{}, err //nolint:wrapcheck // as a service returns it
		}
	}
	return s.Connection.Reset(ctx, m)
}

// openSlow opens a document with a step for each group on a slow service.
func openSlow(t *testing.T, steps int, s *slow) (*plantest.Rig, *survey.Reader) {
	t.Helper()
	r, reader := crowd(t, steps, 1)
	reader.Deps.Process.Now, reader.Deps.Retry.Sleep = time.Now, retry.Sleep
	c := reader.Connections["m"]
	if err := c.Open("m", reader.Deps.Process); err != nil {
		t.Fatal(err)
	}
	s.Connection, s.calls, s.readings = c.Connection, map[string]int{}, map[string]int{}
	c.Connection = s
	return r, reader
}

// again returns how often targets were read after the plan, and checks that none was read
// twice.
func (s *slow) again(t *testing.T) (n int) {
	t.Helper()
	for group, readings := range s.readings {
		n += readings - 1
		if readings > 2 {
			t.Errorf("%s was read %d times before its reset", group, readings)
		}
	}
	return n
}

// TestALongApplyReadsAStepOnceBeforeItIsSent applies 200 steps at a rate that makes them
// take minutes: each target is read for the plan, once more unless that reading is fresh,
// and after its reset. It takes the time that these calls need.
func TestALongApplyReadsAStepOnceBeforeItIsSent(t *testing.T) {
	const steps = 200
	for _, c := range []struct {
		*slow
		parallel, again, shared int
	}{
		{&slow{rate: 10, delay: 50 * time.Millisecond, each: 1}, 16, 184, 19}, // as aliyun-kafka
		{&slow{rate: 10, delay: 50 * time.Millisecond, each: 4}, 16, 184, 14}, // as huawei-rocketmq
		{&slow{rate: 10, delay: 50 * time.Millisecond, each: 1}, 1, 194, 40},
		{&slow{rate: 10, delay: 50 * time.Millisecond, each: 4}, 1, 194, 40},
		{&slow{rate: 100, delay: 50 * time.Millisecond, each: 1}, 16, 128, 4},
		{&slow{rate: 2, delay: 500 * time.Millisecond, each: 2}, 16, 184, 16},
		{&slow{rate: 2, delay: 500 * time.Millisecond, each: 2}, 1, 198, 199}, // a step takes longer than a reading is fresh
	} {
		t.Run(fmt.Sprintf("%d calls a second, %d to read, %d steps at once", c.rate, c.each, c.parallel), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{rate: c.rate, delay: c.delay, each: c.each}
				r, reader := openSlow(t, steps, s)
				start := time.Now()
				if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: c.parallel}); err != nil {
					t.Fatal(err)
				}
				took, again := time.Since(start), s.again(t)
				if again != c.again {
					t.Errorf("%d targets were read again, not %d", again, c.again)
				}
				if s.calls["shared"] > c.shared { // one less if two steps end at the same moment, in either order
					t.Errorf("%d shared readings, want at most %d", s.calls["shared"], c.shared)
				}
				delete(s.calls, "shared")
				want := map[string]int{"read": s.each * (steps + again), "reset": steps, "read back": steps}
				if !maps.Equal(s.calls, want) {
					t.Errorf("got %v, not %v", s.calls, want)
				}
				needed := s.each*2*steps + 2*steps
				if c.parallel > 1 && took > time.Duration(needed)*time.Second/time.Duration(s.rate)*6/5 {
					t.Errorf("it took %s for %d needed calls", took, needed)
				}
			})
		})
	}
}

// TestAStepThatIsDoneIsNotReadAgain applies the other half of a run's steps.
func TestAStepThatIsDoneIsNotReadAgain(t *testing.T) {
	const steps = 40
	synctest.Test(t, func(t *testing.T) {
		s := &slow{rate: 10, delay: 50 * time.Millisecond, each: 1}
		r, reader := openSlow(t, steps, s)
		done := r.Sel()
		for n := 1; n < steps; n += 2 {
			done.Steps = append(done.Steps, fmt.Sprintf("g-%05d", n))
		}
		for _, sel := range []reconcile.Selection{done, r.Sel()} {
			clear(s.readings)
			p, err := reconcile.Plan(t.Context(), reader, sel)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: sel, Parallelism: 2}); err != nil {
				t.Fatal(err)
			}
		}
		if s.again(t) == 0 {
			t.Error("no target was read again")
		}
		for _, group := range done.Steps {
			if s.readings[group] != 1 {
				t.Errorf("%s was read %d times", group, s.readings[group])
			}
		}
	})
}

// TestAFailureDuringAReadingStopsTheApply: the step that was read then is not sent.
func TestAFailureDuringAReadingStopsTheApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{rate: 1000, delay: 50 * time.Millisecond, each: 40} // a reading takes two seconds
		s.before = func(group string) error {
			if group == "g-00001" {
				time.Sleep(3 * time.Second)
				return &providers.Error{Provider: "m", Op: "reset", Kind: providers.ErrDenied, Message: "not permitted"}
			}
			time.Sleep(2 * time.Second)
			return nil
		}
		r, reader := openSlow(t, 4, s)
		if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: 2}); err == nil {
			t.Fatal("the apply succeeded")
		}
		got := strings.Fields(r.Outcomes())
		slices.Sort(got)
		want := []string{"failed", "g-00000=verified", "g-00001=failed", "g-00002=not-run", "g-00003=not-run"}
		if !slices.Equal(got, want) || s.again(t) == 0 {
			t.Errorf("got %s, with %v", got, s.readings)
		}
	})
}

// TestAgesThatTakeLongAreReadOfFewerTargets: the ages of the records of several targets are
// read after the targets. If that takes longer than a reading is fresh, fewer are read
// together: all are read for the plan, before the first step and before their reset, and 15
// of the first 16 of these once more.
func TestAgesThatTakeLongAreReadOfFewerTargets(t *testing.T) {
	const steps = 100
	age := 1e6 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		s := &slow{rate: 10, delay: 50 * time.Millisecond, each: 1}
		r, reader := openSlow(t, steps, s)
		for i := range reader.Doc.Steps {
			reader.Doc.Steps[i].Guards.MaxAge = &age
		}
		if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: 16}); err != nil {
			t.Fatal(err)
		}
		if want := 3*steps + 15; s.calls["read"] != want || s.calls["age"] != want {
			t.Errorf("got %v, not %d readings", s.calls, want)
		}
	})
}
