package reconcile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

// TestStepsWithAndWithoutAReplayShareAWorkload has one step of each kind.
func TestStepsWithAndWithoutAReplayShareAWorkload(t *testing.T) {
	r, w, _ := stopping(t, "x a 1")
	reader := withReplay(r, "x a 1\ny b 2", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	reader.Doc.Steps[1].Until, reader.Doc.Steps[1].Then = schema.Until{}, ""
	reading(r, 3, "a", "b")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, once+", "+once)
	r.ExpectCommitted("a", 4)
	expectRunning(t, r, "a", "b")
}

// TestReplayOfAnInvisibleResetIsNotOver has a service that accepts a reset and does not
// show it: the former position that it still reports was not passed.
func TestReplayOfAnInvisibleResetIsNotOver(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilFormer, Within: time.Minute}, schema.ThenStop)
	for _, c := range reader.Connections {
		c.Caps.ReadsOwnWrites = false
	}
	r.Service.Hide(1000)
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	if err == nil || !strings.Contains(err.Error(), "after 1m its replay is not over") {
		t.Fatalf("it ended with %v", err)
	}
	if got := r.Outcomes(); got != "interrupted x=applied" {
		t.Errorf("the lock holds %q", got)
	}
	expectCalls(t, w, once)
	r.Service.Hide(1)
	reading(r, 4, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, once+", stop: pause w")
}

// TestConsumersAreStartedIfTheReturnFails has a service that refuses the second commit.
func TestConsumersAreStartedIfTheReturnFails(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	reading(r, 2, "a")
	w.AtStop = func() {
		if len(w.Calls()) > len([]string{"stop", "start"}) {
			r.Service.FailReset(providers.ErrDenied)
		}
	}
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	if err == nil || !strings.Contains(err.Error(), "step x could not be returned to its former positions: memory: call: FAULT") {
		t.Fatalf("it ended with %v", err)
	}
	if got := r.Outcomes() + ", " + replayOf(t, r); got != "interrupted x=verified, returning return failed" {
		t.Errorf("the lock holds %q", got)
	}
	expectCalls(t, w, once+", "+once)
	expectRunning(t, r, "a", "b")
	r.ExpectCommitted("a", 2)
	r.Service.FailReset(nil)
	w.AtStop = nil
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, once+", "+once+", "+once)
	r.ExpectCommitted("a", 4)
	expectRunning(t, r, "a", "b")
}

// TestLostAnswerToTheReturn is decided by the next reading, or by a person.
func TestLostAnswerToTheReturn(t *testing.T) {
	for name, c := range map[string]struct {
		moves bool // the request took effect although its answer was lost
		lose  func(*memory.Service)
	}{
		"it took effect":         {true, (*memory.Service).LoseAnswer},
		"it did not take effect": {false, func(s *memory.Service) { s.FailReset(providers.ErrInDoubt) }},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
			reading(r, 2, "a")
			w.AtStop = func() {
				if len(w.Calls()) > len([]string{"stop", "start"}) {
					c.lose(r.Service)
				}
			}
			_, err := r.Apply(reader, reconcile.ApplyOptions{})
			w.AtStop = nil
			r.Service.FailReset(nil)
			if c.moves != (err == nil) {
				t.Fatalf("it ended with %v", err)
			}
			if err != nil {
				if got := r.Outcomes() + ", " + replayOf(t, r); got != "in-doubt x=verified, returning return in-doubt" {
					t.Errorf("the lock holds %q", got)
				}
				p, err := reconcile.Plan(t.Context(), reader, r.Sel())
				if err != nil || p.InDoubt() || !strings.Contains(p.Steps[0].Why, "the return has not taken effect") {
					t.Errorf("planned %+v, %v", p.Steps[0], err)
				}
				if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			r.ExpectCommitted("a", 4)
			expectRunning(t, r, "a", "b")
			if got := r.Outcomes(); got != "applied x=verified" {
				t.Errorf("the lock holds %q", got)
			}
		})
	}
}

// TestPositionsThatChangeAfterTheStopAreNotTheEndOfAReplay has another client that changes
// what was replayed while the consumers are stopped at the end.
func TestPositionsThatChangeAfterTheStopAreNotTheEndOfAReplay(t *testing.T) {
	group := plantest.Orders(0)
	for name, c := range map[string]struct {
		change  func(*memory.Service)
		message string
	}{
		"a position goes back": {func(s *memory.Service) { s.Commit("a", group, 1, nil) },
			"orders/0 is at offset:1, before the end of its replay, which it had passed"},
		"the topic is re-created": {func(s *memory.Service) { s.Topic("orders", 2, "another id", plantest.Now) }, "orders/0 was deleted and re-created"},
		"the topic is deleted":    {func(s *memory.Service) { s.DeleteTopic("orders") }, "orders/0 no longer exists"},
	} {
		for _, then := range []schema.Then{schema.ThenStop, schema.ThenReturn} {
			t.Run(name+", then "+string(then), func(t *testing.T) {
				r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, then)
				reading(r, 2, "a")
				w.AtStop = func() {
					if len(w.Calls()) > len([]string{"stop", "start"}) {
						c.change(r.Service)
					}
				}
				_, err := r.Apply(reader, reconcile.ApplyOptions{})
				if err == nil || !strings.Contains(err.Error(), c.message) {
					t.Fatalf("it ended with %v", err)
				}
				if got := r.Outcomes() + ", " + replayOf(t, r); got != "failed x=overwritten, replaying" {
					t.Errorf("the lock holds %q", got)
				}
				if n := r.Service.Resets(); n != 1 {
					t.Errorf("%d resets were sent, want 1", n)
				}
				expectCalls(t, w, once+", "+once)
				expectRunning(t, r, "a", "b")
			})
		}
	}
}

// TestRecordsThatArriveDuringTheStopDoNotProlongAReplay has a bound after the end of the
// log, at which the consumers are stopped while a producer goes on.
func TestRecordsThatArriveDuringTheStopDoNotProlongAReplay(t *testing.T) {
	for _, then := range []schema.Then{schema.ThenStop, schema.ThenReturn} {
		r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 99, Within: time.Hour}, then)
		reading(r, 6, "a")
		w.AtStop = func() {
			if len(w.Calls()) > len([]string{"stop", "start"}) {
				r.Service.Append(plantest.Orders(0), r.Now)
			}
		}
		if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
			t.Errorf("then %s: %v", then, err)
		}
		r.ExpectCommitted("a", 6)
	}
}
