package aliyunkafka

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka/internal/api"
)

// groupState reports whether a group has ever committed.
func groupState(p api.Progress) providers.GroupState {
	for _, partitions := range p.Commits {
		for _, c := range partitions {
			if position(c).Kind() != providers.Unset {
				return providers.Committed
			}
		}
	}
	return providers.Blank
}

// activity reports whether consumers are active, by the state that the service
// passes on from the broker. A group with members is active whatever its state:
// a broker reports groups of Kafka's newer protocol as dead.
func activity(p api.Progress) providers.Activity {
	a := providers.Activity{Why: p.State}
	for _, m := range p.Members {
		a.Members = append(a.Members, providers.Member{ID: m.ID, Client: m.ClientID, Host: m.Host})
	}
	switch normalized(p.State) {
	case "STABLE", "PREPARINGREBALANCE", "COMPLETINGREBALANCE":
		a.State = providers.Active
	case "EMPTY", "DEAD":
		a.State = providers.Idle
	case "":
		a.Why = "this instance does not report the group's state"
	}
	if a.State != providers.Active && len(a.Members) > 0 {
		a.State, a.Why = providers.Active, a.Why+", but it has members"
	}
	return a
}

// normalized returns a state in one spelling: the service writes
// PREPARING_REBALANCE, Kafka PreparingRebalance.
func normalized(state string) string {
	return strings.ToUpper(strings.ReplaceAll(state, "_", ""))
}
