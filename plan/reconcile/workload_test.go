package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// stopping opens a document whose steps stop the workload w, which runs the consumers of
// groups a and b.
func stopping(t *testing.T, steps string) (*plantest.Rig, *plantest.Workload, *survey.Reader) {
	t.Helper()
	r := plantest.New(t)
	w := &plantest.Workload{Rig: r, Groups: []string{"a", "b"}}
	r.Workloads = map[string]survey.Workload{"w": w}
	for _, g := range w.Groups {
		r.Service.Activate(g)
	}
	return r, w, withWorkload(r, steps)
}

func withWorkload(r *plantest.Rig, steps string) *survey.Reader {
	r.T.Helper()
	reader := r.Open(steps)
	for i := range reader.Doc.Steps {
		reader.Doc.Steps[i].Idle.Workload = "w"
	}
	return reader
}

func expectCalls(t *testing.T, w *plantest.Workload, want string) {
	t.Helper()
	if got := strings.Join(w.Calls(), ", "); got != want {
		t.Errorf("the workload got %q, want %q", got, want)
	}
}

// expectRunning checks that the consumers run, and that the lock records no stop.
func expectRunning(t *testing.T, r *plantest.Rig, groups ...string) {
	t.Helper()
	f, err := lock.Read(t.Context(), r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	if left := f.Paused(); left != nil {
		t.Errorf("the lock records stopped consumers: %+v", left)
	}
	for _, g := range groups {
		if !r.Service.Active(g) {
			t.Errorf("the consumers of %s are stopped", g)
		}
	}
}

const once = "stop: pause w, start: start w"

func TestWorkloadIsStoppedResetAndStarted(t *testing.T) {
	for name, late := range map[string]int{"at once": 0, "later": 5} {
		t.Run(name, func(t *testing.T) {
			r, w, reader := stopping(t, "x a 1")
			w.Late = late
			p, err := reconcile.Plan(t.Context(), reader, r.Sel())
			if err != nil || !p.Steps[0].Pauses || !strings.HasPrefix(p.Steps[0].Why, "will stop the workload w, reset the group and start") {
				t.Fatalf("planned %+v, %v", p.Steps[0], err)
			}
			if len(w.Calls()) > 0 {
				t.Fatal("a plan has run commands")
			}
			if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
				t.Fatal(err)
			}
			if got := r.Outcomes(); got != "applied x=verified" {
				t.Errorf("the lock holds %q", got)
			}
			expectCalls(t, w, once)
			expectRunning(t, r, "a", "b")
			r.ExpectCommitted("a", 1)
		})
	}
}

// TestSharedWorkloadIsStoppedOnce has three steps, of which one is of another group.
func TestSharedWorkloadIsStoppedOnce(t *testing.T) {
	for _, parallel := range []int{1, 3} {
		r, w, _ := stopping(t, "x a 1")
		reader := withWorkload(r, "x a 1\ny b 2\nz c 3")
		reader.Doc.Steps[2].Idle.Workload = ""
		if _, err := r.Apply(reader, reconcile.ApplyOptions{Parallelism: parallel}); err != nil {
			t.Fatal(err)
		}
		if got := r.Outcomes(); !strings.HasPrefix(got, "applied") || strings.Count(got, "=verified") != 3 {
			t.Errorf("the lock holds %q", got)
		}
		expectCalls(t, w, once)
		expectRunning(t, r, "a", "b")
	}
}

func TestWorkloadIsStartedWhateverHappens(t *testing.T) {
	steps := "x a 1\ny b 2"
	for name, c := range map[string]struct {
		change  func(*plantest.Rig, *plantest.Workload, *survey.Reader)
		message string
		resets  int
		calls   string
	}{
		"the reset is refused": {func(r *plantest.Rig, _ *plantest.Workload, _ *survey.Reader) {
			r.Service.FailReset(providers.ErrDenied)
		},
			"memory: call: FAULT", 0, once},
		"the stop fails": {func(_ *plantest.Rig, w *plantest.Workload, _ *survey.Reader) {
			w.FailStop = errors.New("exited with 3")
		},
			"it could not be stopped: exited with 3", 0, once},
		"the group stays active": {func(_ *plantest.Rig, w *plantest.Workload, _ *survey.Reader) { w.Keeps = "a" },
			"1m after the workload w was stopped, the group is still active", 0, once},
		"the second step fails": {func(_ *plantest.Rig, w *plantest.Workload, _ *survey.Reader) { w.Keeps = "b" },
			"1m after the workload w was stopped, the group is still active", 1, once},
		"a guard refuses it": {func(r *plantest.Rig, w *plantest.Workload, d *survey.Reader) {
			d.Doc.Steps[0].Guards.MaxReplay = &schema.Limit{N: 6}
			w.AtStop = func() { r.Service.Commit("a", plantest.Orders(0), 6, nil) } // the consumers read on before they stop
		}, "this would deliver 8 records again; guards.maxReplay allows 6", 0, once},
	} {
		t.Run(name, func(t *testing.T) {
			r, w, reader := stopping(t, steps)
			c.change(r, w, reader)
			_, err := r.Apply(reader, reconcile.ApplyOptions{})
			if (c.message == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.message) || r.Service.Resets() != c.resets {
				t.Errorf("got %v after %d resets", err, r.Service.Resets())
			}
			expectCalls(t, w, c.calls)
			expectRunning(t, r, "b")
		})
	}
}

// TestWorkloadIsStartedAfterARollback has a second step that fails; what the first one
// moved is rolled back before the consumers run again.
func TestWorkloadIsStartedAfterARollback(t *testing.T) {
	r, w, reader := stopping(t, "onError undo\nx a 1\ny b 2")
	for i := range reader.Doc.Steps {
		reader.Doc.Steps[i].Idle.Workload = "w"
	}
	w.Keeps = "b"
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err == nil {
		t.Fatal("the second step did not fail")
	}
	r.ExpectCommitted("a", 4)
	expectCalls(t, w, once)
	expectRunning(t, r, "a", "b")
}

func TestRollbackStopsTheWorkload(t *testing.T) {
	r, w, reader := stopping(t, "x a 1\ny b 2")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil || !p.Steps[0].Pauses {
		t.Fatalf("planned %+v, %v", p, err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	expectCalls(t, w, once+", "+once)
	expectRunning(t, r, "a", "b")
}

// left returns a rig whose apply could not start the consumers again.
func left(t *testing.T) (*plantest.Rig, *plantest.Workload, *survey.Reader) {
	t.Helper()
	r, w, reader := stopping(t, "x a 1\ny b 2")
	w.FailStart = errors.New("exited with 1")
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	var part *plan.Incomplete
	if !errors.As(err, &part) || !strings.Contains(err.Error(), "THE WORKLOAD w IS STILL STOPPED: restarting it failed") {
		t.Fatalf("got %v", err)
	}
	w.FailStart = nil
	return r, w, reader
}

func TestNextApplyStartsTheWorkload(t *testing.T) {
	r, w, reader := left(t)
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || !p.Paused() || !strings.HasPrefix(p.Steps[1].Paused, "stopped (workload w) by tester@here since") {
		t.Fatalf("planned %+v, %v", p.Steps, err)
	}
	st, err := reconcile.ReadStatus(t.Context(), reader, r.Sel())
	if err != nil || !strings.Contains(st.Steps[0].Paused, "stopped (workload w) by tester@here since") {
		t.Errorf("the status is %+v, %v", st, err)
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, once+", start: start w")
	expectRunning(t, r, "a", "b")
}

func TestStartPausedStartsTheWorkload(t *testing.T) {
	r, w, reader := left(t)
	started, err := reconcile.StartPaused(t.Context(), reader, r.Sel())
	if err != nil || len(started) != 1 || !started[0].Running || started[0].Workload != "w" {
		t.Errorf("got %+v, %v", started, err)
	}
	expectCalls(t, w, once+", start: start w")
	expectRunning(t, r, "a", "b")
	if got := r.Outcomes(); got != "applied x=verified y=verified" {
		t.Errorf("the lock holds %q", got)
	}
	if started, err := reconcile.StartPaused(t.Context(), reader, r.Sel()); err != nil || len(started) != 0 {
		t.Errorf("a second time: %+v, %v", started, err)
	}
	expectCalls(t, w, once+", start: start w")
}

// TestStartPausedKeepsTheRecord has a workload that cannot be started.
func TestStartPausedKeepsTheRecord(t *testing.T) {
	r, w, reader := left(t)
	w.FailStart = errors.New("exited with 2")
	started, err := reconcile.StartPaused(t.Context(), reader, r.Sel())
	var part *plan.Incomplete
	if !errors.As(err, &part) || started[0].Running || !strings.Contains(started[0].Error, "exited with 2") {
		t.Errorf("got %+v, %v", started, err)
	}
	delete(r.Workloads, "w")
	if started, err = reconcile.StartPaused(t.Context(), reader, r.Sel()); err == nil || !strings.Contains(started[0].Error, "not known") {
		t.Errorf("got %+v, %v", started, err)
	}
}

func TestUnknownWorkloadBlocks(t *testing.T) {
	r, w, reader := stopping(t, "x a 1")
	delete(r.Workloads, "w")
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || p.Steps[0].Action != plan.Blocked || !strings.Contains(p.Steps[0].Why, `the workload "w" is not known: no configuration was found`) {
		t.Errorf("planned %+v, %v", p.Steps[0], err)
	}
	expectCalls(t, w, "")
}

// TestIdleWorkloadIsLeftAlone has consumers that were stopped on purpose.
func TestIdleWorkloadIsLeftAlone(t *testing.T) {
	r, w, reader := stopping(t, "x a 1")
	r.Service.Rest("a")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	expectCalls(t, w, "")
	if r.Service.Active("a") {
		t.Error("consumers were started that were stopped before")
	}
}

func TestStatusProvesAStartThatTheServiceDoesNotReport(t *testing.T) {
	for started, fails := range map[bool]bool{true: false, false: true} {
		r, w, reader := stopping(t, "x a 1")
		w.Started = &started
		r.Service.Rest("b")
		w.Groups = []string{"b"}
		r.Asleep = func() { r.Service.Rest("a") }
		_, err := r.Apply(reader, reconcile.ApplyOptions{})
		if (err != nil) != fails {
			t.Errorf("with a status of %v: %v", started, err)
		}
	}
}

// TestInterruptedWaitStartsTheWorkload has a request to stop while the group is still active.
func TestInterruptedWaitStartsTheWorkload(t *testing.T) {
	r, w, reader := stopping(t, "x a 1\ny b 2")
	stop := make(chan struct{})
	w.AtStop, w.Keeps = func() { close(stop) }, "a"
	_, err := r.Apply(reader, reconcile.ApplyOptions{Stop: stop})
	if !errors.Is(err, reconcile.ErrInterrupted) || r.Service.Resets() != 0 {
		t.Errorf("got %v after %d resets", err, r.Service.Resets())
	}
	expectCalls(t, w, once)
	expectRunning(t, r, "a", "b")
}

// TestScriptsStopASharedWorkloadOnce has two steps that share a workload.
func TestScriptsStopASharedWorkloadOnce(t *testing.T) {
	r, _, reader := stopping(t, "x a 1\ny b 2\nz c 3")
	reader.Doc.Steps[2].Idle.Workload = ""
	reader.Connections["m"].Kind = scripting{Provider: reader.Connections["m"].Kind}
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.Scripts() {
		got = append(got, strings.Join(s.Commands, "; "))
	}
	want := []string{"stop-it --now; reset orders/0 offset:1; reset orders/1 offset:1", "reset orders/0 offset:2; reset orders/1 offset:2; start-it",
		"reset orders/0 offset:3; reset orders/1 offset:3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestAbandonedApplyKeepsTheRecordOfTheStop is cancelled during the stop, which may still
// take effect: the record must not claim that a start was sent.
func TestAbandonedApplyKeepsTheRecordOfTheStop(t *testing.T) {
	r, w, reader := stopping(t, "x a 1")
	ctx, cancel := context.WithCancel(t.Context())
	w.AtStop, w.FailStop = cancel, context.Canceled
	p, err := reconcile.Plan(ctx, reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	_, err = reconcile.Apply(ctx, reader, p, reconcile.ApplyOptions{Selection: r.Sel()})
	if !errors.Is(err, reconcile.ErrInterrupted) || !strings.Contains(err.Error(), "STILL PAUSED by this program") {
		t.Errorf("got %v", err)
	}
	w.AtStop, w.FailStop = nil, nil
	r.Service.Activate("a") // the group is active again, or still
	if _, err := reconcile.StartPaused(t.Context(), reader, r.Sel()); err != nil {
		t.Error(err)
	}
	expectCalls(t, w, once[:len("stop: pause w")]+", start: start w")
	expectRunning(t, r, "a")
}
