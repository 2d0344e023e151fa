package check

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// replay checks that a step's replay can be watched and ended, and that other steps
// of its workload end it in the same way.
func (c *checker) replay(i int, s schema.Step, kind providers.Provider) {
	if s.Until.Form == "" || !c.doc.Sound("steps", i, "until") || !c.doc.Sound("steps", i, "then") {
		return
	}
	if why, key := decide.Unwatchable(kind.Type(), kind.Capabilities(), s); !why.IsZero() {
		c.report(why.Fact, why.Remedy, "steps", i, key)
		return
	}
	if c.doc.OnError == "undo" {
		c.report("with onError: undo the consumers are started only after the last step, so a replay cannot follow a reset",
			"write onError: stop or continue, or remove until", "steps", i, "until")
		return
	}
	for _, other := range c.doc.Steps {
		if slices.Contains(s.Needs, other.ID) && other.Then == schema.ThenStop && other.Idle.Workload == s.Idle.Workload && s.Idle.Workload != "" {
			c.report(fmt.Sprintf("step %s, which it needs, leaves the workload stopped (then: stop), so no consumer would replay", other.ID),
				"remove it from needs, so that both replay together, or remove until", "steps", i, "needs")
			return
		}
	}
	for _, other := range c.doc.Steps[:i] {
		if other.Idle.Workload == s.Idle.Workload && s.Idle.Workload != "" && other.Then.Stops() && s.Then.Stops() && other.Then != s.Then {
			c.report(fmt.Sprintf("step %s of the same workload has then: %s, and the workload cannot do both", other.ID, other.Then),
				"write the same then for all steps of a workload", "steps", i, "then")
			return
		}
	}
}
