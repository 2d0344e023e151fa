package decide_test

import (
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// natively describes a service that resolves times itself.
func natively(g providers.Grain, preview bool) func(*decide.Question) {
	return func(q *decide.Question) {
		q.Capabilities.Moves = map[providers.Kind]providers.Grain{providers.Time: g, providers.Earliest: g}
		q.Capabilities.Resolves = map[providers.Kind]bool{providers.Time: preview}
	}
}

func TestTargetResolvedByTheServiceShowsItsPosition(t *testing.T) {
	since := plantest.Now.Add(-48 * time.Hour)
	byTime := schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: since}, WhenPastEnd: "end"}
	at0 := resolved(plantest.At(0, 0, 300, 500), providers.AtTime(since), providers.AtOffset(120))
	past := resolved(plantest.At(0, 0, 300, 500), providers.AtTime(since), providers.At(providers.Latest))
	keep := byTime
	keep.WhenPastEnd = "keep"
	future, present := byTime, byTime
	future.Time, present.Time = literal.Instant{Time: plantest.Now.Add(time.Hour)}, literal.Instant{FromNow: true}
	for name, c := range map[string]struct {
		to   schema.To
		edit func(*decide.Question)
		part providers.PartReading
		want string
	}{
		"known in advance": {byTime, natively(providers.PerPart, true), at0,
			"reset orders/0=time:2026-11-18T03:00:00Z:replay:180"},
		"unknown in advance": {byTime, natively(providers.WholeTarget, false), plantest.At(0, 0, 300, 500),
			"reset orders/0=time:2026-11-18T03:00:00Z:unknown:?"},
		"a known boundary": {schema.To{Form: schema.ToEarliest}, natively(providers.WholeTarget, false),
			plantest.At(0, 5, 300, 500), "reset orders/0=earliest:replay:295"},
		"past the end": {byTime, natively(providers.PerPart, true), past,
			"blocked orders/0=time:2026-11-18T03:00:00Z:skip:200"},
		"past the end with whenPastEnd: keep": {keep, natively(providers.PerPart, true), past, "keep orders/0=offset:300:keep:0"},
		"a time in the future loses the whole lag": {future, natively(providers.WholeTarget, false), plantest.At(0, 0, 300, 500),
			"blocked orders/0=time:2026-11-20T04:00:00Z:skip:200"},
		"now loses the whole lag": {present, natively(providers.WholeTarget, false), plantest.At(0, 0, 300, 500),
			"blocked orders/0=time:2026-11-20T03:00:00Z:skip:200"},
		"later than the last consumed record": {byTime, natively(providers.WholeTarget, false), readUpTo(since.Add(-time.Minute)),
			"blocked orders/0=time:2026-11-18T03:00:00Z:skip:200"},
		"the time of the last consumed record": {byTime, natively(providers.WholeTarget, false), readUpTo(since),
			"reset orders/0=time:2026-11-18T03:00:00Z:replay:300"},
		"earlier than the last consumed record": {byTime, natively(providers.PerPart, false), readUpTo(since.Add(time.Minute)),
			"reset orders/0=time:2026-11-18T03:00:00Z:replay:300"},
		"an empty log": {byTime, natively(providers.WholeTarget, false), plantest.At(0, 5, 5, 5),
			"reset orders/0=time:2026-11-18T03:00:00Z:replay:0"},
		"an empty log, of which all was deleted": {byTime, natively(providers.WholeTarget, false), plantest.At(0, 5, 3, 5),
			"reset orders/0=time:2026-11-18T03:00:00Z:skip:0"},
		"a service that resolves times, and not this one": {byTime, natively(providers.PerPart, true), readUpTo(since.Add(time.Minute)),
			"reset orders/0=time:2026-11-18T03:00:00Z:unknown:?"},
		"a range on both sides of the commit": {byTime, natively(providers.PerPart, true), ranged(since, 290, 305),
			"blocked orders/0=time:2026-11-18T03:00:00Z:skip:5"},
		"a range up to the end, with whenPastEnd: keep": {keep, natively(providers.PerPart, true), ranged(since, 290, -1),
			"blocked orders/0=time:2026-11-18T03:00:00Z:skip:200"},
		"a skip is blocked in advance": {byTime, natively(providers.PerPart, true),
			resolved(plantest.At(0, 0, 300, 500), providers.AtTime(since), providers.AtOffset(310)),
			"blocked orders/0=time:2026-11-18T03:00:00Z:skip:10"},
	} {
		t.Run(name, func(t *testing.T) {
			q := question(c.to)
			c.edit(&q)
			if got := brief(decide.Diff(q, plantest.Idle(c.part)).Step); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// readUpTo returns a reading whose last consumed record is of a time.
func readUpTo(at time.Time) providers.PartReading {
	r := plantest.At(0, 0, 300, 500)
	r.ReadUpTo = at
	return r
}

// ranged returns a reading in which a time leads to an offset between two; -1 = the end.
func ranged(at time.Time, from, upTo int64) providers.PartReading {
	r := resolved(plantest.At(0, 0, 300, 500), providers.AtTime(at), providers.AtOffset(from))
	r.Resolved[0].UpTo = providers.AtOffset(upTo)
	if upTo < 0 {
		r.Resolved[0].UpTo = providers.At(providers.Latest)
	}
	return r
}

// TestAPresentTimeOnAnEmptyLogIsNoGap: only a time of the past may be one that retention
// has deleted.
func TestAPresentTimeOnAnEmptyLogIsNoGap(t *testing.T) {
	for present, warned := range map[bool]bool{true: false, false: true} {
		at := literal.Instant{FromNow: true}
		if !present {
			at = literal.Instant{Time: plantest.Now.Add(-time.Hour)}
		}
		q := question(schema.To{Form: schema.ToTimestamp, Time: at, WhenPastEnd: "end"})
		natively(providers.WholeTarget, false)(&q)
		got := decide.Diff(q, plantest.Idle(plantest.At(0, 5, 5, 5)))
		if (len(got.Warnings) > 0) != warned {
			t.Errorf("present: %t: got %q", present, got.Warnings)
		}
	}
}

func TestARangeIsGuardedInBothDirections(t *testing.T) {
	since := plantest.Now.Add(-48 * time.Hour)
	for name, c := range map[string]struct {
		replay, skip int64
		want         plan.Action
		why          string
	}{
		"both allowed":     {10, 5, plan.Reset, ""},
		"too much replay":  {9, 5, plan.Blocked, "deliver up to 10 records again"},
		"too much skipped": {10, 4, plan.Blocked, "skip up to 5 records"},
	} {
		q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: since}, WhenPastEnd: "end"})
		natively(providers.PerPart, true)(&q)
		q.Step.Guards = schema.Guards{MaxReplay: limit(c.replay), MaxSkip: limit(c.skip)}
		d := decide.Diff(q, plantest.Idle(ranged(since, 290, 305)))
		if d.Action != c.want || !strings.Contains(d.Why, c.why) || d.Parts[0].Lands != providers.AtOffset(290) || d.Parts[0].UpTo != providers.AtOffset(305) {
			t.Errorf("%s: got %s: %s; %+v", name, d.Action, d.Why, d.Parts[0])
		}
		if s := plan.Summarise([]plan.Step{d.Step}); c.want == plan.Reset && (s.Replay != 10 || s.Skip != 5 || d.Parts[0].MoveText() != "skip 5 records or replay 10 records") {
			t.Errorf("%s: got %+v and %q", name, s, d.Parts[0].MoveText())
		}
	}
}

// TestARangeForThePresentIsNotTheEnd: if the service reports that it may lead back, a
// present time is guarded in both directions, too.
func TestARangeForThePresentIsNotTheEnd(t *testing.T) {
	q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: plantest.Now}, WhenPastEnd: "end"})
	natively(providers.PerPart, true)(&q)
	q.Step.Guards = schema.Guards{MaxReplay: limit(9), MaxSkip: limit(200)}
	d := decide.Diff(q, plantest.Idle(ranged(plantest.Now, 290, -1)))
	if d.Action != plan.Blocked || !strings.Contains(d.Why, "deliver up to 10 records again") || d.Parts[0].UpTo != providers.AtOffset(500) {
		t.Errorf("got %s: %s; %+v", d.Action, d.Why, d.Parts[0])
	}
}
