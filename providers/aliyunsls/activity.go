package aliyunsls

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// commitInterval is how often the vendor's consumers commit by default.
const commitInterval = time.Minute

// activity infers from a group's checkpoints whether consumers are active. The
// service reports who committed each checkpoint and when, and nothing else: it has no
// list of consumers, and a heartbeat would add one.
//
// A consumer that committed within the group's timeout plus a consumer's commit
// interval counts as active. The absence of such commits means something only while
// records are waiting: a consumer that has read everything has nothing to commit. A
// checkpoint without a consumer was set by a reset and is no evidence of consumers.
func (g groupReading) activity(parts []providers.PartReading) providers.Activity {
	if !g.exists {
		return providers.Activity{State: providers.Idle, Why: "the group does not exist"}
	}
	last, undated := time.Time{}, false
	active := map[string]bool{}
	window := g.group.Timeout + commitInterval
	for _, p := range g.own.ByShard {
		if p.Consumer == "" {
			continue
		}
		undated = undated || p.Updated.IsZero()
		if p.Updated.After(last) {
			last = p.Updated
		}
		if g.own.At.Sub(p.Updated) <= window {
			active[p.Consumer] = true
		}
	}
	ago := g.own.At.Sub(last).Round(time.Second)
	switch {
	case len(active) > 0:
		why := fmt.Sprintf("last checkpoint %s ago; the group counts as idle after %s without one", max(ago, 0), window)
		a := providers.Activity{State: providers.Active, Why: why}
		for _, name := range slices.Sorted(maps.Keys(active)) {
			a.Members = append(a.Members, providers.Member{ID: name})
		}
		return a
	case undated:
		return providers.Activity{Why: "the service does not report when the checkpoints were committed"}
	case len(g.own.ByShard) == 0:
		return providers.Activity{Why: "the group has no checkpoints, and the service does not list consumers"}
	case !waiting(parts):
		return providers.Activity{Why: "no records are waiting, so an active consumer would commit nothing either"}
	case last.IsZero():
		return providers.Activity{State: providers.Idle, Why: "its checkpoints: records are waiting, and no consumer has ever committed"}
	}
	return providers.Activity{State: providers.Idle, Why: fmt.Sprintf("its checkpoints: records are waiting, and no consumer has committed for %s", ago)}
}

// waiting reports whether there are records after a committed position.
func waiting(parts []providers.PartReading) bool {
	return slices.ContainsFunc(parts, func(p providers.PartReading) bool {
		lag, ok := cursorOrder.Distance(p.High, p.Committed)
		return ok && lag > 0
	})
}

// state reports whether the group exists and has ever committed.
func (g groupReading) state() providers.GroupState {
	switch {
	case !g.exists:
		return providers.Absent
	case len(g.own.ByShard) == 0:
		return providers.Blank
	}
	return providers.Committed
}
