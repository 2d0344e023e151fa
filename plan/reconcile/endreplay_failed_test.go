package reconcile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// statusOf returns the status of the only step.
func statusOf(t *testing.T, apply func() (*reconcile.Status, error)) reconcile.StatusStep {
	t.Helper()
	st, err := apply()
	if err != nil || len(st.Steps) != 1 {
		t.Fatalf("the status is %+v, %v", st, err)
	}
	return st.Steps[0]
}

// applyWithoutStart applies a replay whose consumers cannot be started after their return.
func applyWithoutStart(t *testing.T, r *plantest.Rig, w *plantest.Workload, reader *survey.Reader) {
	t.Helper()
	w.AtStop = func() {
		if len(w.Calls()) > len([]string{"stop", "start"}) {
			w.FailStart = errors.New("no such deployment")
		}
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the start has not failed")
	}
}

// TestReturnedPositionsAreNotTakenForAnotherClients has consumers that are not started
// after their return, so that the group has no members at its former positions.
func TestReturnedPositionsAreNotTakenForAnotherClients(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	reading(r, 2, "a")
	applyWithoutStart(t, r, w, reader)
	r.ExpectCommitted("a", 4)
	s := statusOf(t, func() (*reconcile.Status, error) { return reconcile.ReadStatus(t.Context(), reader, r.Sel()) })
	for _, p := range s.Parts {
		if p.Drift != "moved on by 3" {
			t.Errorf("%s: %q", p.Part, p.Drift)
		}
	}
	if !strings.Contains(s.Replay, "its consumers have to be started again after the replay (the last attempt failed: ") ||
		!strings.Contains(s.Replay, "no such deployment") {
		t.Errorf("the replay: %q", s.Replay)
	}
	if !strings.HasSuffix(s.Paused, "the next apply starts it again, or `resetplan resume`") {
		t.Errorf("the consumers: %q", s.Paused)
	}
}

// TestStatusOfConsumersThatAreToStayStopped has a stop at the end of a replay that fails,
// and a start after it that fails too. The next apply would leave the consumers stopped.
func TestStatusOfConsumersThatAreToStayStopped(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenStop)
	reading(r, 2, "a")
	w.AtStop = func() {
		if len(w.Calls()) > len([]string{"stop", "start"}) {
			w.FailStop, w.FailStart = providers.ErrDenied, providers.ErrDenied
		}
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the stop has not failed")
	}
	s := statusOf(t, func() (*reconcile.Status, error) { return reconcile.ReadStatus(t.Context(), reader, r.Sel()) })
	if !strings.HasSuffix(s.Paused, "the next apply continues with the end of the replay, and `resetplan resume` starts the consumers") {
		t.Errorf("the consumers: %q", s.Paused)
	}
	if !strings.Contains(s.Replay, "its consumers have passed the end of the replay and have to be stopped (the last attempt failed: ") {
		t.Errorf("the replay: %q", s.Replay)
	}
	w.FailStop, w.FailStart, w.AtStop = nil, nil, nil
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := replayOf(t, r); got != "done paused stopped" {
		t.Errorf("the replay is %q", got)
	}
}

// TestPlanReportsAReplayThatAnotherRequestBegan has a replay that was interrupted, and then
// another run of its plan, or the same run of a plan that was changed.
func TestPlanReportsAReplayThatAnotherRequestBegan(t *testing.T) {
	r, _, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 3}, schema.ThenReturn)
	stop := make(chan struct{})
	r.Asleep = func() { close(stop); r.Asleep = nil }
	if _, err := r.Apply(reader, reconcile.ApplyOptions{Stop: stop}); !errors.Is(err, reconcile.ErrInterrupted) {
		t.Fatal(err)
	}
	warned := func(reader *survey.Reader, run string) bool {
		sel := r.Sel()
		sel.Run = run
		p, err := reconcile.Plan(t.Context(), reader, sel)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(p.Steps[0].Warnings, func(w string) bool {
			return strings.HasPrefix(w, "The replay of step x in run once (until every partition has passed offset 3, then: return) is not over.")
		})
	}
	changed := withReplay(r, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	if warned(reader, "once") || !warned(reader, "two") || !warned(changed, "once") {
		t.Error("the warning is missing, or a plan that continues the replay has it")
	}
	reading(r, 3, "a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if warned(reader, "two") {
		t.Error("the replay is over, and the plan warns of it")
	}
}
