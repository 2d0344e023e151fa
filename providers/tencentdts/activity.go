package tencentdts

import "github.com/resetplan/resetplan/providers"

// standing tells whether the group has positions. A service that lists no
// partition of it tells nothing.
func (g group) standing() providers.GroupState {
	s := providers.GroupUnknown
	for _, p := range g.StateOfPartition {
		switch p.committed().Kind() {
		case providers.Offset:
			return providers.Committed
		case providers.Unset:
			s = providers.Blank
		}
	}
	return s
}

// activity holds the group's state against the only two in which a reset is
// carried out.
func (g group) activity() providers.Activity {
	a := providers.Activity{State: providers.Active, Why: g.ConsumerGroupState}
	switch g.ConsumerGroupState {
	case "Dead", "Empty":
		a.State = providers.Idle
	case "":
		a.State, a.Why = providers.UnknownState, "the service does not tell the group's state"
	}
	for _, m := range g.PartitionAssignment {
		a.Members = append(a.Members, providers.Member{Client: m.ClientID})
	}
	return a
}
