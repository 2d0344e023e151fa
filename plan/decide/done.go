package decide

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// recorded decides a step by its record in this run, and reports whether
// nothing else is left to decide: it is done, or it must not be sent.
func (d *differ) recorded() bool {
	r := d.q.Record
	if d.earlierInDoubt() {
		return true
	}
	switch {
	case r == nil:
		return false
	case d.q.Holder != "" && r.Doubtful():
		d.block("%s, which is sending it now. Run plan again when that apply has ended.", d.q.Holder)
		return true
	case d.q.Undo:
		return d.undoable(r)
	case r.Undo != nil && r.Undo.Outcome == lock.InDoubt:
		return d.undoInDoubt(r)
	case r.Return != nil && r.Return.Outcome == lock.InDoubt:
		return d.returnInDoubt(r)
	case r.Outcome == lock.InDoubt:
		return d.inDoubt(r)
	case r.Outcome == lock.Overwritten && !d.q.Retry:
		d.overwritten(r)
		return true
	case r.Outcome.Done():
		d.done(fmt.Sprintf("already applied in this run (%s at %s)", r.Outcome, text.Stamp(r.At.Time)))
		return true
	}
	return false
}

// done shows a step that this run has applied, with the positions of its parts
// now. A run does not count for a topic that was re-created since.
func (d *differ) done(why string) {
	d.Action, d.Why = plan.Done, why
	r := d.q.Record
	if d.resolved != nil {
		r = d.resolved
	}
	if r.InReplay() {
		d.inReplay(r)
	}
	if d.s.Err != nil {
		d.warn(fmt.Sprintf("The positions now could not be read: %s.", strings.TrimSuffix(d.s.Err.Error(), ".")))
	}
	order := d.q.Capabilities.Order
	most := min(len(d.s.Parts), len(d.q.Record.Parts))
	d.Parts = slices.Grow(d.Parts, most)
	numbers := d.figures(most)
	for i := range d.s.Parts {
		r := &d.s.Parts[i]
		was := RecordAt(d.q.Record.Parts, i, r.Part)
		if was == nil {
			continue
		}
		if Recreated(was.LogID, r.LogID) {
			d.partReasons.Add(r.Part, "belongs to a topic that was deleted and re-created since this run reset it. Start another run with --run "+
				"KEY to reset the new topic.")
		}
		left := numbers.keep(lag(order, r.Committed, r.Low, r.High))
		d.Parts = append(d.Parts, plan.Part{
			Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, After: was.After, Effect: plan.EffectKeep,
			LagBefore: left, LagAfter: left, LogID: r.LogID,
			FromLow: plan.FromLow(order, r.Low, r.High, r.Committed, was.After),
		})
	}
}

// overwritten blocks a step over which another client has committed: sending it
// again would throw the consumers back a second time.
func (d *differ) overwritten(r *lock.Step) {
	d.Overwritten = true
	d.block("it was overwritten in this run at %s (%s), so it is not sent again automatically. Inspect the group, then run %s, or apply with "+
		"--retry-overwritten.",
		text.Stamp(r.At.Time), strings.TrimSuffix(r.Why, "."), plan.ResolveDoubtCommands(d.q.File, d.q.Run, r.ID))
}

// undoable decides whether a step can be rolled back while it, or an earlier
// rollback of it, is in doubt. If the reading resolves the doubt, the
// comparison goes on: parts that are at their target are kept.
func (d *differ) undoable(r *lock.Step) bool {
	switch {
	case d.q.Ceded && len(d.q.Fixed) == 0:
		d.Action, d.Why = plan.Keep, "its partitions are rolled back with those of another step of this run"
		return true
	case r.Returned() && !d.q.Past:
		d.Action, d.Why = plan.Keep, "its positions were returned to the former ones at the end of its replay"
		return true
	case d.s.Err != nil:
		return false
	case r.Undo != nil && r.Undo.Outcome == lock.InDoubt && len(d.sortByProof(r.Undo.Parts, false).unknown) > 0:
		d.doubt(r.ID, "the earlier rollback", d.sortByProof(r.Undo.Parts, false))
		return true
	case r.Outcome == lock.InDoubt && len(d.sortByProof(r.Parts, d.movingEnd()).unknown) > 0:
		d.doubt(r.ID, "the earlier apply", d.sortByProof(r.Parts, d.movingEnd()))
		return true
	}
	return false
}

// Recreated reports whether a log was deleted and re-created under its name. This
// cannot be detected if the service reports no ids.
func Recreated(was, is string) bool { return was != "" && is != "" && was != is }

// movingEnd reports whether the step goes to the end of the log, which moves.
func (d *differ) movingEnd() bool { return !d.q.Undo && d.q.MovingEnd() }

func isIdleService(c *providers.Capabilities) bool { return c.Needs == providers.Idle }
