package kafka

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// activity reports whether a group is active, by its listed state, without the
// members: describe adds them.
func (g listed) activity() providers.Activity {
	a := providers.Activity{State: providers.Active, Why: fmt.Sprintf("%s (%s protocol)", g.state, g.kind)}
	switch g.state {
	case "Empty", "Dead":
		a.State = providers.Idle
	case "":
		a.State, a.Why = providers.UnknownState, "the broker does not report the group's state"
	}
	return a
}
