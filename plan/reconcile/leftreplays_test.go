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
	"github.com/resetplan/resetplan/schema"
)

// interrupted starts a replay of step x until offset 3, and interrupts it.
func interrupted(t *testing.T) (*plantest.Rig, *plantest.Workload, *survey.Reader) {
	t.Helper()
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 3}, schema.ThenReturn)
	stop := make(chan struct{})
	r.Asleep = func() { close(stop); r.Asleep = nil }
	if _, err := r.Apply(reader, reconcile.ApplyOptions{Stop: stop}); !errors.Is(err, reconcile.ErrInterrupted) {
		t.Fatal(err)
	}
	return r, w, reader
}

// TestReplayWithoutItsStepIsReported has plans that do not have the step of a replay any
// more, or have it in another form.
func TestReplayWithoutItsStepIsReported(t *testing.T) {
	offset := func(n int64) schema.Until { return schema.Until{Form: schema.UntilOffset, Offset: n} }
	for name, c := range map[string]struct {
		steps string
		until schema.Until
		only  string // the selected step
		left  string // a part of what the plan reports; "" = nothing
	}{
		"removed":                           {"y b 1", offset(3), "", "The plan no longer has a step for memory:"},
		"another target under its id":       {"x b 1", offset(3), "", "The plan no longer has a step for memory:"},
		"renamed":                           {"z a 1", offset(3), "", ""},
		"changed, and it resets again":      {"x a 2", offset(3), "", ""}, // the plan warns of it
		"changed, and not selected":         {"x a 2\ny b 1", offset(3), "y", "The plan has changed the step since."},
		"the same, and not selected":        {"x a 1\ny b 1", offset(3), "y", ""},
		"removed, and one step is selected": {"y b 1\nz c 1", offset(3), "y", "The plan no longer has a step for memory:"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, _ := interrupted(t)
			reader := withReplay(r, c.steps, c.until, schema.ThenReturn)
			sel := r.Sel()
			if c.only != "" {
				sel.Steps = survey.Steps{c.only}
			}
			p, err := reconcile.Plan(t.Context(), reader, sel)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(p.LeftReplaying, "\n")
			if c.left == "" && got != "" || !strings.Contains(got, c.left) || p.Unfinished() != (c.left != "") {
				t.Fatalf("the plan reports %q", got)
			}
			if c.left == "" {
				return
			}
			for _, want := range []string{"step x of run once (until every partition has passed offset 3, then: return): it replays until",
				"No consumers are recorded as stopped for it.", "or end the replay with `resetplan lock settle p.yaml x applied`."} {
				if !strings.Contains(got, want) {
					t.Errorf("the plan reports %q, without %q", got, want)
				}
			}
		})
	}
}

// TestApplyReportsAReplayWithoutItsStep applies the other steps and is not complete, until
// a person has ended the replay.
func TestApplyReportsAReplayWithoutItsStep(t *testing.T) {
	r, _, _ := interrupted(t)
	reader := withReplay(r, "y c 1", schema.Until{}, "")
	reader.Doc.Steps[0].Idle = schema.Idle{}
	for _, attempt := range []string{"the first apply", "one with nothing to do"} {
		_, err := r.Apply(reader, reconcile.ApplyOptions{})
		var incomplete *plan.Incomplete
		if !errors.As(err, &incomplete) || !strings.Contains(err.Error(), "no apply of this plan continues it: step x of run once") {
			t.Errorf("%s: %v", attempt, err)
		}
		r.ExpectCommitted("c", 1)
	}
	st, err := reconcile.ReadStatus(t.Context(), reader, r.Sel())
	if err != nil || !strings.Contains(st.Steps[0].Replay, "The plan no longer has a step for memory:") ||
		strings.Contains(st.Steps[0].Replay, "The next apply continues") {
		t.Errorf("the status is %+v, %v", st.Steps, err)
	}
	sel := r.Sel()
	sel.Run = "two"
	p, err := reconcile.Plan(t.Context(), reader, sel)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: sel}); err == nil || res.Outcome != lock.RunApplied {
		t.Errorf("another run is %s, %v", res.Outcome, err)
	}
	settle(t, r, "x")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Errorf("after it was settled: %v", err)
	}
	if got := r.Outcomes(); got != "applied x=verified y=verified" {
		t.Errorf("the lock holds %q", got)
	}
}

// settle ends the replay of a step, or releases its consumers.
func settle(t *testing.T, r *plantest.Rig, id string) {
	t.Helper()
	h, err := lock.Open(t.Context(), r.Lock, lock.Options{Holder: "alice", Now: func() time.Time { return plantest.Now }})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.ResolveDoubt("once", id, nil, true, "alice", plantest.Now), h.Close(20)); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherResetOfItsTargetEndsAReplay has a plan that was changed during its replay, or
// another run, and is applied although it warns of that.
func TestAnotherResetOfItsTargetEndsAReplay(t *testing.T) {
	for _, run := range []string{"once", "two"} {
		r, _, _ := interrupted(t)
		reader := withReplay(r, "x a 0", schema.Until{Form: schema.UntilOffset, Offset: 3}, schema.ThenNothing)
		reading(r, 3, "a")
		for n := range 2 {
			r.Service.Commit("a", plantest.Orders(n), 4, nil)
		}
		sel := r.Sel()
		sel.Run = run
		p, err := reconcile.Plan(t.Context(), reader, sel)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: sel}); err != nil {
			t.Fatal(err)
		}
		f, err := lock.Read(t.Context(), r.Lock)
		if err != nil || len(f.Replays()) > 0 {
			t.Fatalf("run %s: replays that are not over: %+v, %v", run, f.Replays(), err)
		}
		s := f.Runs["once"].Steps[0]
		if want := "its replay was not finished: step x of run " + run + " has reset its target again"; !strings.HasSuffix(s.Why, want) {
			t.Errorf("run %s: the record of the first replay is %q, want %q", run, s.Why, want)
		}
		if outcome := f.Runs[run].Outcome; outcome != lock.RunApplied {
			t.Errorf("run %s is %s", run, outcome)
		}
	}
}

// TestResumeKeepsConsumersOfAReplayThatWasEnded has a program that was killed while the
// consumers were stopped at the end of the replay, and a person who ends the replay.
func TestResumeKeepsConsumersOfAReplayThatWasEnded(t *testing.T) {
	r, w, reader := replaying(t, "x a 1", schema.Until{Form: schema.UntilOffset, Offset: 2}, schema.ThenReturn)
	reading(r, 2, "a")
	applyWithoutStart(t, r, w, reader)
	w.FailStart = nil
	removed := withReplay(r, "y c 1", schema.Until{}, "")
	p, err := reconcile.Plan(t.Context(), removed, r.Sel())
	if err != nil || len(p.LeftReplaying) != 1 || !strings.Contains(p.LeftReplaying[0], "Its consumers are stopped (workload w) by tester@here since") {
		t.Errorf("planned %+v, %v", p.LeftReplaying, err)
	}
	settle(t, r, "x")
	if f, err := lock.Read(t.Context(), r.Lock); err != nil || len(f.Paused()) != 1 || len(f.Replays()) != 0 {
		t.Fatalf("after it was settled, stopped are %+v, %v", f.Paused(), err)
	}
	started, err := reconcile.StartPaused(t.Context(), removed, r.Sel())
	if err == nil || len(started) != 1 || !strings.Contains(started[0].Error, "if they are gone for good, `resetplan lock settle p.yaml x released` removes") {
		t.Errorf("resume without the step: %+v, %v", started, err)
	}
	if started, err := reconcile.StartPaused(t.Context(), reader, r.Sel()); err != nil || !started[0].Running {
		t.Errorf("resume: %+v, %v", started, err)
	}
	expectRunning(t, r, "a")
}
