package huaweirocketmq

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// A group is what was read about a group and its consumers.
type group struct {
	api.Group
	consumers api.Consumers // not read if the group is known to be offline
}

// activity reports whether consumers are online, as the group reports it or, if it
// does not, as the list of its consumers does.
func (g group) activity() providers.Activity {
	field, online := "group_online", g.Online
	if online == nil {
		field, online = "online", g.consumers.Online
	}
	if online == nil {
		return providers.Activity{Why: "the service reports neither group_online nor online"}
	}
	a := providers.Activity{State: providers.Idle, Why: fmt.Sprintf("%s is %t", field, *online)}
	if *online {
		a.State = providers.Active
	}
	for _, c := range g.consumers.Clients {
		a.Members = append(a.Members, providers.Member{ID: c.ID, Client: c.ID, Host: c.Address})
	}
	return a
}

// groupState reports whether the group has ever committed. Offset 0 does not decide
// it: the engine also reports 0 for queues without a commit.
func groupState(parts []providers.PartReading) (providers.GroupState, []string) {
	state, zeros := providers.Blank, 0
	for _, p := range parts {
		switch n, ok := p.Committed.Offset(); {
		case ok && n > 0:
			state = providers.Committed
		case ok && state == providers.Blank:
			state = providers.GroupUnknown
		}
		if p.Committed == providers.AtOffset(0) && p.High != p.Committed {
			zeros++
		}
	}
	if zeros == 0 {
		return state, nil
	}
	return state, []string{fmt.Sprintf("The group is at offset 0 on %d of %d queues; the service also reports 0 for queues without a commit.",
		zeros, len(parts))}
}
