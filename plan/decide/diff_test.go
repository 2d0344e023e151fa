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
	"github.com/resetplan/resetplan/schema/literal"
)

func TestDiff(t *testing.T) {
	since := plantest.Now.Add(-48 * time.Hour)
	byTime := schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: since}, WhenPastEnd: "end"}
	timed := func(r providers.PartReading, found providers.Position) providers.PartReading {
		return resolved(r, providers.AtTime(since), found)
	}
	for name, c := range map[string]struct {
		to       schema.To
		edit     func(*decide.Question)
		snapshot providers.Snapshot
		want     string // the action, then part=after:effect:count for each part
		why      string // contained in Why, a warning or a note
	}{
		"earliest goes to the low boundary": {
			to: schema.To{Form: schema.ToEarliest}, snapshot: plantest.Idle(plantest.At(0, 5, 300, 500)), want: "reset orders/0=offset:5:replay:295"},
		"latest may skip without a guard": {
			to: schema.To{Form: schema.ToLatest}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:500:skip:200"},
		"an explicit maxSkip limits latest": {
			to: schema.To{Form: schema.ToLatest}, edit: func(q *decide.Question) { q.Step.Guards.MaxSkip = limit(10) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "blocked orders/0=offset:500:skip:200", why: "maxSkip allows 10"},
		"any other move forward is blocked": {
			to: schema.To{Form: schema.ToOffset, Offset: 400}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)),
			want: "blocked orders/0=offset:400:skip:100", why: "never be delivered"},
		"a move forward is allowed up to maxSkip": {
			to: schema.To{Form: schema.ToOffset, Offset: 400}, edit: func(q *decide.Question) { q.Step.Guards.MaxSkip = limit(100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:400:skip:100"},
		"maxReplay counts all parts together": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Step.Guards.MaxReplay = limit(399) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500), plantest.At(1, 0, 300, 500)),
			want:     "blocked orders/0=offset:100:replay:200 orders/1=offset:100:replay:200", why: "maxReplay allows 399"},
		"a part at its target is kept": {
			to: schema.To{Form: schema.ToOffset, Offset: 300}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)),
			want: "keep orders/0=offset:300:keep:0"},
		"a kept step needs no idle group": {
			to: schema.To{Form: schema.ToCurrent}, snapshot: busy(plantest.At(0, 0, 300, 500)), want: "keep orders/0=offset:300:keep:0"},
		"current pins a partition without a commit at its high": {
			to: schema.To{Form: schema.ToCurrent}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500), plantest.At(1, 0, -1, 70)),
			want: "reset orders/0=offset:300:keep:0 orders/1=offset:70:set:?", why: "pinned at the high watermark"},
		"a partition without a commit is set": {
			to: schema.To{Form: schema.ToEarliest}, snapshot: plantest.Idle(plantest.At(0, 0, 0, 500), plantest.At(1, 3, -1, 70)),
			want: "reset orders/0=offset:0:keep:0 orders/1=offset:3:set:?"},
		"unset removes the commit": {
			to: schema.To{Form: schema.ToUnset}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=unset:remove:?",
			why: "is unknown"},
		"an explicit guard blocks unset": {
			to: schema.To{Form: schema.ToUnset}, edit: func(q *decide.Question) { q.Step.Guards.MaxReplay = limit(1000) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "blocked orders/0=unset:remove:?",
			why: "guards.maxReplay cannot be checked"},
		"shift is clamped with a note": {
			to: schema.To{Form: schema.ToShift, Shift: -1000}, snapshot: plantest.Idle(plantest.At(0, 10, 300, 500)),
			want: "reset orders/0=offset:10:replay:290", why: "clamped from offset:-700"},
		"a cursor is shifted by the service's function": {
			to: schema.To{Form: schema.ToShift, Shift: -2}, edit: shifting, snapshot: plantest.Idle(cursors("MA==", "NQ==", "OQ==")),
			want: "reset orders/0=cursor:Mw==:replay:2"},
		"a shifted cursor is clamped to the start": {
			to: schema.To{Form: schema.ToShift, Shift: -6}, edit: shifting, snapshot: plantest.Idle(cursors("MQ==", "NQ==", "OQ==")),
			want: "reset orders/0=cursor:MQ==:replay:4", why: "clamped to the start of the log"},
		"a shifted cursor is clamped to the end": {
			to: schema.To{Form: schema.ToShift, Shift: 6}, edit: func(q *decide.Question) { shifting(q); q.Step.Guards.MaxSkip = limit(2) },
			snapshot: plantest.Idle(cursors("MQ==", "NQ==", "Nw==")), want: "reset orders/0=cursor:Nw==:skip:2", why: "clamped to the end of the log"},
		"a cursor of a service that cannot calculate is not shifted": {
			to: schema.To{Form: schema.ToShift, Shift: -2}, snapshot: plantest.Idle(cursors("MA==", "NQ==", "OQ==")),
			want: "blocked orders/0=unknown:unknown:?", why: "no commit to shift from"},
		"shift without a commit is blocked": {
			to: schema.To{Form: schema.ToShift, Shift: -1}, snapshot: plantest.Idle(plantest.At(0, 10, -1, 500)),
			want: "blocked orders/0=unknown:unknown:?", why: "no commit to shift from"},
		"an offset past the end is blocked": {
			to: schema.To{Form: schema.ToOffset, Offset: 999}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)),
			want: "blocked orders/0=offset:999:skip:200", why: "past the end"},
		"an offset past the end is clamped if allowed": {
			to:       schema.To{Form: schema.ToOffset, Offset: 999},
			edit:     func(q *decide.Question) { q.Step.Guards.Clamp = true; q.Step.Guards.MaxSkip = limit(200) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:500:skip:200", why: "clamped from offset:999"},
		"a deleted offset is blocked": {
			to: schema.To{Form: schema.ToOffset, Offset: 40}, snapshot: plantest.Idle(plantest.At(0, 100, 300, 500)),
			want: "blocked orders/0=offset:40:replay:200", why: "60 records in the range have been deleted"},
		"a deleted offset becomes the oldest one left if a gap is allowed": {
			to: schema.To{Form: schema.ToOffset, Offset: 40}, edit: func(q *decide.Question) { q.Step.Guards.AllowGap = true },
			snapshot: plantest.Idle(plantest.At(0, 100, 300, 500)), want: "reset orders/0=offset:100:replay:200", why: "60 records"},
		"an offset on a log that cannot be read is blocked": {
			to: schema.To{Form: schema.ToOffset, Offset: 40},
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500),
				providers.PartReading{Part: plantest.Orders(1), Committed: providers.AtOffset(300), LogID: "log"}),
			want: "blocked orders/0=offset:40:replay:260 orders/1=offset:40:replay:260", why: "orders/1 cannot be resolved"},
		"a decided offset on a log that cannot be read is blocked": {
			to: schema.To{Form: schema.ToEarliest}, edit: func(q *decide.Question) {
				q.Fixed = []lock.Part{{Part: plantest.Orders(1), After: providers.AtOffset(40), LogID: "log"}}
			},
			snapshot: plantest.Idle(providers.PartReading{Part: plantest.Orders(1), Committed: providers.AtOffset(300), LogID: "log"}),
			want:     "blocked orders/1=offset:40:replay:260", why: "orders/1 cannot be resolved"},
		"a glob that matches only topics without a commit is blocked": {
			to: schema.To{Form: schema.ToEarliest},
			snapshot: providers.Snapshot{GroupState: providers.Committed, Activity: providers.Activity{State: providers.Idle},
				Missing: []providers.Missing{{What: "topic", Name: "or*", Known: []string{"orders"}, Fresh: []string{"orders"}}}},
			want: "blocked", why: `no commits on the topics that match "or*" ("orders")`},
		"offsets move only the named partitions": {
			to:       schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"": {1: 7}}},
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500), plantest.At(1, 0, 300, 500)), want: "reset orders/1=offset:7:replay:293"},
		"offsets of a missing partition are blocked": {
			to:       schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"orders": {0: 7, 9: 7}}},
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "blocked orders/0=offset:7:replay:293",
			why: "partition orders/9 is not in the target"},
		"a time goes to the first record at or after it": {
			to: byTime, snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.AtOffset(120))),
			want: "reset orders/0=offset:120:replay:180"},
		"a time past the end would skip and is blocked": {
			to: byTime, snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.At(providers.Latest))),
			want: "blocked orders/0=offset:500:skip:200", why: "no record at or after"},
		"a time past the end keeps the part with whenPastEnd: keep": {
			to:       schema.To{Form: schema.ToTimestamp, Time: byTime.Time, WhenPastEnd: "keep"},
			snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.At(providers.Latest))), want: "keep orders/0=offset:300:keep:0"},
		"a time past the end blocks with whenPastEnd: fail": {
			to:       schema.To{Form: schema.ToTimestamp, Time: byTime.Time, WhenPastEnd: "fail"},
			snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.At(providers.Latest))), want: "blocked orders/0=latest:skip:200",
			why: "has no record at or after"},
		"a time whose records are deleted is blocked": {
			to: byTime, snapshot: plantest.Idle(timed(plantest.At(0, 100, 300, 500), providers.AtOffset(100))),
			want: "blocked orders/0=offset:100:replay:200", why: "retention has deleted"},
		"a time before the first record of a complete log is not a gap": {
			to: byTime, snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.AtOffset(0))),
			want: "reset orders/0=offset:0:replay:300"},
		"maxAge limits the requested time": {
			to: byTime, edit: func(q *decide.Question) { age := 24 * time.Hour; q.Step.Guards.MaxAge = &age },
			snapshot: plantest.Idle(timed(plantest.At(0, 0, 300, 500), providers.AtOffset(120))), want: "blocked orders/0=offset:120:replay:180",
			why: "48h ago"},
		"maxAge blocks if the age is unknown": {
			to: schema.To{Form: schema.ToEarliest}, edit: func(q *decide.Question) { age := 24 * time.Hour; q.Step.Guards.MaxAge = &age },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "blocked orders/0=offset:0:replay:300", why: "is unknown"},
		"another group's positions are copied": {
			to:       schema.To{Form: schema.ToGroup, Group: "b"},
			snapshot: plantest.Idle(resolved(plantest.At(0, 0, 300, 500), providers.PlaceOf("b"), providers.AtOffset(20))),
			want:     "reset orders/0=offset:20:replay:280"},
		"partitions without a commit of the other group are unchanged": {
			to: schema.To{Form: schema.ToGroup, Group: "b"},
			snapshot: plantest.Idle(resolved(plantest.At(0, 0, 300, 500), providers.PlaceOf("b"), providers.At(providers.Unset)),
				resolved(plantest.At(1, 0, 300, 500), providers.PlaceOf("b"), providers.AtOffset(1))),
			want: "reset orders/1=offset:1:replay:299", why: "is unchanged"},
		"a missing group blocks": {
			to: schema.To{Form: schema.ToEarliest},
			snapshot: providers.Snapshot{GroupState: providers.Absent,
				Missing: []providers.Missing{{What: "group", Name: "biling", Known: []string{"billing"}}},
				Parts:   []providers.PartReading{plantest.At(0, 0, -1, 5)}},
			want: "blocked orders/0=offset:0:set:?", why: `did you mean "billing"?`},
		"a group that never committed blocks": {
			to: schema.To{Form: schema.ToEarliest}, snapshot: providers.Snapshot{GroupState: providers.Blank,
				Activity: providers.Activity{State: providers.Idle}, Parts: []providers.PartReading{plantest.At(0, 0, -1, 5)}},
			want: "blocked orders/0=offset:0:set:?", why: "never committed"},
		"allowNew prepares a group": {
			to: schema.To{Form: schema.ToEarliest}, edit: func(q *decide.Question) { q.Step.Guards.AllowNew = true },
			snapshot: providers.Snapshot{GroupState: providers.Absent, Activity: providers.Activity{State: providers.Idle},
				Missing: []providers.Missing{{What: "group", Name: "g"}}, Parts: []providers.PartReading{plantest.At(0, 0, -1, 5)}},
			want: "reset orders/0=offset:0:set:?"},
		"a missing topic blocks even with allowNew": {
			to: schema.To{Form: schema.ToEarliest}, edit: func(q *decide.Question) { q.Step.Guards.AllowNew = true },
			snapshot: providers.Snapshot{GroupState: providers.Committed, Activity: providers.Activity{State: providers.Idle},
				Missing: []providers.Missing{{What: "topic", Name: "ordrs", Known: []string{"orders"}}}},
			want: "blocked", why: `topic "ordrs" not found (did you mean "orders"?)`},
		"a target that the service cannot reset blocks": {
			to: schema.To{Form: schema.ToEarliest}, snapshot: providers.Snapshot{Err: providers.ErrUnsupported}, want: "blocked", why: "unsupported"},
		"an empty selection blocks": {
			to: schema.To{Form: schema.ToEarliest}, snapshot: plantest.Idle(), want: "blocked", why: "nothing is selected"},
		"a commit beyond the end counts only existing records": {
			to: schema.To{Form: schema.ToOffset, Offset: 490}, snapshot: plantest.Idle(plantest.At(0, 0, 999, 500)),
			want: "reset orders/0=offset:490:replay:10"},
		"a step applied in this run is done even if the group is active": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.Verified, 0, 300, 100) },
			snapshot: busy(plantest.At(0, 0, 150, 500)), want: "done orders/0=offset:100:keep:?"},
		"an undone step is sent again": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.Undone, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:100:replay:200"},
		"a doubt is resolved by a reading at the target": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 100, 500)), want: "done orders/0=offset:100:keep:?", why: "the reset has taken effect"},
		"a doubt is resolved by a reading at the previous position": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:100:replay:200", why: "has not taken effect"},
		"a doubt remains if the reading is at neither position": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 322, 500)), want: "blocked", why: "lock settle"},
		"a doubt is resolved by a reading between both positions": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 222, 500)), want: "done orders/0=offset:100:keep:?", why: "the reset has taken effect"},
		"a doubt remains at a previous position that was the end of the log": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 500, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 500, 500)), want: "blocked", why: "consumers may have read back to it"},
		"a doubt remains at the previous position if no end was recorded": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) {
				q.Record = recorded(lock.InDoubt, 0, 300, 100)
				q.Record.Parts[0].High = providers.Position{}
			}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "blocked", why: "consumers may have read back to it"},
		"a doubt about a move forward is resolved at the previous position": {
			to: schema.To{Form: schema.ToOffset, Offset: 400}, edit: func(q *decide.Question) {
				q.Step.Guards.MaxSkip = &schema.Limit{Unlimited: true}
				q.Record = recorded(lock.InDoubt, 0, 300, 400)
				q.Record.Parts[0].High = providers.Position{}
			}, snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:400:skip:100", why: "has not taken effect"},
		"a doubt remains at the previous position if consumers are online": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) {
				q.Record = recorded(lock.InDoubt, 0, 300, 100)
				q.Capabilities.Needs = providers.Active
			}, snapshot: busy(plantest.At(0, 0, 300, 500)), want: "blocked", why: "consumers may have read back to it"},
		"an overwritten step is not sent again": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.Overwritten, 0, 300, 100) },
			snapshot: plantest.Idle(plantest.At(0, 0, 400, 500)), want: "blocked", why: "--retry-overwritten"},
		"an overwritten step is sent again on request": {
			to:       schema.To{Form: schema.ToOffset, Offset: 100},
			edit:     func(q *decide.Question) { q.Record = recorded(lock.Overwritten, 0, 300, 100); q.Retry = true },
			snapshot: plantest.Idle(plantest.At(0, 0, 400, 500)), want: "reset orders/0=offset:100:replay:300"},
		"a doubt remains if the service cannot be read": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) { q.Record = recorded(lock.InDoubt, 0, 300, 100) },
			snapshot: providers.Snapshot{Err: providers.ErrUnsupported}, want: "blocked", why: "cannot determine"},
		"a partly applied step continues to the same targets": {
			to: schema.To{Form: schema.ToShift, Shift: -200}, edit: func(q *decide.Question) {
				q.Record = recorded(lock.Failed, 0, 300, 100)
				q.Fixed = []lock.Part{{Part: plantest.Orders(0), After: providers.AtOffset(100)},
					{Part: plantest.Orders(1), After: providers.AtOffset(100)}}
			},
			snapshot: plantest.Idle(plantest.At(0, 0, 100, 500), plantest.At(1, 0, 300, 500)),
			want:     "reset orders/0=offset:100:keep:0 orders/1=offset:100:replay:200"},
		"an undo may skip records that had been read": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) {
				q.Undo = true
				q.Fixed = []lock.Part{{Part: plantest.Orders(0), After: providers.AtOffset(300)}}
			},
			snapshot: plantest.Idle(plantest.At(0, 0, 100, 500)), want: "reset orders/0=offset:300:skip:200"},
		"an undo restores the commit metadata": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) {
				q.Undo = true
				q.Fixed = []lock.Part{{Part: plantest.Orders(0), After: providers.AtOffset(300), Metadata: map[string]string{"metadata": "x"}}}
			},
			snapshot: plantest.Idle(plantest.At(0, 0, 300, 500)), want: "reset orders/0=offset:300:replay:0"},
		"a re-created topic is another log": {
			to: schema.To{Form: schema.ToOffset, Offset: 100}, edit: func(q *decide.Question) {
				q.Undo = true
				q.Fixed = []lock.Part{{Part: plantest.Orders(0), After: providers.AtOffset(300), LogID: "older"}}
			},
			snapshot: plantest.Idle(plantest.At(0, 0, 100, 500)), want: "blocked orders/0=offset:300:skip:200", why: "deleted and re-created"},
	} {
		t.Run(name, func(t *testing.T) {
			q := question(c.to)
			if c.edit != nil {
				c.edit(&q)
			}
			s := decide.Diff(q, c.snapshot).Step
			if got := brief(s); got != c.want {
				t.Errorf("got  %s\nwant %s\nwhy: %s", got, c.want, s.Why)
			}
			if text := s.Why + strings.Join(s.Warnings, " ") + notes(s); !strings.Contains(text, c.why) {
				t.Errorf("%q is not in: %s", c.why, text)
			}
		})
	}
}

func TestWaitingStepIsPlannedAsReset(t *testing.T) {
	q := question(schema.To{Form: schema.ToEarliest})
	q.Step.Idle.Wait = 5 * time.Minute
	s := decide.Diff(q, busy(plantest.At(0, 0, 300, 500)))
	if s.Action != plan.Reset || !s.Waits || !strings.Contains(s.Why, "will wait up to 5m") {
		t.Errorf("got %s, waits %v: %s", s.Action, s.Waits, s.Why)
	}
}

func TestServiceWithoutNeedsResetsAnActiveGroup(t *testing.T) {
	q := question(schema.To{Form: schema.ToEarliest})
	q.Capabilities.Needs = providers.UnknownState
	if s := decide.Diff(q, busy(plantest.At(0, 0, 300, 500))); s.Action != plan.Reset {
		t.Errorf("got %s: %s", s.Action, s.Why)
	}
}

func TestPartitionsWithTheSameReasonShareASentence(t *testing.T) {
	var parts []providers.PartReading
	for n := range 1000 {
		parts = append(parts, plantest.At(n, 0, 300, 500))
	}
	s := decide.Diff(question(schema.To{Form: schema.ToOffset, Offset: 999}), plantest.Idle(parts...))
	if !strings.HasPrefix(s.Why, "orders/0-999 cannot go to") || len(s.Why) > 300 {
		t.Errorf("got %s", s.Why)
	}
}
