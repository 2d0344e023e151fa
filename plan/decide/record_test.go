package decide_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

func TestWhatWasDoneOnALogThatIsGoneIsTold(t *testing.T) {
	q := asking(schema.To{Form: schema.ToOffset, Offset: 100})
	q.Record = recorded(lock.Verified, 0, 300, 100)
	q.Record.Parts[0].LogID = "older"
	s := decide.Diff(q, plantest.Idle(plantest.At(0, 0, 300, 500)))
	if s.Action != plan.Blocked || !strings.Contains(s.Why, "deleted and re-created since") {
		t.Errorf("got %s, warnings %v", s.Action, s.Warnings)
	}
}

// TestAnEffectThatShowsLateIsNotSentTwice looks, within and after the time
// that an effect may take to show, at a step that was cut off.
func TestAnEffectThatShowsLateIsNotSentTwice(t *testing.T) {
	for age, want := range map[time.Duration]string{10 * time.Second: "blocked", 40 * time.Second: "reset"} {
		q := asking(schema.To{Form: schema.ToOffset, Offset: 100})
		q.Capabilities.Settle = 30 * time.Second
		q.Record = recorded(lock.InDoubt, 0, 300, 100)
		q.Now = plantest.Now.Add(age)
		s := decide.Diff(q, plantest.Idle(plantest.At(0, 0, 300, 500)))
		if string(s.Action) != want || s.InDoubt != (want == "blocked") {
			t.Errorf("after %s: %s, in doubt %v: %s", age, s.Action, s.InDoubt, s.Why)
		}
	}
}

// TestAStepThatIsBeingSentIsNotSettled reads, in the middle of an apply, what
// looks like one that was cut off.
func TestAStepThatIsBeingSentIsNotSettled(t *testing.T) {
	for committed, undo := range map[int64]bool{100: false, 300: false, 200: true} {
		q := asking(schema.To{Form: schema.ToOffset, Offset: 100})
		q.Record, q.Holder, q.Undo = recorded(lock.InDoubt, 0, 300, 100), "p.lock.journal is held by alice", undo
		s := decide.Diff(q, plantest.Idle(plantest.At(0, 0, committed, 500)))
		if s.Action != plan.Blocked || s.InDoubt || !strings.Contains(s.Why, "held by alice, which is sending it now") {
			t.Errorf("at %d: %s, in doubt %v: %s", committed, s.Action, s.InDoubt, s.Why)
		}
	}
}

func recorded(o lock.Outcome, part int, before, after int64) *lock.Step {
	return &lock.Step{ID: "s", Digest: "d", Outcome: o, At: lock.AtTime(plantest.Now), Parts: []lock.Part{{Part: plantest.Orders(part), Before: providers.AtOffset(before), After: providers.AtOffset(after), High: providers.AtOffset(500), LogID: "log"}}}
}
