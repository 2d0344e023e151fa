package decide_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/literal"
)

// A simulated log has the time of each record from offset 0, of which retention has
// deleted those before low.
type simulated struct {
	times          []time.Time
	low, committed int
}

func simulate(t *rapid.T) simulated {
	var l simulated
	at := plantest.Now.Add(-24 * time.Hour)
	for range rapid.IntRange(0, 12).Draw(t, "records") {
		at = at.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * time.Minute)
		l.times = append(l.times, at)
	}
	l.low = rapid.IntRange(0, len(l.times)).Draw(t, "low")
	l.committed = rapid.IntRange(0, len(l.times)).Draw(t, "committed")
	return l
}

// reading returns what a service reports of the log. It knows the time of the last
// consumed record only while it has the record, or nothing was deleted since.
func (l simulated) reading(t *rapid.T) providers.PartReading {
	r := plantest.At(0, int64(l.low), int64(l.committed), int64(len(l.times)))
	if l.committed > 0 && (l.committed > l.low || rapid.Bool().Draw(t, "remembers")) {
		r.ReadUpTo = l.times[l.committed-1]
	}
	return r
}

// reset returns where the service's own reset to a time leads.
func (l simulated) reset(to time.Time) int {
	for n := l.low; n < len(l.times); n++ {
		if !l.times[n].Before(to) {
			return n
		}
	}
	return len(l.times)
}

// within checks that the real effect of a reset to an offset is what a part shows, and
// that no guard that let the step pass is exceeded.
func (l simulated) within(t *rapid.T, d decide.Decision, to int, guards schema.Guards) {
	p := d.Parts[0]
	start := max(l.committed, l.low)
	replay, skip := int64(max(start-to, 0)), int64(max(to-start, 0))
	switch p.Effect {
	case plan.EffectUnknown:
		return
	case plan.EffectReplay, plan.EffectKeep:
		if skip > 0 || replay > *p.Count {
			t.Fatalf("%d are replayed and %d skipped; shown is %s", replay, skip, p.MoveText())
		}
	case plan.EffectSkip:
		if skip > *p.Count || replay > 0 && (p.OrReplay == nil || replay > *p.OrReplay) {
			t.Fatalf("%d are replayed and %d skipped; shown is %s", replay, skip, p.MoveText())
		}
	}
	if p.Bound == plan.BoundExact && *p.Count != replay+skip {
		t.Fatalf("exactly %s is shown, and %d are replayed and %d skipped", p.MoveText(), replay, skip)
	}
	if d.Action != plan.Blocked && (replay > guards.MaxReplay.N || skip > guards.MaxSkip.N) {
		t.Fatalf("guards allow %d and %d, and %d are replayed and %d skipped (%s)", guards.MaxReplay.N, guards.MaxSkip.N, replay, skip, p.MoveText())
	}
}

func guarded(t *rapid.T) schema.Guards {
	return schema.Guards{MaxReplay: limit(int64(rapid.IntRange(0, 12).Draw(t, "maxReplay"))),
		MaxSkip: limit(int64(rapid.IntRange(0, 12).Draw(t, "maxSkip"))), AllowGap: true}
}

func instant(t *rapid.T, l simulated) time.Time {
	at := plantest.Now.Add(-24*time.Hour - time.Minute + time.Duration(rapid.IntRange(0, 40).Draw(t, "target"))*time.Minute)
	if len(l.times) > 0 && rapid.Bool().Draw(t, "at a record") {
		at = rapid.SampledFrom(l.times).Draw(t, "record")
	}
	return at
}

// TestATimeThatOnlyTheServiceResolvesIsBounded compares what is shown of a reset to a
// time with what it does, on services that report no more than the time of the last
// consumed record.
func TestATimeThatOnlyTheServiceResolvesIsBounded(t *testing.T) {
	bounded := 0
	rapid.Check(t, func(t *rapid.T) {
		l, guards := simulate(t), guarded(t)
		r := l.reading(t)
		at := instant(t, l)
		q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: at}, WhenPastEnd: "end"})
		natively(rapid.SampledFrom([]providers.Grain{providers.WholeTarget, providers.PerPart}).Draw(t, "grain"), false)(&q)
		q.Capabilities.Counts = providers.ExactCount
		q.Step.Guards = guards
		d := decide.Diff(q, plantest.Idle(r))
		if p := d.Parts[0]; p.Effect == plan.EffectUnknown && !r.ReadUpTo.IsZero() {
			t.Fatalf("the effect is unknown although the last consumed record is of %s", r.ReadUpTo)
		}
		l.within(t, d, l.reset(at), guards)
		bounded++
	})
	if bounded == 0 {
		t.Error("nothing was checked")
	}
}

// TestARangeIsCountedInBothDirections compares what is shown of a reset to a time with
// what it does, on services that report the landing as a range.
func TestARangeIsCountedInBothDirections(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, guards := simulate(t), guarded(t)
		at := instant(t, l)
		to := l.reset(at)
		asked := providers.AtTime(at)
		place := func(n int) providers.Position {
			if n == len(l.times) && rapid.Bool().Draw(t, "as latest") {
				return providers.At(providers.Latest)
			}
			return providers.AtOffset(int64(n))
		}
		r := l.reading(t)
		one := providers.Resolution{Asked: asked, Found: place(rapid.IntRange(l.low, to).Draw(t, "found"))}
		if up := rapid.IntRange(to, len(l.times)).Draw(t, "up to"); up > to || one.Found != providers.AtOffset(int64(to)) {
			one.UpTo = place(up)
		}
		r.Resolved = []providers.Resolution{one}
		q := question(schema.To{Form: schema.ToTimestamp, Time: literal.Instant{Time: at}, WhenPastEnd: "end"})
		natively(providers.PerPart, true)(&q)
		q.Capabilities.Counts = providers.ExactCount
		q.Step.Guards = guards
		l.within(t, decide.Diff(q, plantest.Idle(r)), to, guards)
	})
}
