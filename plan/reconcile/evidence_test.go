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
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// blind opens a document whose step pauses its active group, on a service that reports
// no positions, but sums while consumers run. Group a is committed at 4 of 6 records
// in each of two partitions.
func blind(t *testing.T) (*plantest.Rig, *survey.Reader) {
	t.Helper()
	r := plantest.New(t)
	r.Caps.CanPause = true
	r.Caps.Moves = map[providers.Kind]providers.Grain{providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget}
	r.Caps.Resolves, r.Caps.Reads, r.Caps.Bounds, r.Caps.Undo = nil, providers.No, providers.No, providers.No
	r.Service.Activate("a")
	r.To = schema.To{Form: schema.ToEarliest}
	return r, blindReader(r)
}

func blindReader(r *plantest.Rig) *survey.Reader {
	reader := r.Open("x a 0")
	reader.Doc.Steps[0].Idle.Pause = true
	return reader
}

func recorded(t *testing.T, r *plantest.Rig) *lock.Step {
	t.Helper()
	f, err := lock.Read(t.Context(), r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	return f.Runs["once"].ByID("x")
}

// TestEvidenceDecides: only a lower offset makes the reset verified.
func TestEvidenceDecides(t *testing.T) {
	now := time.Duration(0)
	for name, c := range map[string]struct {
		to      schema.To
		arrange func(*plantest.Rig)
		outcome lock.Outcome
		why     string
		after   int64 // -1 = none
	}{
		"moved back": {schema.To{Form: schema.ToEarliest}, func(*plantest.Rig) {}, lock.Verified,
			"the offset went back: offset 8 with a lag of 4 before the pause; offset 0 with a lag of 12 after the start (sums over all partitions of orders)", 0},
		"moved forward": {schema.To{Form: schema.ToLatest}, func(*plantest.Rig) {}, lock.Applied, "the offset did not go back, so the effect of the reset is unknown", 12},
		"no sums at all": {schema.To{Form: schema.ToEarliest}, func(r *plantest.Rig) { r.Service.Unobserved(true) }, lock.Applied,
			"nor did it report an offset before the pause", -1},
		"no newer sums": {schema.To{Form: schema.ToEarliest}, func(r *plantest.Rig) { r.Service.UnobservedAfter(1) }, lock.Applied,
			"nothing newer after the start. To wait longer for newer figures, apply with --settle 5m", -1},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := blind(t)
			r.To = c.to
			c.arrange(r)
			reader := blindReader(r)
			if c.to.Form == schema.ToLatest {
				reader.Doc.Steps[0].Guards.MaxSkip = &schema.Limit{Unlimited: true}
			}
			if _, err := r.Apply(reader, reconcile.ApplyOptions{Settle: &now}); err != nil {
				t.Fatal(err)
			}
			s := recorded(t, r)
			if s.Outcome != c.outcome || !strings.Contains(s.Why, c.why) || s.Paused != nil {
				t.Errorf("the lock holds %s: %s", s.Outcome, s.Why)
			}
			switch e := s.Evidence; {
			case c.after >= 0 && (e == nil || e.Before.Offset != 8 || e.After == nil || e.After.Offset != c.after),
				c.after < 0 && e != nil && e.After != nil:
				t.Errorf("the lock holds the evidence %+v", e)
			}
		})
	}
}

// TestEvidenceIsWaitedFor: a service may report newer sums only some time after the start.
func TestEvidenceIsWaitedFor(t *testing.T) {
	r, reader := blind(t)
	r.Service.UnobservedAfter(1)
	slept := 0
	r.Asleep = func() {
		if slept++; slept == 3 {
			r.Service.Unobserved(false)
		}
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if s := recorded(t, r); s.Outcome != lock.Verified || slept != 3 {
		t.Errorf("after %d waits the lock holds %s: %s", slept, s.Outcome, s.Why)
	}
}

// TestEvidenceResolvesALostAnswer: that the offset went back proves a reset whose
// answer was lost.
func TestEvidenceResolvesALostAnswer(t *testing.T) {
	r, reader := blind(t)
	r.Service.LoseAnswer()
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if s := recorded(t, r); s.Outcome != lock.Verified || !strings.Contains(s.Why, "the answer to the reset was lost; it took effect") {
		t.Errorf("the lock holds %s: %s", s.Outcome, s.Why)
	}
}

// TestEvidenceOutlivesAFailedStart: the sums from before the pause are in the lock, and
// decide when the next apply starts the consumers.
func TestEvidenceOutlivesAFailedStart(t *testing.T) {
	r, reader := blind(t)
	r.Service.FailStart(providers.ErrDenied)
	var part *plan.Incomplete
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); !errors.As(err, &part) {
		t.Fatalf("got %v", err)
	}
	if s := recorded(t, r); s.Outcome != lock.Applied || s.Paused == nil || s.Evidence == nil || s.Evidence.Before.Offset != 8 {
		t.Fatalf("the lock holds %+v", s)
	}
	r.Service.FailStart(nil)
	if _, err := r.Apply(blindReader(r), reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if s := recorded(t, r); s.Outcome != lock.Verified || s.Paused != nil || s.Evidence.After == nil || r.Service.Resets() != 1 {
		t.Errorf("after %d resets the lock holds %+v", r.Service.Resets(), s)
	}
}

// TestEvidenceIsInTheLockBeforeThePause: an apply that is killed at any later moment
// leaves the sums from before the pause in the lock.
func TestEvidenceIsInTheLockBeforeThePause(t *testing.T) {
	r, reader := blind(t)
	seen := map[survey.EventKind]int{}
	reader.Deps.Progress = func(e survey.Event) {
		if e.Kind == survey.Sending || e.Kind == survey.Waiting {
			if s := recorded(t, r); s.Paused == nil || s.Evidence == nil || s.Evidence.Before.Offset != 8 {
				t.Errorf("at %q the lock holds %+v", e.Text, s)
			}
			seen[e.Kind]++
		}
	}
	if _, err := r.Apply(reader, reconcile.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if seen[survey.Sending] != 1 || seen[survey.Waiting] != 2 {
		t.Errorf("reported %v", seen)
	}
}
