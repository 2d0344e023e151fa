package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		steps   string
		options reconcile.ApplyOptions
		before  func(*plantest.Rig)
		want    string // the lock: the run's outcome, then each step's
		err     any    // nil, or the kind of error
	}{
		"two steps are applied in order": {steps: "x a 1\ny b 1", want: "applied x=verified y=verified"},
		"a step at its target is kept":   {steps: "x a 4", want: "applied x=keep"},
		"a needed step comes first":      {steps: "x a 1 y\ny b 1", want: "applied y=verified x=verified"},
		"a refused partition makes the apply incomplete": {steps: "x a 1\ny b 1",
			before: func(r *plantest.Rig) { r.Service.RefusePart(plantest.Orders(1)) }, want: "failed x=failed y=not-run",
			err: new(*plan.Incomplete)},
		"a lost answer is read back": {steps: "x a 1", before: func(r *plantest.Rig) { r.Service.LoseAnswer() }, want: "applied x=verified"},
		"a throttled reset is retried": {steps: "x a 1", before: func(r *plantest.Rig) {
			r.Service.FailReset(providers.ErrThrottled)
			r.Asleep = func() { r.Service.FailReset(nil) }
		}, want: "applied x=verified"},
		"an unavailable service changes nothing": {steps: "x a 1\ny b 1",
			before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrUnavailable) },
			want:   "failed x=failed y=not-run", err: errors.New("nothing was changed")},
		"a refusal by the service is a refusal": {steps: "x a 1", before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrPrecondition) },
			want: "failed x=refused", err: new(*plan.Refusal)},
		"a doubt remains if a reading does not resolve it": {steps: "x a 1\ny b 1",
			before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrInDoubt) },
			want:   "in-doubt x=in-doubt y=not-run", err: new(*plan.Incomplete)},
		"a delayed effect is waited for": {steps: "x a 1", options: reconcile.ApplyOptions{Settle: ptr(30 * time.Second)},
			before: func(r *plantest.Rig) { r.Service.Hide(3) }, want: "applied x=verified"},
		"an invisible effect is applied, not verified": {steps: "x a 1", options: reconcile.ApplyOptions{Settle: ptr(3 * time.Second)},
			before: func(r *plantest.Rig) { r.Service.Hide(99) },
			want:   "applied x=applied"},
		"onError: continue runs the independent steps": {steps: "onError continue\nx a 1\ny b 1 x\nz c 1",
			before: func(r *plantest.Rig) { r.Service.RefusePart(plantest.Orders(0)) },
			want:   "failed x=failed z=verified y=not-run", err: new(*plan.Incomplete)},
		"a blocked step stops everything": {steps: "x a 1\ny b 1", before: func(r *plantest.Rig) { r.Service.Activate("b") }, want: "",
			err: new(*plan.Refusal)},
		"in parallel as far as needs allow": {steps: "x a 1\ny b 1\nz c 1 x,y", options: reconcile.ApplyOptions{Parallelism: 8},
			want: "applied z=verified"},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			if c.before != nil {
				c.before(r)
			}
			_, err := r.Apply(r.Open(c.steps), c.options)
			switch want := c.err.(type) {
			case nil:
				if err != nil {
					t.Fatal(err)
				}
			case error:
				if err == nil || !strings.Contains(err.Error(), want.Error()) {
					t.Errorf("got %v", err)
				}
			default:
				if err == nil || !errors.As(err, want) {
					t.Errorf("got %T %v", err, err)
				}
			}
			got := r.Outcomes()
			if c.options.Parallelism > 1 {
				got = "applied " + got[strings.LastIndexByte(got, ' ')+1:]
			}
			if got != c.want {
				t.Errorf("the lock holds %q, want %q", got, c.want)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestASecondApplySendsNothing(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("x a 1\ny b 1")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	sent := r.Service.Resets()
	r.Service.Commit("a", plantest.Orders(0), 3, nil)
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.Service.Resets() != sent {
		t.Error("a reset was sent again")
	}
}

// applyAndFail applies a document with onError: undo, whose second step is refused
// on one partition.
func applyAndFail(r *plantest.Rig) {
	r.T.Helper()
	reader := r.Open("onError undo\nx a 1\ny b 1")
	reader.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending && e.Step == "y" {
			r.Service.RefusePart(plantest.Orders(1))
		}
	}
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	var partial *plan.Incomplete
	if !errors.As(err, &partial) {
		r.T.Errorf("got %v", err)
	}
}

func TestOnErrorUndoRollsBackAppliedSteps(t *testing.T) {
	r := plantest.New(t)
	applyAndFail(r)
	r.ExpectCommitted("a", 4)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "failed x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestOnErrorUndoKeepsStepsOfAnEarlierApply(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("onError undo\nx a 2"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	applyAndFail(r)
	r.ExpectCommitted("a", 2)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "failed x=verified x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestCommitOverAResetIsReported(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("x a 1")
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	r.Service.Hide(1)
	r.Asleep = func() { r.Service.Commit("a", plantest.Orders(0), 5, nil); r.Service.Activate("a") }
	_, err = reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel(), Settle: ptr(10 * time.Second)})
	var partial *plan.Incomplete
	if !errors.As(err, &partial) || !strings.Contains(err.Error(), "another client committed over it: orders/0 was set to offset:1 but is now "+
		"at offset:5") || !strings.Contains(err.Error(), "client at host") {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "failed x=overwritten" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestOldReadingIsRepeatedBeforeSending(t *testing.T) {
	for name, c := range map[string]struct {
		between func(*plantest.Rig)
		want    string
	}{
		"a commit that moved": {func(r *plantest.Rig) { r.Service.Commit("a", plantest.Orders(1), 3, nil) },
			"orders/1 was at offset:4 when this was planned and is now at offset:3"},
		"a member that joined": {func(r *plantest.Rig) { r.Service.Activate("a") }, "the group is active"},
		"a re-created topic": {func(r *plantest.Rig) {
			r.Topic("another")
			for n := range 2 {
				r.Service.Commit("a", plantest.Orders(n), 4, nil)
			}
		}, "deleted and re-created"},
		"a truncated log": {func(r *plantest.Rig) { r.Service.Truncate(plantest.Orders(0), 3) },
			"records in the range have been deleted"},
		"only a commit of another group": {func(r *plantest.Rig) { r.Service.Commit("b", plantest.Orders(1), 3, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			reader := r.Open("x a 1")
			p, err := reconcile.Plan(t.Context(), reader, r.Sel())
			if err != nil {
				t.Fatal(err)
			}
			c.between(r)
			r.Now = r.Now.Add(time.Hour)
			_, err = reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()})
			var refusal *plan.Refusal
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
			if c.want != "" && (r.Service.Resets() != 0 || r.Outcomes() != "") {
				t.Error("something was sent or recorded")
			}
		})
	}
}

func TestUndoRestoresPreviousPositions(t *testing.T) {
	r := plantest.New(t)
	r.Service.Commit("a", plantest.Orders(0), 4, map[string]string{"metadata": "mine"})
	reader := r.Open("x a 1\ny b 2")
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.PlanUndo(t.Context(), reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if p.Steps[0].ID != "y" || !p.Undo {
		t.Errorf("the first step is %s, not the newest", p.Steps[0].ID)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "undone x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 1)
}

func TestStopFinishesTheCurrentStep(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("x a 1\ny b 1")
	stop := make(chan struct{})
	reader.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending && e.Step == "x" {
			close(stop)
		}
	}
	_, err := r.Apply(reader, reconcile.ApplyOptions{Stop: stop})
	if !errors.Is(err, reconcile.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "interrupted x=verified y=not-run" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestCancelBeforeTheRequestIsSentIsNotInDoubt(t *testing.T) {
	r := plantest.New(t)
	reader := r.Open("x a 1")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := reconcile.Plan(ctx, reader, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	release := r.Service.Block()
	defer release()
	reader.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending {
			cancel()
		}
	}
	if _, err = reconcile.Apply(ctx, reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); !errors.Is(err, reconcile.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "interrupted x=failed" {
		t.Errorf("the lock holds %q", got)
	}
}
