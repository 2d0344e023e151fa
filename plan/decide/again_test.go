package decide_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// online makes a question one about a service whose consumers are active, and which alone
// resolves times.
func online(q *decide.Question) {
	natively(providers.WholeTarget, false)(q)
	q.Capabilities.Needs, q.Capabilities.Counts = providers.Active, providers.ExactCount
}

func active(r providers.PartReading) providers.Snapshot {
	s := plantest.Idle(r)
	s.Activity = providers.Activity{State: providers.Active}
	return s
}

// TestARollbackByTimeKeepsTheFiguresOfItsPlan has consumers that read on to the end, while
// the rollback waits for its turn: the time still leads to no earlier position than the
// plan showed, and the move is not in the direction that was reviewed.
func TestARollbackByTimeKeepsTheFiguresOfItsPlan(t *testing.T) {
	at := plantest.Now.Add(-time.Hour)
	q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: at.Add(-time.Hour)}, WhenPastEnd: "end"})
	online(&q)
	q.Undo = true
	q.Fixed = []lock.Part{{Part: plantest.Orders(0), Before: providers.AtOffset(251), After: providers.AtTime(at), Seen: providers.AtOffset(500)}}
	reading := func(committed int64, readUpTo time.Time) providers.Snapshot {
		r := plantest.At(0, 0, committed, 500)
		r.ReadUpTo = readUpTo
		return active(r)
	}
	c := decide.Case{Question: q, Snapshot: reading(351, at.Add(-time.Minute))}
	c.Decide()
	c.Planned = c.Now
	if got := c.Now.Parts[0].MoveText(); got != "skip 149 records" {
		t.Fatalf("the plan shows %s", got)
	}
	c.Again()
	if why := c.Turned(); why != "" {
		t.Errorf("nothing has changed, and %s", why)
	}
	c.Snapshot = reading(500, at)
	c.Again()
	if p := c.Now.Parts[0]; p.Effect != plan.EffectReplay || *p.Count != 149 || p.Lands != providers.AtOffset(351) || p.UpTo != providers.AtOffset(500) {
		t.Errorf("got %s, to %s..%s", p.MoveText(), p.Lands, p.UpTo)
	}
	if why := c.Turned(); !strings.Contains(why, "orders/0 would now replay 149 records") || !strings.Contains(why, "the plan showed skip") {
		t.Errorf("got %q", why)
	}
}

// TestATimeIsStillBoundedAfterConsumersReadOn compares what is shown of a reset to a time,
// decided a second time after producers and consumers went on, with what it does.
func TestATimeIsStillBoundedAfterConsumersReadOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, guards := simulate(t), guarded(t)
		at := instant(t, l)
		q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: at}, WhenPastEnd: "end"})
		online(&q)
		q.Step.Guards = guards
		c := decide.Case{Question: q, Snapshot: active(l.reading(t))}
		c.Decide()
		c.Planned = c.Now
		later := plantest.Now.Add(-24 * time.Hour)
		if n := len(l.times); n > 0 {
			later = l.times[n-1]
		}
		if end := l.reset(at); end == len(l.times) && later.Before(at) {
			later = at // a record that comes later is not older than the time
		}
		for range rapid.IntRange(0, 4).Draw(t, "new records") {
			l.times = append(l.times, later)
		}
		l.committed = rapid.IntRange(min(l.committed, len(l.times)), len(l.times)).Draw(t, "read on to")
		l.low = rapid.IntRange(l.low, len(l.times)).Draw(t, "new low")
		c.Snapshot = active(l.reading(t))
		c.Again()
		l.within(t, decide.Decision{Step: c.Now}, l.reset(at), guards)
	})
}
