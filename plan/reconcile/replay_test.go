package reconcile_test

import (
	"errors"
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

// replaying opens a document whose steps replay until a bound and stop the workload w.
func replaying(t *testing.T, steps string, until schema.Until, then schema.Then) (*plantest.Rig, *plantest.Workload, *survey.Reader) {
	t.Helper()
	r, w, _ := stopping(t, steps)
	return r, w, withReplay(r, steps, until, then)
}

func withReplay(r *plantest.Rig, steps string, until schema.Until, then schema.Then) *survey.Reader {
	r.T.Helper()
	reader := withWorkload(r, steps)
	for i := range reader.Doc.Steps {
		reader.Doc.Steps[i].Until, reader.Doc.Steps[i].Then = until, then
	}
	return reader
}

// reading lets the active consumers of groups read a record per partition at each sleep
// of the program, up to an offset.
func reading(r *plantest.Rig, upTo int64, groups ...string) {
	r.Asleep = func() {
		for _, g := range groups {
			if !r.Service.Active(g) {
				continue
			}
			for p, at := range r.Service.Committed(g) {
				if n, ok := at.Offset(); ok && n < upTo {
					r.Service.Commit(g, p, n+1, nil)
				}
			}
		}
	}
}

// replayOf returns the record of the only step, as "doing" and its attempt to return.
func replayOf(t *testing.T, r *plantest.Rig) string {
	t.Helper()
	f, err := lock.Read(t.Context(), r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Runs["once"].Steps[0]
	s.Load()
	out := string(s.Replay.Doing)
	if s.Return != nil {
		out += " return " + string(s.Return.Outcome)
	}
	if s.Paused != nil {
		out += " paused " + string(s.Paused.Doing)
	}
	return out
}

var former = schema.Until{Form: schema.UntilFormer}

func TestReplayIsWatchedUntilEveryPartitionHasPassed(t *testing.T) {
	at := func(h int) schema.Until {
		u := schema.Until{Form: schema.UntilTimestamp}
		u.Time.Time = plantest.Now.Add(time.Duration(h) * time.Hour)
		return u
	}
	for name, c := range map[string]struct {
		until schema.Until
		then  schema.Then
		calls string
		ends  int64 // the offset at which the group is committed at the end
		state string
	}{
		"the former position":                  {former, schema.ThenNothing, once, 4, "done"},
		"an offset":                            {schema.Until{Form: schema.UntilOffset, Offset: 3}, schema.ThenNothing, once, 3, "done"},
		"an offset past the end":               {schema.Until{Form: schema.UntilOffset, Offset: 99}, schema.ThenNothing, once, 6, "done"},
		"a time":                               {at(-4), schema.ThenNothing, once, 2, "done"},
		"a time in the future":                 {at(4), schema.ThenNothing, once, 6, "done"},
		"then stop":                            {former, schema.ThenStop, once + ", stop: pause w", 4, "done paused stopped"},
		"then return from before the former":   {schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn, once + ", " + once, 4, "done return verified"},
		"then return from the former position": {former, schema.ThenReturn, once + ", " + once, 4, "done return keep"},
		"then return from past the former":     {schema.Until{Form: schema.UntilOffset, Offset: 5}, schema.ThenReturn, once + ", " + once, 5, "done return keep"},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, reader := replaying(t, "x a 1", c.until, c.then)
			reading(r, 6, "a")
			result, err := r.Apply(reader, reconcile.ApplyOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Outcomes(); got != "applied x=verified" {
				t.Errorf("the lock holds %q", got)
			}
			if result.Moved["x"].Replay != 6 {
				t.Errorf("the result shows %+v", result.Moved["x"])
			}
			expectCalls(t, w, c.calls)
			if got := replayOf(t, r); got != c.state {
				t.Errorf("the replay is %q, want %q", got, c.state)
			}
			r.ExpectCommitted("a", c.ends)
			if c.then != schema.ThenStop {
				expectRunning(t, r, "a", "b")
			}
			resets := r.Service.Resets()
			if again, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil || !again.Idle || r.Service.Resets() != resets {
				t.Errorf("the next apply is idle: %v, %v", again.Idle, err)
			}
			expectCalls(t, w, c.calls)
		})
	}
}

func TestInterruptedReplayIsContinued(t *testing.T) {
	for _, then := range []schema.Then{schema.ThenNothing, schema.ThenStop, schema.ThenReturn} {
		r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 3}, then)
		stop := make(chan struct{})
		slept := 0
		r.Asleep = func() {
			if slept++; slept == 2 {
				close(stop)
			}
		}
		_, err := r.Apply(reader, reconcile.ApplyOptions{Stop: stop})
		if !errors.Is(err, reconcile.ErrInterrupted) {
			t.Fatalf("then %s: %v", then, err)
		}
		if got := r.Outcomes() + ", " + replayOf(t, r); got != "interrupted x=verified, replaying" {
			t.Errorf("then %s: the lock holds %q", then, got)
		}
		expectRunning(t, r, "a", "b")
		p, err := reconcile.Plan(t.Context(), reader, r.Sel())
		if err != nil || p.Steps[0].Action != plan.Done || p.Steps[0].Phase != "replaying" || !strings.Contains(p.Steps[0].Why, "It replays until every "+
			"partition has passed offset 3. The next apply continues.") {
			t.Errorf("then %s: planned %+v, %v", then, p.Steps[0], err)
		}
		reading(r, 3, "a")
		if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := r.Outcomes(); got != "applied x=verified" {
			t.Errorf("then %s: the lock holds %q", then, got)
		}
		want := map[schema.Then]string{schema.ThenNothing: once, schema.ThenStop: once + ", stop: pause w", schema.ThenReturn: once + ", " + once}[then]
		expectCalls(t, w, want)
	}
}

func TestReplayEndsWithAnError(t *testing.T) {
	for name, c := range map[string]struct {
		within  time.Duration
		asleep  func(*plantest.Rig)
		message string
		lock    string
	}{
		"its limit is over": {time.Minute, func(*plantest.Rig) {}, "after 1m its replay is not over: orders/0-1 not passed yet. Run apply again",
			"interrupted x=verified"},
		"another client commits over it": {0, func(r *plantest.Rig) { r.Service.Commit("a", plantest.Orders(0), 0, nil) },
			"during its replay, another client committed over it: orders/0 went back from offset:1 to offset:0", "failed x=overwritten"},
		"the service denies a reading": {0, func(r *plantest.Rig) { r.Service.FailRead(providers.ErrDenied) }, "its replay cannot be watched",
			"interrupted x=verified"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilFormer, Within: c.within}, schema.ThenReturn)
			r.Asleep = func() { c.asleep(r) }
			_, err := r.Apply(reader, reconcile.ApplyOptions{})
			var incomplete *plan.Incomplete
			if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("it ended with %v", err)
			}
			if got := r.Outcomes(); got != c.lock {
				t.Errorf("the lock holds %q", got)
			}
			expectRunning(t, r, "a", "b")
		})
	}
}

// TestReplaysOfAWorkloadEndTogether has two steps of one workload, one of which is slower,
// and a step that needs the first.
func TestReplaysOfAWorkloadEndTogether(t *testing.T) {
	for _, parallel := range []int{1, 3} {
		r, w, _ := stopping(t, "x a 1")
		r.Service.Activate("c")
		reader := withReplay(r, "x a 1\ny b 2\nz c 3 x", schema.Until{Form: schema.UntilOffset, Offset: 3}, schema.ThenReturn)
		z := &reader.Doc.Steps[2]
		z.Idle, z.Until, z.Then = schema.Idle{}, schema.Until{}, ""
		reading(r, 3, "a", "b")
		r.Service.Rest("c")
		order := ""
		reader.Deps.Progress = func(e survey.Event) {
			if e.Kind == survey.Sending {
				order += e.Step
			}
		}
		if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: parallel}); err != nil {
			t.Fatal(err)
		}
		expectCalls(t, w, once+", "+once)
		r.ExpectCommitted("a", 4)
		r.ExpectCommitted("b", 4)
		r.ExpectCommitted("c", 3)
		if !strings.HasSuffix(order, "z") || strings.Count(order, "z") != 1 {
			t.Errorf("the steps were sent in the order %s", order)
		}
		expectRunning(t, r, "a", "b")
	}
}

// TestStoppedConsumersAreStartedOnRequest follows consumers that a replay leaves stopped.
func TestStoppedConsumersAreStartedOnRequest(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", former, schema.ThenStop)
	reading(r, 4, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Paused() || !strings.HasPrefix(p.Steps[0].Stopped, "stopped (workload w) by tester@here since ") {
		t.Errorf("planned %+v, %v", p.Steps[0], err)
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Errorf("the next apply: %v", err)
	}
	expectCalls(t, w, once+", stop: pause w")
	w.FailStart = errors.New("no such deployment")
	var incomplete *plan.Incomplete
	if started, err := reconcile.StartPaused(t.Context(), reader, r.Sel()); !errors.As(err, &incomplete) || started[0].Running {
		t.Errorf("a start that failed: %+v, %v", started, err)
	}
	w.FailStart = nil
	started, err := reconcile.StartPaused(t.Context(), reader, r.Sel())
	if err != nil || len(started) != 1 || !started[0].Running {
		t.Fatalf("started %+v, %v", started, err)
	}
	expectRunning(t, r, "a")
	if f, err := lock.Read(t.Context(), r.Lock); err != nil || f.Stopped() != nil {
		t.Errorf("the lock still records stopped consumers: %v, %v", f.Stopped(), err)
	}
	if got := r.Outcomes(); got != "applied x=verified" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestRollbackOfAReturnedStepMovesNothing(t *testing.T) {
	r, _, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	reading(r, 6, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.Service.Commit("a", plantest.Orders(0), 6, nil)
	resets := r.Service.Resets()
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Keep || !strings.Contains(p.Steps[0].Why, "were returned to the former ones") {
		t.Fatalf("planned %+v, %v", p.Steps[0], err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	if r.Service.Resets() != resets {
		t.Error("the rollback has sent a reset")
	}
	if got := r.Outcomes(); got != "undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestRollbackEndsAReplay(t *testing.T) {
	r, _, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilFormer, Within: time.Minute}, schema.ThenStop)
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the replay is over")
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	if got := r.Outcomes(); got != "undone x=undone" {
		t.Errorf("the lock holds %q", got)
	}
	expectRunning(t, r, "a")
}

func TestReplayWithoutAFormerPositionIsBlocked(t *testing.T) {
	r := plantest.New(t)
	reader := withReplay(r, "x new 1", former, schema.ThenNothing)
	reader.Doc.Steps[0].Idle, reader.Doc.Steps[0].Guards.AllowNew = schema.Idle{}, true
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Blocked || !strings.Contains(p.Steps[0].Why, "no committed position, so until: former has no meaning") {
		t.Errorf("planned %+v, %v", p.Steps[0], err)
	}
}
