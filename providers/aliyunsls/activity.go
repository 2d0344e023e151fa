package aliyunsls

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// commits is how often the vendor's consumers commit by default.
const commits = time.Minute

// activity concludes from the checkpoints whether consumers are at work. The
// service tells who committed each and when, and no more: there is no list of
// consumers, and a heartbeat would add one.
//
// Whoever committed within the group's timeout and a consumer's own interval
// is taken for alive. Where nobody did, that means something only while
// records wait: a consumer that has read everything has nothing to commit. A
// checkpoint of nobody was set by a reset and tells nothing of consumers.
func (s standing) activity(parts []providers.PartReading) providers.Activity {
	if !s.exists {
		return providers.Activity{State: providers.Idle, Why: "there is no such group"}
	}
	last, untold := time.Time{}, false
	living := map[string]bool{}
	window := s.group.timeout + commits
	for _, p := range s.own.points {
		if p.consumer == "" {
			continue
		}
		untold = untold || p.updated.IsZero()
		if p.updated.After(last) {
			last = p.updated
		}
		if s.own.at.Sub(p.updated) <= window {
			living[p.consumer] = true
		}
	}
	ago := s.own.at.Sub(last).Round(time.Second)
	switch {
	case len(living) > 0:
		a := providers.Activity{State: providers.Active, Why: fmt.Sprintf("a checkpoint was committed %s ago, and only %s without one are taken for idleness", max(ago, 0), window)}
		for _, name := range slices.Sorted(maps.Keys(living)) {
			a.Members = append(a.Members, providers.Member{ID: name})
		}
		return a
	case untold:
		return providers.Activity{Why: "the service does not tell when its checkpoints were committed"}
	case len(s.own.points) == 0:
		return providers.Activity{Why: "nothing was ever committed, and the service does not list consumers"}
	case !waiting(parts):
		return providers.Activity{Why: "nothing waits to be read, so that a consumer at work would commit nothing either"}
	case last.IsZero():
		return providers.Activity{State: providers.Idle, Why: "its checkpoints: records wait, and none was set by a consumer"}
	}
	return providers.Activity{State: providers.Idle, Why: fmt.Sprintf("its checkpoints: records wait, and no consumer has committed for %s", ago)}
}

// waiting reports whether there is something to read from where the group
// stands.
func waiting(parts []providers.PartReading) bool {
	return slices.ContainsFunc(parts, func(p providers.PartReading) bool {
		lag, ok := p.High.Distance(p.Committed)
		return ok && lag > 0
	})
}

// standing tells what is known of the group's past.
func (s standing) standing() providers.GroupState {
	switch {
	case !s.exists:
		return providers.Absent
	case len(s.own.points) == 0:
		return providers.Blank
	}
	return providers.Committed
}
