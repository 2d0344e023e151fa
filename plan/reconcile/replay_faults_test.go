package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A replay is applied again and again, and in each attempt one call fails in one way: a
// reading, a reset, a stop or a start. Then the next applies have no faults. Whatever has
// failed, the group ends at the position of the plan, nothing is reset twice, and consumers that
// are stopped are reported.

// A fault is the way in which a call fails.
type fault string

const (
	denied      fault = "denied"      // nothing happens, and that is known
	unanswered  fault = "unanswered"  // it takes effect, and its answer is lost
	swallowed   fault = "swallowed"   // nothing happens, and there is no answer
	interrupts  fault = "interrupted" // it takes effect, and a person presses Ctrl-C
	cancelsAll  fault = "cancelled"   // it takes effect, and a person presses Ctrl-C twice
	replayLimit       = 100           // calls of an apply, to end a test that would not
)

// faults counts the calls of an apply, and makes one fail.
type faults struct {
	after func(n int) // called after the call n; may be nil
	clock func(n int) // called at the reading n of the clock; may be nil
	times int         // readings of the clock
	calls []string
	at    int // -1 = none
	how   fault
	stop  chan struct{}
	end   context.CancelFunc
}

var errNoAnswer = fmt.Errorf("%w: no answer", providers.ErrInDoubt)

// call makes a call, or fails as it should.
func (f *faults) call(name string, do func() error) error {
	f.calls = append(f.calls, name)
	if f.after != nil {
		defer f.after(len(f.calls) - 1)
	}
	if len(f.calls) > replayLimit && f.end != nil {
		f.end()
	}
	if len(f.calls)-1 != f.at {
		return do()
	}
	switch f.how {
	case denied:
		return fmt.Errorf("%w: a test made it fail", providers.ErrDenied)
	case swallowed:
		return errNoAnswer
	case unanswered:
		return errors.Join(do(), errNoAnswer)
	case interrupts:
		defer close(f.stop)
	case cancelsAll:
		defer f.end()
	}
	return do()
}

// faultyService is a connection whose calls may fail.
type faultyService struct {
	providers.Connection
	f *faults
}

func (s faultyService) Read(ctx context.Context, reqs []providers.ReadRequest) (out []providers.Snapshot) {
	err := s.f.call("read", func() error { out = s.Connection.Read(ctx, reqs); return nil })
	if err != nil {
		out = make([]providers.Snapshot, len(reqs))
		for i := range out {
			out[i].Err = err
		}
	}
	return out
}

func (s faultyService) Reset(ctx context.Context, m providers.Move) (receipt providers.Receipt, err error) {
	err = s.f.call("reset", func() (err error) { receipt, err = s.Connection.Reset(ctx, m); return err })
	return receipt, err
}

// faultyWorkload is a workload whose commands may fail.
type faultyWorkload struct {
	*plantest.Workload
	f *faults
}

func (w faultyWorkload) Stop(ctx context.Context) error {
	return w.f.call("stop", func() error { return w.Workload.Stop(ctx) })
}

func (w faultyWorkload) Start(ctx context.Context) error {
	return w.f.call("start", func() error { return w.Workload.Start(ctx) })
}

// A replayTrial is one replay, from offset 4 to 1, whose consumers read up to 3.
type replayTrial struct {
	*plantest.Rig
	then     schema.Then
	workload *plantest.Workload
}

func newReplayTrial(t *testing.T, then schema.Then) *replayTrial {
	r, w, _ := replaying(t, "x a 1", schema.Until{}, "")
	reading(r, 3, "a")
	return &replayTrial{r, then, w}
}

// apply applies the plan, with a fault.
func (tr *replayTrial) apply(t *testing.T, f *faults) error {
	tr.Workloads = map[string]survey.Workload{"w": faultyWorkload{tr.workload, f}}
	reader := withReplay(tr.Rig, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, tr.then)
	now := reader.Deps.Process.Now
	reader.Deps.Process.Now = func() time.Time {
		if f.clock != nil {
			f.clock(f.times)
		}
		f.times++
		return now()
	}
	c := reader.Connections["m"]
	if err := c.Open("m", reader.Deps.Process); err != nil {
		t.Fatal(err)
	}
	c.Connection = faultyService{c.Connection, f}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	f.stop, f.end = make(chan struct{}), end
	p, err := reconcile.Plan(ctx, reader, tr.Sel())
	if err != nil {
		return err
	}
	_, err = reconcile.Apply(ctx, reader, p, reconcile.ApplyOptions{Selection: tr.Sel(), Stop: f.stop})
	return err
}

// resets returns how often the group was reset to an offset.
func (tr *replayTrial) resets(to int64) (n int) {
	for _, e := range tr.Service.Entries() {
		if e.Group == "a" && e.Part == plantest.Orders(0) && e.To == providers.AtOffset(to) && strings.Contains(string(e.By), "reset") {
			n++
		}
	}
	return n
}

// judge checks what an apply with a fault has left.
func (tr *replayTrial) judge(t *testing.T, err error) {
	t.Helper()
	f, unread := lock.Read(t.Context(), tr.Lock)
	if unread != nil {
		t.Fatal(unread)
	}
	stopped := !tr.Service.Active("a")
	if stopped && len(f.Halted()) == 0 {
		t.Errorf("the consumers are stopped, and the lock does not record that; the apply ended with %v", err)
	}
	if stopped && err == nil && len(f.Stopped()) == 0 {
		t.Error("the consumers are stopped, and the apply has not reported that")
	}
	changed := tr.resets(1) > 0 || len(f.Halted()) > 0
	var incomplete *plan.Incomplete
	if changed && err != nil && !errors.As(err, &incomplete) && !errors.Is(err, reconcile.ErrInterrupted) && !errors.Is(err, context.Canceled) {
		t.Errorf("something was changed, and the apply ended with %v", err)
	}
}

// finish applies without faults until nothing is left, and checks the end.
func (tr *replayTrial) finish(t *testing.T) {
	t.Helper()
	var err error
	for range 3 {
		if err = tr.apply(t, &faults{at: -1}); err == nil {
			break
		}
	}
	if err != nil {
		t.Errorf("the applies without faults end with %v; the lock holds %s, %s", err, tr.Outcomes(), replayOf(t, tr.Rig))
		return
	}
	f, err := lock.Read(t.Context(), tr.Lock)
	if err != nil || len(f.Replays()) > 0 || !f.Runs["once"].Steps[0].Outcome.Done() {
		t.Errorf("the lock holds %q, %s, %v", tr.Outcomes(), replayOf(t, tr.Rig), err)
	}
	if n := tr.resets(1); n != 1 {
		t.Errorf("the group was reset %d times", n)
	}
	at := map[schema.Then]int64{schema.ThenNothing: 3, schema.ThenStop: 3, schema.ThenReturn: 4}[tr.then]
	for p, now := range tr.Service.Committed("a") {
		if n, _ := now.Offset(); n != at && (tr.then == schema.ThenReturn || n < 2 || n > at) { // stopped consumers have passed 2
			t.Errorf("%s is at %s at the end", p, now)
		}
	}
	if n := tr.resets(4); tr.then == schema.ThenReturn && n > 1 {
		t.Errorf("the group was returned %d times", n)
	}
	if tr.then != schema.ThenStop {
		expectRunning(t, tr.Rig, "a")
	}
}

// TestFaultsDuringAReplay makes each call fail in each way.
func TestFaultsDuringAReplay(t *testing.T) {
	tried := 0
	for _, then := range []schema.Then{schema.ThenNothing, schema.ThenStop, schema.ThenReturn} {
		pilot := &faults{at: -1}
		tr := newReplayTrial(t, then)
		if err := tr.apply(t, pilot); err != nil || len(pilot.calls) > replayLimit {
			t.Fatalf("then %s: the apply without faults: %v, %v", then, err, pilot.calls)
		}
		for at, name := range pilot.calls {
			for _, how := range []fault{denied, unanswered, swallowed, interrupts, cancelsAll} {
				if name == "read" && (how == unanswered || how == swallowed) {
					continue // a reading has no effect
				}
				tried++
				t.Run(fmt.Sprintf("then %s, %s %d is %s", then, name, at, how), func(t *testing.T) {
					tr := newReplayTrial(t, then)
					tr.judge(t, tr.apply(t, &faults{at: at, how: how}))
					tr.finish(t)
				})
			}
		}
	}
	t.Logf("%d calls have failed", tried)
}
