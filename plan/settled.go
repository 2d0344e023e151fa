package plan

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// settled decides a step by what its run has recorded, and reports whether
// nothing else is left to decide: it is done, or it is in doubt and stays so.
func (d *differ) settled() bool {
	r := d.q.Record
	switch {
	case r == nil:
		return false
	case d.q.Holder != "" && r.Doubtful():
		d.block("%s, which is sending it now. Plan again when that has ended.", d.q.Holder)
		return true
	case d.q.Undo:
		return d.undoable(r)
	case r.Undo != nil && r.Undo.Outcome == lock.InDoubt:
		return d.undoInDoubt(r)
	case r.Outcome == lock.InDoubt:
		return d.inDoubt(r)
	case r.Outcome.Done():
		d.done(fmt.Sprintf("this run has done it: %s at %s", r.Outcome, stamp(r.At)))
		return true
	}
	return false
}

// done shows a step that this run has carried out: where its parts stand now.
func (d *differ) done(why string) {
	d.step.Action, d.step.Why = Done, why
	moved := map[providers.Part]lock.Part{}
	for _, p := range d.q.Record.Parts {
		moved[p.Part] = p
	}
	for _, r := range d.s.Parts {
		was, ok := moved[r.Part]
		if !ok {
			continue
		}
		if remade(was.LogID, r.LogID) {
			d.partWarnings.add(r.Part, "belongs to a topic that was deleted and made again since: what this run has done is gone with the old one. Give another --run to do it on the new one.")
		}
		d.step.Parts = append(d.step.Parts, Part{
			Part: r.Part, Low: r.Low, High: r.High, Before: r.Committed, After: was.After, Effect: EffectKeep,
			LagBefore: lag(r.High, r.Committed), LagAfter: lag(r.High, r.Committed), LogID: r.LogID,
		})
	}
}

// inDoubt settles, by reading, a step that may or may not have been carried
// out: all parts at their target means it was, all parts where they stood
// means it was not. Anything else stays in doubt.
func (d *differ) inDoubt(r *lock.Step) bool {
	switch d.stand(r.Parts, d.q.ruler()) {
	case asAsked:
		d.done("an earlier apply was cut off while sending it; it is found carried out")
		d.step.settles = lock.Verified
		return true
	case notYet:
		if age, settle := d.q.Now.Sub(r.At), d.q.Capabilities.Settle; age < settle {
			d.step.InDoubt = true
			d.block("an earlier apply was cut off while sending it, and the effect of a reset may take %s to show: plan again in %s.", span(settle), span(settle-age))
			return true
		}
		d.warn("An earlier apply was cut off while sending this step; it is found not carried out.")
		return false
	}
	d.doubt(r.ID, "whether an earlier apply carried it out")
	return true
}

func (d *differ) undoInDoubt(r *lock.Step) bool {
	switch d.stand(r.Undo.Parts, ruler{needs: d.q.Capabilities.Needs}) {
	case asAsked:
		d.warn("An earlier rollback of this step was cut off; it is found carried out.")
		d.step.settles = lock.Undone
		return false
	case notYet:
		d.done("an earlier rollback of it was cut off; it is found not carried out, so the step stands")
		d.step.settles = r.Outcome
		return true
	}
	d.doubt(r.ID, "whether an earlier rollback of it was carried out")
	return true
}

// undoable decides whether a step can be taken back while it, or an earlier
// attempt to take it back, is in doubt. Where reading tells what happened the
// comparison goes on: parts that stand where they go are kept.
func (d *differ) undoable(r *lock.Step) bool {
	switch {
	case d.q.Ceded && len(d.q.Fixed) == 0:
		d.step.Action, d.step.Why = Keep, "its partitions are taken back with those of another step of this run"
		return true
	case r.Undo != nil && r.Undo.Outcome == lock.InDoubt && d.stand(r.Undo.Parts, ruler{needs: d.q.Capabilities.Needs}) == elsewhere:
		d.doubt(r.ID, "whether an earlier rollback of it was carried out")
		return true
	case r.Outcome == lock.InDoubt && d.stand(r.Parts, ruler{d.q.Capabilities.Needs, d.q.Step.To.Form == schema.ToLatest}) == elsewhere:
		d.doubt(r.ID, "whether an earlier apply carried it out")
		return true
	}
	return false
}

// settlesUndo is what an attempt to take the step back is found to be.
func (s Step) settlesUndo() lock.Outcome {
	if s.settles == lock.Undone {
		return lock.Verified
	}
	return lock.Failed
}

func (d *differ) doubt(id, what string) {
	d.step.InDoubt = true
	d.block("%s cannot be told: its positions are neither the ones before nor the ones asked for%s. Look at the group, then decide with %s.", what, d.unread(), SettleCommands(d.q.Run, id))
}

func (d *differ) unread() string {
	if d.s.Err != nil {
		return " (" + d.s.Err.Error() + ")"
	}
	return ""
}

// stand holds recorded parts against what was read: all as asked, all where
// they stood, or neither.
func (d *differ) stand(parts []lock.Part, r ruler) found {
	if d.s.Err != nil || len(parts) == 0 {
		return elsewhere
	}
	same := 0
	sum := asAsked
	for _, p := range parts {
		now, ok := reading(d.s.Parts, p.Part)
		if !ok || remade(p.LogID, now.LogID) {
			return elsewhere
		}
		if now.Committed == p.Before {
			same++
		}
		sum = max(sum, r.measure(p, now.Committed, landing(now, p.After)))
	}
	switch {
	case sum == asAsked:
		return asAsked
	case same == len(parts):
		return notYet
	}
	return elsewhere
}
