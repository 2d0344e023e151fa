package plan

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// TestPrecondition repeats the table of package plan row by row, and again
// with idle and active exchanged.
func TestPrecondition(t *testing.T) {
	const idleState, activeState, unknown = providers.Idle, providers.Active, providers.UnknownState
	for _, c := range []struct {
		name            string
		trust           providers.Trust
		reported        providers.State
		plain, promised string // actions without a promise and with one
		why             string // of the promised one
	}{
		{"exact and as wanted", providers.Exact, idleState, "reset", "reset", ""},
		{"exact and not as wanted", providers.Exact, activeState, "blocked", "blocked", "does not beat a known fact"},
		{"inferred and as wanted", providers.Inferred, idleState, "reset", "reset", "inferred from"},
		{"inferred and not as wanted", providers.Inferred, activeState, "blocked", "reset", "promise"},
		{"not told", providers.No, unknown, "blocked", "reset", "promise"},
		{"told exactly by the service but not for this group", providers.Exact, unknown, "blocked", "reset", "promise"},
	} {
		for _, needs := range []providers.State{idleState, activeState} {
			t.Run(c.name+", wanting "+needs.String(), func(t *testing.T) {
				reported := c.reported
				if needs == activeState && reported != unknown {
					reported = idleState + activeState - reported
				}
				for promised, want := range map[bool]string{false: c.plain, true: c.promised} {
					q := asking(schema.To{Form: schema.ToEarliest})
					q.Capabilities.Needs, q.Capabilities.Activity = needs, c.trust
					q.Step.Idle.Assume = promised
					snapshot := idle(at(0, 0, 300, 500))
					snapshot.Activity = providers.Activity{State: reported, Why: "a hint"}
					s := Diff(q, snapshot)
					if string(s.Action) != want {
						t.Errorf("with promise %v: %s, want %s (%s)", promised, s.Action, want, s.Why)
					}
					if promised && !strings.Contains(s.Why, c.why) {
						t.Errorf("it does not tell %q, but: %s", c.why, s.Why)
					}
					if s.Action == Blocked && s.Why == "" {
						t.Error("it is blocked without a word")
					}
				}
			})
		}
	}
}
