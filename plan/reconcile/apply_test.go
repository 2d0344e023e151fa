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
		"two steps are carried out in order": {steps: "x a 1\ny b 1", want: "applied x=verified y=verified"},
		"a step that stands there is kept":   {steps: "x a 4", want: "applied x=keep"},
		"the needs of a step come first":     {steps: "x a 1 y\ny b 1", want: "applied y=verified x=verified"},
		"a refused part makes it incomplete": {steps: "x a 1\ny b 1", before: func(r *plantest.Rig) { r.Service.RefusePart(plantest.Orders(1)) }, want: "failed x=failed y=not-run", err: new(*plan.Incomplete)},
		"a lost answer is read back":         {steps: "x a 1", before: func(r *plantest.Rig) { r.Service.LoseAnswer() }, want: "applied x=verified"},
		"a service that throttles is waited for": {steps: "x a 1", before: func(r *plantest.Rig) {
			r.Service.FailReset(providers.ErrThrottled)
			r.Asleep = func() { r.Service.FailReset(nil) }
		}, want: "applied x=verified"},
		"a service that is away fails before anything is changed": {steps: "x a 1\ny b 1", before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrUnavailable) },
			want: "failed x=failed y=not-run", err: errors.New("nothing was changed")},
		"a refusal of the service is one": {steps: "x a 1", before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrPrecondition) }, want: "failed x=refused", err: new(*plan.Refusal)},
		"a doubt stays where reading does not settle it": {steps: "x a 1\ny b 1", before: func(r *plantest.Rig) { r.Service.FailReset(providers.ErrInDoubt) },
			want: "in-doubt x=in-doubt y=not-run", err: new(*plan.Incomplete)},
		"an effect that shows late is waited for": {steps: "x a 1", options: reconcile.ApplyOptions{Settle: ptr(30 * time.Second)}, before: func(r *plantest.Rig) { r.Service.Hide(3) }, want: "applied x=verified"},
		"an effect that never shows is applied, not verified": {steps: "x a 1", options: reconcile.ApplyOptions{Settle: ptr(3 * time.Second)}, before: func(r *plantest.Rig) { r.Service.Hide(99) },
			want: "applied x=applied"},
		"onError: continue goes on with what does not depend": {steps: "onError continue\nx a 1\ny b 1 x\nz c 1", before: func(r *plantest.Rig) { r.Service.RefusePart(plantest.Orders(0)) },
			want: "failed x=failed z=verified y=not-run", err: new(*plan.Incomplete)},
		"while one step is blocked nothing is sent": {steps: "x a 1\ny b 1", before: func(r *plantest.Rig) { r.Service.Activate("b") }, want: "", err: new(*plan.Refusal)},
		"all at once, as far as needs allow":        {steps: "x a 1\ny b 1\nz c 1 x,y", options: reconcile.ApplyOptions{Parallelism: 8}, want: "applied z=verified"},
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
	rec := r.Open("x a 1\ny b 1")
	if _, err := r.Apply(rec, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	sent := r.Service.Resets()
	r.Service.Commit("a", plantest.Orders(0), 3, nil)
	if _, err := r.Apply(rec, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.Service.Resets() != sent {
		t.Error("it was sent again")
	}
}

// breakOff applies a document with onError: undo, whose second step is refused
// on one part.
func breakOff(r *plantest.Rig) {
	r.T.Helper()
	rec := r.Open("onError undo\nx a 1\ny b 1")
	rec.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending && e.Step == "y" {
			r.Service.RefusePart(plantest.Orders(1))
		}
	}
	_, err := r.Apply(rec, reconcile.ApplyOptions{})
	var partial *plan.Incomplete
	if !errors.As(err, &partial) {
		r.T.Errorf("got %v", err)
	}
}

func TestOnErrorUndoTakesBackWhatWasDone(t *testing.T) {
	r := plantest.New(t)
	breakOff(r)
	r.ExpectCommitted("a", 4)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "failed x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestOnErrorUndoLeavesWhatAnEarlierApplyDid(t *testing.T) {
	r := plantest.New(t)
	if _, err := r.Apply(r.Open("onError undo\nx a 2"), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	breakOff(r)
	r.ExpectCommitted("a", 2)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "failed x=verified x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACommitOverAResetIsTold(t *testing.T) {
	r := plantest.New(t)
	rec := r.Open("x a 1")
	p, err := reconcile.Plan(t.Context(), rec, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	r.Service.Hide(1)
	r.Asleep = func() { r.Service.Commit("a", plantest.Orders(0), 5, nil); r.Service.Activate("a") }
	_, err = reconcile.Apply(t.Context(), rec, p, reconcile.ApplyOptions{Selection: r.Sel(), Settle: ptr(10 * time.Second)})
	var partial *plan.Incomplete
	if !errors.As(err, &partial) || !strings.Contains(err.Error(), "another client committed over it: orders/0 was set to offset:1 but is now at offset:5") || !strings.Contains(err.Error(), "client at host") {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "failed x=overwritten" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestAPlanThatIsOverAgeIsReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		between func(*plantest.Rig)
		want    string
	}{
		"a commit that moved":  {func(r *plantest.Rig) { r.Service.Commit("a", plantest.Orders(1), 3, nil) }, "orders/1 was at offset:4 when this was planned and is now at offset:3"},
		"a member that joined": {func(r *plantest.Rig) { r.Service.Activate("a") }, "the group is active"},
		"a topic re-created": {func(r *plantest.Rig) {
			r.Topic("another")
			for n := range 2 {
				r.Service.Commit("a", plantest.Orders(n), 4, nil)
			}
		}, "deleted and re-created"},
		"a log that was cut":        {func(r *plantest.Rig) { r.Service.Truncate(plantest.Orders(0), 3) }, "records in the range have been deleted"},
		"nothing but a commit of b": {func(r *plantest.Rig) { r.Service.Commit("b", plantest.Orders(1), 3, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := plantest.New(t)
			rec := r.Open("x a 1")
			p, err := reconcile.Plan(t.Context(), rec, r.Sel())
			if err != nil {
				t.Fatal(err)
			}
			c.between(r)
			r.Now = r.Now.Add(time.Hour)
			_, err = reconcile.Apply(t.Context(), rec, p, reconcile.ApplyOptions{Selection: r.Sel()})
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

func TestUndoPutsBackWhatStoodThere(t *testing.T) {
	r := plantest.New(t)
	r.Service.Commit("a", plantest.Orders(0), 4, map[string]string{"metadata": "mine"})
	rec := r.Open("x a 1\ny b 2")
	if _, err := r.Apply(rec, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := reconcile.PlanUndo(t.Context(), rec, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	if p.Steps[0].ID != "y" || !p.Undo {
		t.Errorf("it does not begin with the newest: %s", p.Steps[0].ID)
	}
	if _, err := reconcile.Apply(t.Context(), rec, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 4)
	r.ExpectCommitted("b", 4)
	if got := r.Outcomes(); got != "undone x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if _, err := r.Apply(rec, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.ExpectCommitted("a", 1)
}

func TestAStopFinishesTheStepUnderWay(t *testing.T) {
	r := plantest.New(t)
	rec := r.Open("x a 1\ny b 1")
	stop := make(chan struct{})
	rec.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending && e.Step == "x" {
			close(stop)
		}
	}
	_, err := r.Apply(rec, reconcile.ApplyOptions{Stop: stop})
	if !errors.Is(err, reconcile.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "interrupted x=verified y=not-run" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACancelBeforeTheServiceHasItIsNoDoubt(t *testing.T) {
	r := plantest.New(t)
	rec := r.Open("x a 1")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := reconcile.Plan(ctx, rec, r.Sel())
	if err != nil {
		t.Fatal(err)
	}
	release := r.Service.Block()
	defer release()
	rec.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending {
			cancel()
		}
	}
	if _, err = reconcile.Apply(ctx, rec, p, reconcile.ApplyOptions{Selection: r.Sel()}); !errors.Is(err, reconcile.ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.Outcomes(); got != "interrupted x=failed" {
		t.Errorf("the lock holds %q", got)
	}
}
