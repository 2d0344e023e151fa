package reconcile

import (
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// backNearly turns recorded parts into parts that go back on a service that cannot
// restore positions exactly: to times near them if the service finds those, else by
// the time up to which they had been read. Otherwise it returns why that is
// impossible.
func backNearly(parts []lock.Part, s *schema.Step, c *survey.Connection) ([]lock.Part, string) {
	switch {
	case !decide.Approximates(c.Caps, schema.ToLock):
		return backByTime(parts, s, c)
	case s.Approximate:
		return decide.Reversed(parts), ""
	}
	return nil, c.Kind.Type() + " cannot restore positions exactly. Set approximate: true in the step to roll it back to times near them."
}

// backByTime turns recorded parts into parts that go back approximately to their
// previous positions, by the time up to which they had been read, if the service
// accepts a time and the document allows it. The earliest of these times is used
// for all, so that nothing is skipped. A part that had been read to the end of its log
// needs none: its later records are all newer. Otherwise it returns why that is
// impossible.
func backByTime(parts []lock.Part, s *schema.Step, c *survey.Connection) ([]lock.Part, string) {
	refusal := c.Kind.Type() + " cannot restore positions exactly. " + c.Caps.Notes["undo"].String()
	if c.Caps.Undo != providers.Inferred || c.Caps.Moves[providers.Time] == providers.NoGrain {
		return nil, refusal
	}
	out := decide.Reversed(parts)
	var back time.Time
	for _, p := range parts {
		switch {
		case p.Error != "":
		case p.ReadUpTo.IsZero() && p.Before.Exact() && p.Before == p.High:
		case p.ReadUpTo.IsZero():
			return nil, refusal
		case back.IsZero() || p.ReadUpTo.Before(back):
			back = p.ReadUpTo.Time
		}
	}
	if back.IsZero() {
		return nil, refusal
	}
	if !s.Approximate {
		return nil, fmt.Sprintf("%s Set approximate: true in the step to go back to %s, the time its slowest partition had reached: everything "+
			"since then is delivered again.", refusal, text.Stamp(back))
	}
	for i := range out {
		out[i].Seen = out[i].After // the position that is restored approximately
		out[i].After, out[i].Metadata, out[i].LogID = providers.AtTime(back), nil, ""
	}
	return out, ""
}
