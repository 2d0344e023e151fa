package plan

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

func TestApply(t *testing.T) {
	for name, c := range map[string]struct {
		steps   string
		options ApplyOptions
		before  func(*rig)
		want    string // the lock: the run's outcome, then each step's
		err     any    // nil, or the kind of error
	}{
		"two steps are carried out in order": {steps: "x a 1\ny b 1", want: "applied x=verified y=verified"},
		"a step that stands there is kept":   {steps: "x a 4", want: "applied x=keep"},
		"the needs of a step come first":     {steps: "x a 1 y\ny b 1", want: "applied y=verified x=verified"},
		"a refused part makes it incomplete": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.RefusePart(orders(1)) }, want: "failed x=failed y=not-run", err: new(*Incomplete)},
		"a lost answer is read back":         {steps: "x a 1", before: func(r *rig) { r.service.LoseAnswer() }, want: "applied x=verified"},
		"a service that throttles is waited for": {steps: "x a 1", before: func(r *rig) {
			r.service.FailReset(providers.ErrThrottled)
			r.asleep = func() { r.service.FailReset(nil) }
		}, want: "applied x=verified"},
		"a service that is away fails before anything is changed": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.FailReset(providers.ErrUnavailable) },
			want: "failed x=failed y=not-run", err: errors.New("nothing was changed")},
		"a refusal of the service is one": {steps: "x a 1", before: func(r *rig) { r.service.FailReset(providers.ErrPrecondition) }, want: "failed x=refused", err: new(*Refusal)},
		"a doubt stays where reading does not settle it": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.FailReset(providers.ErrInDoubt) },
			want: "in-doubt x=in-doubt y=not-run", err: new(*Incomplete)},
		"an effect that shows late is waited for": {steps: "x a 1", options: ApplyOptions{Settle: ptr(30 * time.Second)}, before: func(r *rig) { r.service.Hide(3) }, want: "applied x=verified"},
		"an effect that never shows is applied, not verified": {steps: "x a 1", options: ApplyOptions{Settle: ptr(3 * time.Second)}, before: func(r *rig) { r.service.Hide(99) },
			want: "applied x=applied"},
		"onError: continue goes on with what does not depend": {steps: "onError continue\nx a 1\ny b 1 x\nz c 1", before: func(r *rig) { r.service.RefusePart(orders(0)) },
			want: "failed x=failed z=verified y=not-run", err: new(*Incomplete)},
		"while one step is blocked nothing is sent": {steps: "x a 1\ny b 1", before: func(r *rig) { r.service.Activate("b") }, want: "", err: new(*Refusal)},
		"all at once, as far as needs allow":        {steps: "x a 1\ny b 1\nz c 1 x,y", options: ApplyOptions{Parallelism: 8}, want: "applied z=verified"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			if c.before != nil {
				c.before(r)
			}
			_, err := r.apply(r.open(c.steps), c.options)
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
			got := r.outcomes()
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
	r := newRig(t)
	rec := r.open("x a 1\ny b 1")
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	sent := r.service.Resets()
	r.service.Commit("a", orders(0), 3, nil)
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.service.Resets() != sent {
		t.Error("it was sent again")
	}
}

// breakOff applies a document with onError: undo, whose second step is refused
// on one part.
func (r *rig) breakOff() {
	r.t.Helper()
	rec := r.open("onError undo\nx a 1\ny b 1")
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending && e.Step == "y" {
			r.service.RefusePart(orders(1))
		}
	}
	_, err := r.apply(rec, ApplyOptions{})
	var partial *Incomplete
	if !errors.As(err, &partial) {
		r.t.Errorf("got %v", err)
	}
}

func TestOnErrorUndoTakesBackWhatWasDone(t *testing.T) {
	r := newRig(t)
	r.breakOff()
	r.stands("a", 4)
	r.stands("b", 4)
	if got := r.outcomes(); got != "failed x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestOnErrorUndoLeavesWhatAnEarlierApplyDid(t *testing.T) {
	r := newRig(t)
	if _, err := r.apply(r.open("onError undo\nx a 2"), ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.breakOff()
	r.stands("a", 2)
	r.stands("b", 4)
	if got := r.outcomes(); got != "failed x=verified x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACommitOverAResetIsTold(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1")
	p, err := rec.Plan(t.Context(), r.sel())
	if err != nil {
		t.Fatal(err)
	}
	r.service.Hide(1)
	r.asleep = func() { r.service.Commit("a", orders(0), 5, nil); r.service.Activate("a") }
	_, err = rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel(), Settle: ptr(10 * time.Second)})
	var partial *Incomplete
	if !errors.As(err, &partial) || !strings.Contains(err.Error(), "another client committed over it: orders/0 was set to offset:1 but is now at offset:5") || !strings.Contains(err.Error(), "client at host") {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "failed x=overwritten" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestAPlanThatIsOverAgeIsReadAgain(t *testing.T) {
	for name, c := range map[string]struct {
		between func(*rig)
		want    string
	}{
		"a commit that moved":  {func(r *rig) { r.service.Commit("a", orders(1), 3, nil) }, "orders/1 was at offset:4 when this was planned and is now at offset:3"},
		"a member that joined": {func(r *rig) { r.service.Activate("a") }, "the group is active"},
		"a topic re-created": {func(r *rig) {
			r.topic("another")
			for n := range 2 {
				r.service.Commit("a", orders(n), 4, nil)
			}
		}, "deleted and re-created"},
		"a log that was cut":        {func(r *rig) { r.service.Truncate(orders(0), 3) }, "records in the range have been deleted"},
		"nothing but a commit of b": {func(r *rig) { r.service.Commit("b", orders(1), 3, nil) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			rec := r.open("x a 1")
			p, err := rec.Plan(t.Context(), r.sel())
			if err != nil {
				t.Fatal(err)
			}
			c.between(r)
			r.now = r.now.Add(time.Hour)
			_, err = rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()})
			var refusal *Refusal
			if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
			if c.want != "" && (r.service.Resets() != 0 || r.outcomes() != "") {
				t.Error("something was sent or recorded")
			}
		})
	}
}

func TestUndoPutsBackWhatStoodThere(t *testing.T) {
	r := newRig(t)
	r.service.Commit("a", orders(0), 4, map[string]string{"metadata": "mine"})
	rec := r.open("x a 1\ny b 2")
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := rec.PlanUndo(t.Context(), r.sel())
	if err != nil {
		t.Fatal(err)
	}
	if p.Steps[0].ID != "y" || !p.Undo {
		t.Errorf("it does not begin with the newest: %s", p.Steps[0].ID)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 4)
	r.stands("b", 4)
	if got := r.outcomes(); got != "undone x=undone y=undone" {
		t.Errorf("the lock holds %q", got)
	}
	if _, err := r.apply(rec, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	r.stands("a", 1)
}

func TestAStopFinishesTheStepUnderWay(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1\ny b 1")
	stop := make(chan struct{})
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending && e.Step == "x" {
			close(stop)
		}
	}
	_, err := r.apply(rec, ApplyOptions{Stop: stop})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "interrupted x=verified y=not-run" {
		t.Errorf("the lock holds %q", got)
	}
}

func TestACancelBeforeTheServiceHasItIsNoDoubt(t *testing.T) {
	r := newRig(t)
	rec := r.open("x a 1")
	ctx, cancel := context.WithCancel(t.Context())
	p, err := rec.Plan(ctx, r.sel())
	if err != nil {
		t.Fatal(err)
	}
	release := r.service.Block()
	defer release()
	rec.world.Progress = func(e Event) {
		if e.Kind == Sending {
			cancel()
		}
	}
	if _, err = rec.Apply(ctx, p, ApplyOptions{Selection: r.sel()}); !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
	if got := r.outcomes(); got != "interrupted x=failed" {
		t.Errorf("the lock holds %q", got)
	}
}
