package decide_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// TestPrecondition repeats the table of precondition.go row by row, and again
// with idle and active exchanged.
func TestPrecondition(t *testing.T) {
	const idleState, activeState, unknown = providers.Idle, providers.Active, providers.UnknownState
	for _, c := range []struct {
		name            string
		trust           providers.Trust
		reported        providers.State
		plain, promised string // actions without a promise and with one
		why             string // contained in Why with the promise
	}{
		{"exact and as needed", providers.Exact, idleState, "reset", "reset", ""},
		{"exact and not as needed", providers.Exact, activeState, "blocked", "blocked", "cannot override that"},
		{"inferred and as needed", providers.Inferred, idleState, "reset", "reset", "inferred from"},
		{"inferred and not as needed", providers.Inferred, activeState, "blocked", "reset", "promise"},
		{"not reported", providers.No, unknown, "blocked", "reset", "promise"},
		{"reported exactly, but not for this group", providers.Exact, unknown, "blocked", "reset", "promise"},
	} {
		for _, needs := range []providers.State{idleState, activeState} {
			t.Run(c.name+", needs "+needs.String(), func(t *testing.T) {
				reported := c.reported
				if needs == activeState && reported != unknown {
					reported = idleState + activeState - reported
				}
				for promised, want := range map[bool]string{false: c.plain, true: c.promised} {
					q := question(schema.To{Form: schema.ToEarliest})
					q.Capabilities.Needs, q.Capabilities.Activity = needs, c.trust
					q.Step.Idle.Assume = promised
					snapshot := plantest.Idle(plantest.At(0, 0, 300, 500))
					snapshot.Activity = providers.Activity{State: reported, Why: "a hint"}
					s := decide.Diff(q, snapshot).Step
					if string(s.Action) != want {
						t.Errorf("with promise %v: %s, want %s (%s)", promised, s.Action, want, s.Why)
					}
					if promised && !strings.Contains(s.Why, c.why) {
						t.Errorf("%q is not in: %s", c.why, s.Why)
					}
					if s.Action == plan.Blocked && s.Why == "" {
						t.Error("it is blocked without a reason")
					}
				}
			})
		}
	}
}

// TestSeveralReasonsReadAsSentences expects every reason but the first to start
// with a capital letter, except names, and a missing name to be followed by the
// existing ones.
func TestSeveralReasonsReadAsSentences(t *testing.T) {
	many := []string{"g", "f", "e", "d", "c", "b", "a"}
	for name, c := range map[string]struct {
		missing []providers.Missing
		offset  int64
		state   providers.State
		want    string
	}{
		"the first starts with a small letter": {[]providers.Missing{{What: "topic", Name: "nosuch", Known: many[6:]}}, 100, providers.Idle,
			`topic "nosuch" not found. Correct the name: the service lists "a".`},
		"a similar name replaces the list": {[]providers.Missing{{What: "topic", Name: "ordrs", Known: []string{"a", "orders"}}}, 100, providers.Idle,
			`topic "ordrs" not found (did you mean "orders"?).`},
		"a long list is shortened": {[]providers.Missing{{What: "logstore", Name: "nosuch", Known: many}}, 100, providers.Idle,
			`logstore "nosuch" not found. Correct the name: the service lists "a", "b", "c", "d", "e", and 2 more.`},
		"no existing names": {[]providers.Missing{{What: "topic", Name: "nosuch"}}, 100, providers.Idle,
			`topic "nosuch" not found. Correct the name.`},
		"numbers and consumers": {[]providers.Missing{{What: "partition", Name: "orders/7"}, {What: "partition", Name: "orders/8"}}, 100,
			providers.Active,
			`partition "orders/7-8" not found. Correct the number, or leave partitions out to mean all. ` +
				`The group is active: a hint. Stop its consumers, or let apply wait for them with --wait 5m: a live consumer would commit over the reset.`},
		"a name keeps its first letter": {[]providers.Missing{{What: "topic", Name: "nosuch", Known: many[6:]}}, 999, providers.Idle,
			`topic "nosuch" not found. Correct the name: the service lists "a". ` +
				`orders/0 cannot go to offset:999, past the end of the log, offset:500. Choose an offset up to that, or set guards: {clamp: true}.`},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := plantest.Idle(plantest.At(0, 0, 300, 500))
			snapshot.Missing, snapshot.Activity = c.missing, providers.Activity{State: c.state, Why: "a hint"}
			if s := decide.Diff(question(schema.To{Form: schema.ToOffset, Offset: c.offset}), snapshot).Step; s.Why != c.want {
				t.Errorf("got  %s\nwant %s", s.Why, c.want)
			}
		})
	}
}

// TestAMissingTargetIsOnlyMissing adds no remedy that cannot help: neither a promise
// about its consumers nor a guard.
func TestAMissingTargetIsOnlyMissing(t *testing.T) {
	unknown := providers.Activity{Why: "the service does not report it"}
	for name, c := range map[string]struct {
		kind string
		snap providers.Snapshot
		want string
	}{
		"a group": {"kafka", providers.Snapshot{GroupState: providers.Absent, Activity: unknown,
			Missing: []providers.Missing{{What: "group", Name: "biling", Known: []string{"billing"}}}}, `group "biling" not found (did you mean "billing"?)`},
		"a pipeline": {"enos-pipeline", providers.Snapshot{Activity: unknown,
			Missing: []providers.Missing{{What: "pipeline", Name: "p", Known: []string{"q"}}}}, `pipeline "p" not found.`},
		"a topic": {"kafka", providers.Snapshot{GroupState: providers.Committed, Activity: unknown,
			Missing: []providers.Missing{{What: "topic", Name: "ordrs"}}}, `topic "ordrs" not found.`},
		"a logstore without shards": {"aliyun-sls", providers.Snapshot{GroupState: providers.Committed, Activity: plantest.Idle().Activity},
			"nothing is selected: the service lists no partition or shard of the target."},
		"a group that has committed nothing here": {"kafka", providers.Snapshot{GroupState: providers.Committed, Activity: plantest.Idle().Activity},
			"nothing is selected: the target has no partition with a committed position. Name the topic."},
	} {
		for _, form := range []schema.Form{schema.ToEarliest, schema.ToDefault} {
			q := question(schema.To{Form: form})
			q.Type, q.Step.Guards.MaxReplay = c.kind, limit(5)
			if form == schema.ToDefault {
				q.Capabilities.Moves = map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget}
				if c.snap.Missing == nil {
					continue
				}
			}
			d := decide.Diff(q, c.snap)
			if d.Action != plan.Blocked || !strings.HasPrefix(d.Why, c.want) || strings.Contains(d.Why, "assume") || strings.Contains(d.Why, "maxReplay") {
				t.Errorf("%s: got %s: %s", name, d.Action, d.Why)
			}
		}
	}
	q := question(schema.To{Form: schema.ToEarliest})
	s := plantest.Idle(plantest.At(0, 0, 300, 500))
	if s.Activity = unknown; !strings.Contains(decide.Diff(q, s).Why, "assume: true") {
		t.Error("a group that exists needs no promise")
	}
}
