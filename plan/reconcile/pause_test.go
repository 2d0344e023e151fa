package reconcile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// pausing opens a document whose only step pauses its active group.
func pausing(t *testing.T) (*plantest.Rig, *survey.Reader) {
	t.Helper()
	r := plantest.New(t)
	r.Caps.CanPause = true
	r.Service.Activate("a")
	reader := r.Open("x a 1")
	reader.Doc.Steps[0].Idle.Pause = true
	return r, reader
}

func active(r *plantest.Rig) bool {
	r.T.Helper()
	reader := r.Open("x a 1")
	p, err := reconcile.Plan(r.T.Context(), reader, reconcile.Selection{Lock: r.Lock, Run: "look"})
	if err != nil {
		r.T.Fatal(err)
	}
	return p.Steps[0].Activity == "active"
}

func TestStepPausesResetsAndStarts(t *testing.T) {
	r, reader := pausing(t)
	p, err := reconcile.Plan(t.Context(), reader, r.Sel())
	if err != nil || !p.Steps[0].Pauses || p.Steps[0].Action != plan.Reset || !active(r) {
		t.Fatalf("planned %+v, %v", p.Steps[0], err)
	}
	if _, err := reconcile.Apply(t.Context(), reader, p, reconcile.ApplyOptions{Selection: r.Sel()}); err != nil {
		t.Fatal(err)
	}
	if got := r.Outcomes(); got != "applied x=verified" || !active(r) {
		t.Errorf("the lock holds %q, and its consumers are active: %v", got, active(r))
	}
}

func TestFailedPauseSendsNothing(t *testing.T) {
	r, reader := pausing(t)
	r.Service.FailPause(providers.ErrPrecondition)
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	if err == nil || !strings.Contains(err.Error(), "could not be paused") || r.Service.Resets() != 0 || !active(r) {
		t.Errorf("got %v, after %d resets", err, r.Service.Resets())
	}
}

func TestConsumersAreStartedAfterAFailedReset(t *testing.T) {
	r, reader := pausing(t)
	r.Service.FailReset(providers.ErrDenied)
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	var part *plan.Incomplete
	if !errors.As(err, &part) || !active(r) {
		t.Errorf("got %v; active: %v", err, active(r))
	}
}

func TestFailedStartIsReportedAndRecorded(t *testing.T) {
	r, reader := pausing(t)
	r.Service.FailStart(providers.ErrUnavailable)
	_, err := r.Apply(reader, reconcile.ApplyOptions{})
	var part *plan.Incomplete
	if !errors.As(err, &part) || !strings.Contains(err.Error(), "THE PIPELINE IS STILL PAUSED: restarting it failed") {
		t.Fatalf("got %v", err)
	}
	f, err := lock.Read(t.Context(), r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Runs["once"].ByID("x")
	if s.Outcome != lock.Verified || s.Paused == nil || !strings.Contains(s.Paused.Why, "restarting it failed") || len(s.Parts) != 2 {
		t.Errorf("the lock holds %+v", s)
	}
}
