package plan

import (
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// closeBy is how near two readings must be for a move between them to have
// been made by somebody who was there at one of them.
const closeBy = 10 * time.Second

// watchOver notes when somebody committed over a reset that stands. Consumers
// by themselves only go on: what goes back, or moves while nobody is there,
// was committed by somebody else.
func (t *tracker) watchOver(now glimpse) {
	o := t.record.Outcome
	if o == lock.Overwritten && t.overwritten == "" {
		t.overwritten = t.record.Why
		return
	}
	stands := o == lock.Verified || o == lock.Keep || o == lock.Undone || o == lock.Applied && t.settled
	if t.overwritten != "" || !stands || now.snap.Err != nil || now.at.Sub(t.record.At) < t.caps.Settle {
		return
	}
	for _, p := range t.parts() {
		if what := vanished(p, now.snap.Parts); what != "" {
			t.overwritten = fmt.Sprintf("what was reset is gone: %s %s", partName(p.Part), what)
			return
		}
		if what := t.foreign(p, now); what != "" {
			t.overwritten = fmt.Sprintf("another client committed over it: %s %s; %s", partName(p.Part), what, whoIs(now.snap.Activity, t.caps.Activity))
			return
		}
	}
}

// vanished says what became of a part's log where it is not the one that was
// reset, or returns "".
func vanished(p lock.Part, now []providers.PartReading) string {
	r, ok := reading(now, p.Part)
	switch {
	case !ok && p.Part != (providers.Part{}):
		return "no longer exists"
	case recreated(p.LogID, r.LogID):
		return "was deleted and re-created"
	}
	return ""
}

// foreign says what about a part's place cannot be the doing of the group's
// own consumers, or returns "".
func (t *tracker) foreign(p lock.Part, now glimpse) string {
	r, ok := reading(now.snap.Parts, p.Part)
	switch {
	case !ok:
		return ""
	case r.Committed.Kind() == providers.Unset && p.After.Kind() != providers.Unset:
		return "has no commit any more"
	}
	start := t.start(p, r)
	prev, again := t.previous(p.Part)
	if again {
		if n, ok := r.Committed.Distance(prev.Committed); ok && n < 0 {
			return fmt.Sprintf("went back from %s to %s", prev.Committed, r.Committed)
		}
	}
	if n, ok := r.Committed.Distance(start); ok && n < 0 && t.placer.needs != providers.Active {
		return fmt.Sprintf("is at %s, before %s, to which it was reset", r.Committed, start)
	}
	if t.caps.Activity == providers.Exact && writtenBack(p, r, now.snap.Activity.State) {
		return fmt.Sprintf("is back at %s, its position before the reset, and the group has no members", r.Committed)
	}
	switch {
	case !again || r.Committed == prev.Committed || r.Committed == r.High:
		return ""
	case t.putBack(now):
		return fmt.Sprintf("went straight from %s back to %s, its position before the reset", start, r.Committed)
	case t.caps.Activity == providers.Exact && t.idleSince(now):
		return fmt.Sprintf("went from %s to %s while the group had no members", prev.Committed, r.Committed)
	}
	return ""
}

// writtenBack reports whether a part is at exactly its position before the reset,
// short of the end of its log, while no consumer is connected: readers would have
// to have come, stopped there and gone; what syncs commits writes them back.
func writtenBack(p lock.Part, now providers.PartReading, state providers.State) bool {
	return state == providers.Idle && now.Committed == p.Before && p.Before != p.After && now.Committed != now.High
}

// putBack reports whether all parts went, from one reading to the next, from
// where they were reset to exactly where they stood before. Consumers that only
// pass there are hardly all there at once.
func (t *tracker) putBack(now glimpse) bool {
	if now.at.Sub(t.seen[len(t.seen)-1].at) > closeBy {
		return false
	}
	for _, p := range t.parts() {
		prev, _ := t.previous(p.Part)
		r, _ := reading(now.snap.Parts, p.Part)
		if prev.Committed != t.start(p, prev) || r.Committed != p.Before || p.Before == p.After {
			return false
		}
	}
	return true
}

// previous returns what the last reading told of a part.
func (t *tracker) previous(p providers.Part) (providers.PartReading, bool) {
	if len(t.seen) == 0 {
		return providers.PartReading{}, false
	}
	return reading(t.seen[len(t.seen)-1].snap.Parts, p)
}

// idleSince reports whether nobody was there at the last reading, a short
// while ago, nor now.
func (t *tracker) idleSince(now glimpse) bool {
	last := t.seen[len(t.seen)-1]
	return last.snap.Activity.State == providers.Idle && now.snap.Activity.State == providers.Idle && now.at.Sub(last.at) <= closeBy
}

// whoIs names those who may have committed, as far as the service tells.
func whoIs(a providers.Activity, trust providers.Trust) string {
	if a.State == providers.Idle && trust == providers.Exact {
		return "the group has no members now, so a tool, or a reader outside the group, committed it"
	}
	return "the group is " + state(a)
}
