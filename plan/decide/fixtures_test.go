package decide_test

import (
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// question returns the question of a step with this target.
func question(to schema.To) decide.Question {
	return decide.Question{ID: "s", Type: "kafka", Address: "kafka:b/g/orders", Digest: "d", Now: plantest.Now,
		Capabilities: plantest.ExactCapabilities(), Step: &schema.Step{ID: "s", To: to}}
}

// byLength compares cursors by their length.
func byLength(cursor string) (int64, bool) { return int64(len(cursor)), true }

func limit(n int64) *schema.Limit { return &schema.Limit{N: n} }

// resolved adds to a reading the position to which a requested one resolves.
func resolved(r providers.PartReading, p, found providers.Position) providers.PartReading {
	r.Resolved = []providers.Resolution{{Asked: p, Found: found}}
	return r
}

// busy returns the snapshot of a group with a member.
func busy(parts ...providers.PartReading) providers.Snapshot {
	s := plantest.Idle(parts...)
	s.Activity = providers.Activity{State: providers.Active, Why: "Stable", Members: []providers.Member{{ID: "m", Client: "c", Host: "h"}}}
	return s
}

// brief formats a step as "action part=after:effect:count …".
func brief(s plan.Step) string {
	out := []string{string(s.Action)}
	for _, p := range s.Parts {
		count := "?"
		if p.Count != nil {
			count = text.Grouped(*p.Count)
		}
		out = append(out, p.Part.String()+"="+p.After.String()+":"+string(p.Effect)+":"+count)
	}
	return strings.Join(out, " ")
}

// notes joins the notes of a step's parts.
func notes(s plan.Step) string {
	out := ""
	for _, p := range s.Parts {
		out += " " + p.Note
	}
	return out
}

// recorded returns the record of a step that moved one part.
func recorded(o lock.Outcome, part int, before, after int64) *lock.Step {
	return &lock.Step{ID: "s", Digest: "d", Outcome: o, At: lock.AtTime(plantest.Now),
		Parts: []lock.Part{{Part: plantest.Orders(part), Before: providers.AtOffset(before), After: providers.AtOffset(after),
			High: providers.AtOffset(500), LogID: "log"}}}
}
