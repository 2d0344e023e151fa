package tencentdts

import (
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// partition returns a group's state on one partition, or one that reports
// nothing.
func partition(g api.Group, n int) api.Partition {
	for _, p := range g.Partitions {
		if p.Number == n {
			return p
		}
	}
	return api.Partition{}
}

// committed returns the position that a group has committed. The service reports
// a negative offset if there is no commit.
func committed(p api.Partition) providers.Position {
	switch {
	case p.Offset == nil:
		return providers.Position{}
	case *p.Offset < 0:
		return providers.At(providers.Unset)
	}
	return providers.AtOffset(*p.Offset)
}

// groupState reports whether a group has committed. If the service lists no
// partition of it, that is unknown.
func groupState(g api.Group) providers.GroupState {
	s := providers.GroupUnknown
	for _, p := range g.Partitions {
		switch committed(p).Kind() {
		case providers.Offset:
			return providers.Committed
		case providers.Unset:
			s = providers.Blank
		}
	}
	return s
}

// activity translates a group's state. The service resets a group only in the
// states Dead and Empty, so any other counts as active.
func activity(g api.Group) providers.Activity {
	a := providers.Activity{State: providers.Active, Why: g.State}
	switch g.State {
	case "Dead", "Empty":
		a.State = providers.Idle
	case "":
		a.State, a.Why = providers.UnknownState, "the service does not report the group's state"
	}
	for _, client := range g.Clients {
		a.Members = append(a.Members, providers.Member{Client: client})
	}
	return a
}
