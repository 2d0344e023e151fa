package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// pausing opens a document whose one step pauses its live group.
func pausing(t *testing.T) (*rig, *Reconciler) {
	t.Helper()
	r := newRig(t)
	r.caps.CanPause = true
	r.service.Activate("a")
	rec := r.open("x a 1")
	rec.doc.Steps[0].Idle.Pause = true
	return r, rec
}

func (r *rig) alive() bool {
	r.t.Helper()
	rec := r.open("x a 1")
	p, err := rec.Plan(r.t.Context(), Selection{Lock: r.lock, Run: "look"})
	if err != nil {
		r.t.Fatal(err)
	}
	return p.Steps[0].Activity == "active"
}

func TestAStepThatPausesResetsAndStartsAgain(t *testing.T) {
	r, rec := pausing(t)
	p, err := rec.Plan(t.Context(), r.sel())
	if err != nil || !p.Steps[0].Pauses || p.Steps[0].Action != Reset || !r.alive() {
		t.Fatalf("planned %+v, %v", p.Steps[0], err)
	}
	if _, err := rec.Apply(t.Context(), p, ApplyOptions{Selection: r.sel()}); err != nil {
		t.Fatal(err)
	}
	if got := r.outcomes(); got != "applied x=verified" || !r.alive() {
		t.Errorf("the lock holds %q, and its consumers are alive: %v", got, r.alive())
	}
}

func TestAPauseThatFailsSendsNothing(t *testing.T) {
	r, rec := pausing(t)
	r.service.FailPause(providers.ErrPrecondition)
	_, err := r.apply(rec, ApplyOptions{})
	if err == nil || !strings.Contains(err.Error(), "could not be paused") || r.service.Resets() != 0 || !r.alive() {
		t.Errorf("got %v, after %d resets", err, r.service.Resets())
	}
}

// TestWhatWasPausedIsStartedWhateverHappens lets the reset itself fail.
func TestWhatWasPausedIsStartedWhateverHappens(t *testing.T) {
	r, rec := pausing(t)
	r.service.FailReset(providers.ErrDenied)
	_, err := r.apply(rec, ApplyOptions{})
	var part *Incomplete
	if !errors.As(err, &part) || !r.alive() {
		t.Errorf("got %v; alive: %v", err, r.alive())
	}
}

func TestAStartThatFailsIsAsLoudAsTheReset(t *testing.T) {
	r, rec := pausing(t)
	r.service.FailStart(providers.ErrUnavailable)
	_, err := r.apply(rec, ApplyOptions{})
	var part *Incomplete
	if !errors.As(err, &part) || !strings.Contains(err.Error(), "THE PIPELINE IS STILL PAUSED: restarting it failed") {
		t.Fatalf("got %v", err)
	}
	f, err := lock.Read(r.lock)
	if err != nil {
		t.Fatal(err)
	}
	s := f.Runs["once"].ByID("x")
	if s.Outcome != lock.Verified || s.Paused == nil || !strings.Contains(s.Paused.Why, "restarting it failed") || len(s.Parts) != 2 {
		t.Errorf("the lock holds %+v", s)
	}
}
