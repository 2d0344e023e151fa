package huaweirocketmq

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// activity tells whether consumers are online: by the group's own word, or,
// where it has none, by that of the list of its clients.
func activity(g group) providers.Activity {
	word, online := "group_online", g.Online
	if online == nil {
		word, online = "online", g.Connected
	}
	if online == nil {
		return providers.Activity{Why: "the service tells neither group_online nor online"}
	}
	a := providers.Activity{State: providers.Idle, Why: fmt.Sprintf("%s is %t", word, *online)}
	if *online {
		a.State = providers.Active
	}
	for _, c := range g.Clients {
		a.Members = append(a.Members, providers.Member{ID: c.ID, Client: c.ID, Host: c.Address})
	}
	return a
}

// standing tells whether the group has ever committed. A queue that reads 0
// leaves it open: the engine says 0 of queues that were never committed, too.
func standing(parts []providers.PartReading) (providers.GroupState, []string) {
	stands, zeros := providers.Blank, 0
	for _, p := range parts {
		switch n, ok := p.Committed.Offset(); {
		case ok && n > 0:
			stands = providers.Committed
		case ok && stands == providers.Blank:
			stands = providers.GroupUnknown
		}
		if p.Committed == providers.AtOffset(0) && p.High != p.Committed {
			zeros++
		}
	}
	if zeros == 0 {
		return stands, nil
	}
	return stands, []string{fmt.Sprintf("It reads offset 0 on %d of %d queues: the service says so of queues that were never committed, too.", zeros, len(parts))}
}
