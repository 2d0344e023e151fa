package aliyunkafka

import (
	"strings"

	"github.com/resetplan/resetplan/providers"
)

func (p *progress) standing() providers.GroupState {
	for _, parts := range p.commits {
		for _, at := range parts {
			if at.Kind() != providers.Unset {
				return providers.Committed
			}
		}
	}
	return providers.Blank
}

// activity tells whether consumers are at work, by the state that the service
// passes on from the broker. Members that it names are at work whatever the
// state says: a broker calls a group of Kafka's newer protocol dead.
func (p *progress) activity() providers.Activity {
	a := providers.Activity{Why: p.state, Members: p.members}
	switch spelled(p.state) {
	case "STABLE", "PREPARINGREBALANCE", "COMPLETINGREBALANCE":
		a.State = providers.Active
	case "EMPTY", "DEAD":
		a.State = providers.Idle
	case "":
		a.Why = "this instance does not tell the group's state"
	}
	if a.State != providers.Active && len(p.members) > 0 {
		a.State, a.Why = providers.Active, a.Why+", yet it names members"
	}
	return a
}

// spelled brings a state into one spelling: the service writes
// PREPARING_REBALANCE, Kafka PreparingRebalance.
func spelled(state string) string {
	return strings.ToUpper(strings.ReplaceAll(state, "_", ""))
}
