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
)

// near answers what a service reports of an offset that it can approach by time.
func (l simulated) near(asked providers.Position) providers.Resolution {
	n, _ := asked.Offset()
	at := plantest.Now
	if int(n) < len(l.times) {
		at = l.times[max(int(n), l.low)]
	}
	send := providers.AtTime(at)
	return providers.Resolution{Asked: asked, Send: send, Found: providers.AtOffset(int64(l.reset(at)))}
}

// TestTimesNearOffsetsDoWhatIsShown shifts two partitions of a service that accepts only
// times, part by part or one for both, and compares the figures with the effect.
func TestTimesNearOffsetsDoWhatIsShown(t *testing.T) {
	sent := 0
	rapid.Check(t, func(t *rapid.T) {
		logs, guards := []simulated{simulate(t), simulate(t)}, guarded(t)
		grain := rapid.SampledFrom([]providers.Grain{providers.WholeTarget, providers.PerPart}).Draw(t, "grain")
		q := question(schema.To{Form: schema.ToShift, Shift: int64(rapid.IntRange(-12, 12).Draw(t, "shift"))})
		q.Step.Approximate, q.Step.Guards = true, guards
		q.Capabilities.Moves = map[providers.Kind]providers.Grain{providers.Time: grain}
		q.Capabilities.Resolves, q.Capabilities.Counts = nil, providers.ExactCount
		q.Capabilities.Approximates = map[providers.Kind]bool{providers.Offset: true}
		s := plantest.Idle()
		for n, l := range logs {
			r := l.reading(t)
			r.Part = plantest.Orders(n)
			s.Parts = append(s.Parts, r)
		}
		c := decide.Case{Question: q, Snapshot: s}
		for _, p := range c.Approach() {
			r := &s.Parts[p.Part.Number]
			r.Resolved = append(r.Resolved, logs[p.Part.Number].near(p.Position))
		}
		d := decide.Diff(q, s)
		if d.Action == plan.Keep {
			return
		}
		one := map[time.Time]bool{}
		for _, p := range d.Parts {
			at, isTime := p.After.Time()
			switch {
			case isTime:
				one[at] = true
				sent++
			case p.After != p.Before || grain == providers.WholeTarget:
				t.Fatalf("%s is sent %s: %s", p.Part, p.After, d.Why)
			default:
				continue
			}
			alone := d
			alone.Parts = []plan.Part{p}
			logs[p.Part.Number].within(t, alone, logs[p.Part.Number].reset(at), guards)
		}
		if grain == providers.WholeTarget && len(one) > 1 {
			t.Fatalf("several times are sent: %v", one)
		}
	})
	if sent == 0 {
		t.Error("no time was sent")
	}
}
