package track

import (
	"cmp"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// maxGap is the maximum interval between two readings for attributing a move
// between them to a client that was seen in one of them.
const maxGap = 10 * time.Second

// detectOverwrite detects commits of other clients over a verified reset. Consumers only
// move forward: a position that goes back, or moves while the group has no members,
// was committed by another client.
func (t *Tracker) detectOverwrite(now Reading) {
	o := t.record.Outcome
	if o == lock.Overwritten && !t.overwritten {
		t.overwritten, t.overwriter = true, cmp.Or(t.record.Why, "another client committed over it")
		return
	}
	effective := o == lock.Verified || o == lock.Keep || o == lock.Undone || o == lock.Applied && t.settled
	if t.overwritten || !effective || now.Snap.Err != nil || now.At.Sub(t.record.At.Time) < t.Caps.Settle {
		return
	}
	for _, p := range t.parts() {
		if what := vanished(p, now.Snap.Parts); what != "" {
			t.overwritten, t.overwriter = true, fmt.Sprintf("the reset position no longer exists: %s %s", plan.PartName(p.Part), what)
			return
		}
		if what := t.foreign(p, now); what != "" {
			t.overwritten, t.overwriter = true, fmt.Sprintf("another client committed over it: %s %s; %s", plan.PartName(p.Part), what,
				decide.CommitterText(now.Snap.Activity, t.Caps.Activity))
			return
		}
	}
}

// vanished describes a part whose log is not the one that was reset, or returns "".
func vanished(p lock.Part, now []providers.PartReading) string {
	r, ok := decide.ReadingOf(now, p.Part)
	switch {
	case !ok && p.Part != (providers.Part{}):
		return "no longer exists"
	case decide.Recreated(p.LogID, r.LogID):
		return "was deleted and re-created"
	}
	return ""
}

// foreign describes a position that the group's own consumers cannot have
// committed, or returns "".
func (t *Tracker) foreign(p lock.Part, now Reading) string {
	r, ok := decide.ReadingOf(now.Snap.Parts, p.Part)
	switch {
	case !ok:
		return ""
	case r.Committed.Kind() == providers.Unset && p.After.Kind() != providers.Unset:
		return "has no commit any more"
	}
	start := t.start(p, r)
	prev, again := t.previous(p.Part)
	if again {
		if n, ok := t.Caps.Order.Distance(r.Committed, prev.Committed); ok && n < 0 {
			return fmt.Sprintf("went back from %s to %s", prev.Committed, r.Committed)
		}
	}
	if n, ok := t.Caps.Order.Distance(r.Committed, start); ok && n < 0 && t.Placer.Needs != providers.Active {
		return fmt.Sprintf("is at %s, before %s, the target of the reset", r.Committed, start)
	}
	if t.record.Passed() {
		return "" // its consumers have read so far, or it was returned to its former position
	}
	if t.Caps.Activity == providers.Exact && decide.WrittenBack(p, r, now.Snap.Activity.State) {
		return fmt.Sprintf("is back at %s, its position before the reset, and the group has no members", r.Committed)
	}
	switch {
	case !again || r.Committed == prev.Committed || r.Committed == r.High:
		return ""
	case t.allWrittenBack(now):
		return fmt.Sprintf("went directly from %s back to %s, its position before the reset", start, r.Committed)
	case t.Caps.Activity == providers.Exact && t.idleSince(now):
		return fmt.Sprintf("went from %s to %s while the group had no members", prev.Committed, r.Committed)
	}
	return ""
}

// allWrittenBack reports whether all parts moved, from one reading to the next, from their
// reset positions to exactly their previous ones. Consumers that only pass there are
// unlikely to be there on all parts at once.
func (t *Tracker) allWrittenBack(now Reading) bool {
	if now.At.Sub(t.seen[len(t.seen)-1].At) > maxGap {
		return false
	}
	for _, p := range t.parts() {
		prev, _ := t.previous(p.Part)
		r, _ := decide.ReadingOf(now.Snap.Parts, p.Part)
		if prev.Committed != t.start(p, prev) || r.Committed != p.Before || p.Before == p.After {
			return false
		}
	}
	return true
}

// previous returns a part in the last reading.
func (t *Tracker) previous(p providers.Part) (providers.PartReading, bool) {
	if len(t.seen) == 0 {
		return providers.PartReading{}, false
	}
	return decide.ReadingOf(t.seen[len(t.seen)-1].Snap.Parts, p)
}

// idleSince reports whether the group has no members, neither now nor at the last,
// recent reading.
func (t *Tracker) idleSince(now Reading) bool {
	last := t.seen[len(t.seen)-1]
	return last.Snap.Activity.State == providers.Idle && now.Snap.Activity.State == providers.Idle && now.At.Sub(last.At) <= maxGap
}

// hopeless reports whether a step of a finished run will not be verified by waiting.
func (t *Tracker) hopeless(now Reading) bool {
	sent := t.record.Outcome == lock.Applied || t.record.Outcome == lock.InDoubt
	return !sent || now.At.Sub(t.record.At.Time) >= t.Caps.Settle
}

// stuckText describes why a step will not be verified by waiting.
func (t *Tracker) stuckText(now Reading) string {
	switch t.record.Outcome {
	case lock.Applied, lock.InDoubt:
	case lock.Overwritten:
		return "it was overwritten"
	default:
		return "it was not applied: " + string(t.record.Outcome)
	}
	if t.Caps.Reads == providers.No {
		return "the service does not report committed positions"
	}
	worst := decide.AtTarget
	for _, p := range t.record.Parts {
		worst = max(worst, t.placementOf(p, now))
	}
	switch worst {
	case decide.Unmoved:
		return "still at the previous position: not applied"
	case decide.Unshown:
		return "still at the previous position, to which the reset may have led: it cannot be verified"
	case decide.Unproven:
		return "it moved, but the target cannot be verified"
	}
	return "in doubt: at neither its previous position nor its target"
}
