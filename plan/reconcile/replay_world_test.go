package reconcile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// What may happen to the topic, the group and the lock during a replay.

var untilThree = schema.Until{Form: schema.UntilOffset, Offset: 3, Within: time.Minute}

// commit is another client that commits both partitions of group a.
func commit(r *plantest.Rig, offset int64) {
	for n := range 2 {
		r.Service.Commit("a", plantest.Orders(n), offset, nil)
	}
}

// atSleep does something at the first sleep of the program, and then what comes.
func atSleep(r *plantest.Rig, do, then func()) {
	first := true
	r.Asleep = func() {
		if first {
			do()
		}
		if first = false; then != nil {
			then()
		}
	}
}

func TestPartitionsAddedDuringAReplayAreNotWatched(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", untilThree, schema.ThenReturn)
	reading(r, 3, "a")
	atSleep(r, func() { r.Service.AddPartitions("orders", 1, plantest.Now.Add(-time.Hour)) }, r.Asleep)
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	expectCalls(t, w, once+", "+once)
	if again, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil || !again.Idle {
		t.Errorf("the next apply: %+v, %v", again, err)
	}
}

// TestRetentionDuringAReplay deletes records that the consumers have not read.
func TestRetentionDuringAReplay(t *testing.T) {
	for name, c := range map[string]struct {
		low, ends int64
		state     string
	}{
		"up to the end of the replay": {3, 4, "done return verified"},
		"past the former position":    {5, 1, "done return keep"}, // nothing is left that a return would skip
		"up to the former position":   {4, 4, "done return verified"},
		"the whole log":               {6, 1, "done return keep"},
	} {
		r, w, reader := replaying(t, "x a 1", untilThree, schema.ThenReturn)
		atSleep(r, func() {
			for n := range 2 {
				r.Service.Truncate(plantest.Orders(n), c.low)
			}
		}, nil)
		if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r.ExpectCommitted("a", c.ends)
		if got := replayOf(t, r); got != c.state {
			t.Errorf("%s: the replay is %q, want %q", name, got, c.state)
		}
		expectCalls(t, w, once+", "+once)
		expectRunning(t, r, "a")
	}
}

// TestStopForOneOfTwoReplays selects one of two steps whose consumers are stopped for good
// at the end, while the other one replays.
func TestStopForOneOfTwoReplays(t *testing.T) {
	r, w, _ := replaying(t, "x a 1", untilThree, schema.ThenStop)
	reader := withReplay(r, "x a 1\ny b 1", untilThree, schema.ThenStop)
	reading(r, 3, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the replays are over")
	}
	sel := r.Sel()
	sel.Steps = survey.Steps{"x"}
	p, err := reconcile.Plan(t.Context(), reader, sel)
	if err != nil {
		t.Fatal(err)
	}
	_, err = reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: sel})
	var incomplete *plan.Incomplete
	if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), "the workload w would stay stopped, and its consumers also have to replay for step y") {
		t.Errorf("it ended with %v", err)
	}
	expectCalls(t, w, once)
	reading(r, 3, "a", "b")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, once+", stop: pause w")
	if got := r.Outcomes(); got != "applied x=verified y=verified" {
		t.Errorf("the lock holds %q", got)
	}
}

// TestRetryAfterAnotherClientReturnsToTheFirstPositions has a client that moves the group
// past records that it has not read, before the step is sent again.
func TestRetryAfterAnotherClientReturnsToTheFirstPositions(t *testing.T) {
	for readTo, until := range map[int64]schema.Until{3: untilThree, 4: {Form: schema.UntilFormer, Within: time.Minute}} {
		r, _, reader := replaying(t, "x a 1", until, schema.ThenReturn)
		atSleep(r, func() { commit(r, 0) }, nil)
		if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil || r.Outcomes() != "failed x=overwritten" {
			t.Fatalf("the lock holds %q, %v", r.Outcomes(), err)
		}
		commit(r, 6)
		reading(r, readTo, "a")
		sel := r.Sel()
		sel.Retry = true
		p, err := reconcile.Plan(t.Context(), reader, sel)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: sel}); err != nil {
			t.Fatal(err)
		}
		r.ExpectCommitted("a", 4) // not 6
		if got := r.Outcomes(); got != "applied x=verified" {
			t.Errorf("the lock holds %q", got)
		}
		expectRunning(t, r, "a")
	}
}

// TestRollbackInEachPhase rolls back a step whose replay has stopped in a phase, because a
// command of its workload or the service has failed.
func TestRollbackInEachPhase(t *testing.T) {
	atEnd := func(w *plantest.Workload) bool { return len(w.Calls()) > len([]string{"stop", "start"}) }
	for name, c := range map[string]struct {
		fail  func(*plantest.Rig, *plantest.Workload)
		state string
		keeps bool // the consumers are stopped when the rollback begins
	}{
		"stopping": {func(_ *plantest.Rig, w *plantest.Workload) { w.FailStop = errors.New("no such deployment") }, "stopping", false},
		"stopping, and not started": {func(_ *plantest.Rig, w *plantest.Workload) {
			w.FailStop, w.FailStart = errors.New("no such deployment"), errors.New("no such deployment")
		}, "stopping paused start", true},
		"returning": {func(r *plantest.Rig, _ *plantest.Workload) { r.Service.FailReset(providers.ErrDenied) }, "returning return failed", false},
		"starting":  {func(_ *plantest.Rig, w *plantest.Workload) { w.FailStart = errors.New("no such deployment") }, "starting return verified paused start", true},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, reader := replaying(t, "x a 1", untilThree, schema.ThenReturn)
			reading(r, 3, "a")
			w.AtStop = func() {
				if atEnd(w) {
					c.fail(r, w)
				}
			}
			if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
				t.Fatal("nothing has failed")
			}
			if got := replayOf(t, r); got != c.state {
				t.Fatalf("the replay is %q, want %q", got, c.state)
			}
			w.AtStop, w.FailStop, w.FailStart = nil, nil, nil
			r.Service.FailReset(nil)
			p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
			if err != nil || p.Paused() != c.keeps || len(p.LeftReplaying) > 0 {
				t.Fatalf("planned %+v, %v", p.Steps, err)
			}
			if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
				t.Fatal(err)
			}
			r.ExpectCommitted("a", 4)
			expectRunning(t, r, "a", "b")
			if got := r.Outcomes(); got != "undone x=undone" {
				t.Errorf("the lock holds %q", got)
			}
		})
	}
}

// TestSettleDuringAReplay settles a step over which another client has committed: as
// applied, its replay goes on.
func TestSettleDuringAReplay(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", untilThree, schema.ThenReturn)
	atSleep(r, func() { commit(r, 0) }, nil)
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the commit of the other client is not reported")
	}
	commit(r, 1)
	settle(t, r, "x")
	if got := r.Outcomes() + ", " + replayOf(t, r); got != "interrupted x=applied, replaying" {
		t.Errorf("the lock holds %q", got)
	}
	reading(r, 3, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	expectCalls(t, w, once+", "+once)
}
