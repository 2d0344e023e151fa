package decide_test

import (
	"testing"
	"time"

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
