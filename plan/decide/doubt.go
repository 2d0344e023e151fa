package decide

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// A reset whose answer is not on record may or may not have taken effect. A
// reading decides it part by part, and only as far as it is proof:
//
//	part is                                      took effect?
//	settled by a person                          as the person decided
//	at the target, or between it and before      yes
//	at before, its metadata unchanged, on a
//	service whose consumers must be idle, and
//	the move went forward or before was below
//	the end of the log                           no: consumers would not have
//	                                             read back to exactly there
//	anything else                                unknown
//
// A step with an unknown part stays in doubt and is never sent again automatically.

// verdicts groups the parts of a step in doubt by what a reading proves.
type verdicts struct{ yes, no, unknown []lock.Part }

// sortByProof decides recorded parts by the reading.
func (d *differ) sortByProof(parts []lock.Part, ends bool) verdicts {
	var v verdicts
	placer := PlacerFor(d.q.Capabilities, ends)
	for _, p := range parts {
		now, ok := ReadingOf(d.s.Parts, p.Part)
		switch {
		case p.Error != "":
			v.no = append(v.no, p)
		case p.DecidedBy != "":
			v.yes = append(v.yes, p)
		case d.s.Err != nil || !ok || Recreated(p.LogID, now.LogID):
			v.unknown = append(v.unknown, p)
		default:
			p.Seen = now.Committed
			at := placer.Place(p, now.Committed, LandingOf(now, p.After))
			if now.Committed == p.Before && p.After != p.Before {
				at = Unmoved // even if the boundary has moved there since
			}
			switch {
			case at.TookEffect():
				v.yes = append(v.yes, p)
			case at == Unmoved && d.notDone(p, now):
				p.Error = "the reset has not taken effect"
				v.no = append(v.no, p)
			default:
				v.unknown = append(v.unknown, p)
			}
		}
	}
	return v
}

// notDone reports whether a part at its previous position proves that the reset
// did not take effect.
func (d *differ) notDone(p lock.Part, now providers.PartReading) bool {
	if !isIdleService(&d.q.Capabilities) || now.Committed != p.Before || !maps.Equal(p.Metadata, now.Metadata) {
		return false
	}
	if p.Before.Kind() == providers.Unset {
		return true // consumers cannot remove a commit
	}
	jump, known := d.q.Capabilities.Order.Distance(p.After, p.Before)
	left, recorded := d.q.Capabilities.Order.Distance(p.High, p.Before)
	return known && jump > 0 || recorded && left > 0
}

// inDoubt resolves, by the reading, a step that may or may not have been reset.
// It reports whether nothing else is left to decide.
func (d *differ) inDoubt(r *lock.Step) bool {
	v := d.sortByProof(r.Parts, d.movingEnd())
	if d.mayStillShow(r.At.Time) { // at the previous position proves nothing yet
		v.unknown, v.no = SortedParts(v.unknown, v.no), nil
	}
	switch {
	case len(r.Parts) == 0 || len(v.unknown) > 0:
		if d.waitsToShow(r) {
			return true
		}
		d.doubt(r.ID, "the earlier apply", v)
		return true
	case len(v.no) == 0:
		outcome := lock.Verified
		if slices.ContainsFunc(v.yes, func(p lock.Part) bool { return p.DecidedBy != "" }) {
			outcome = lock.Applied // not all of it was read
		}
		d.resolveDoubt(r, outcome, "resolved by reading: it took effect", v)
		d.done("an earlier apply was interrupted while sending this step; the reset has taken effect")
		return true
	}
	d.warn("An earlier apply was interrupted while sending this step; the reset has not taken effect" + d.onParts(v) + " and will be sent again.")
	d.resolveDoubt(r, lock.Failed, "resolved by reading: it did not take effect"+d.onParts(v), v)
	if len(v.yes) > 0 {
		d.q.Fixed, d.q.Complete = v.no, false
	}
	return false
}

// earlierInDoubt blocks a step while another request for its target, such as the step before
// it was edited, is in doubt, unless the reading proves of each part whether it took effect.
func (d *differ) earlierInDoubt() bool {
	e, r := d.q.Earlier, d.q.Record
	if e == nil || d.q.Undo || d.q.Holder != "" || r != nil && (r.Outcome.Done() || r.Doubtful()) {
		return false
	}
	parts := e.Parts
	if attempt := e.Attempt(); attempt != nil {
		parts = attempt.Parts
	}
	v := d.sortByProof(parts, false)
	if len(parts) > 0 && len(v.unknown) == 0 && !d.mayStillShow(e.At.Time) {
		return false
	}
	d.doubt(e.ID, "another request for this target, sent at "+text.Stamp(e.At.Time)+" in this run,", v)
	return true
}

// onParts names the parts that did not move, if others did.
func (d *differ) onParts(v verdicts) string {
	if len(v.yes) == 0 {
		return ""
	}
	return " on " + plan.PartRanges(partsOf(v.no))
}

// mayStillShow reports whether the effect of a reset sent at a time may still become
// visible.
func (d *differ) mayStillShow(sent time.Time) bool {
	age := d.q.Now.Sub(sent)
	return age >= 0 && age < d.q.Capabilities.Settle
}

// waitsToShow blocks a step in doubt while its effect may still become visible.
func (d *differ) waitsToShow(r *lock.Step) bool {
	if d.s.Err != nil || len(r.Parts) == 0 || !d.mayStillShow(r.At.Time) {
		return false
	}
	age, settle := d.q.Now.Sub(r.At.Time), d.q.Capabilities.Settle
	d.InDoubt = true
	d.block("an earlier apply was interrupted while sending it, and the effect of a reset may take %s to show: run plan again in %s.",
		text.Span(settle), text.Span(settle-age))
	return true
}

// resolveDoubt returns the record with the result of the reading.
func (d *differ) resolveDoubt(r *lock.Step, outcome lock.Outcome, why string, v verdicts) {
	s := *r
	s.Outcome, s.At, s.Why = outcome, lock.AtTime(d.q.Now), why
	s.Parts = SortedParts(v.yes, v.no)
	d.resolved = &s
}

// undoInDoubt resolves, by the reading, a rollback that may or may not have taken
// effect. It reports whether nothing else is left to decide.
func (d *differ) undoInDoubt(r *lock.Step) bool {
	v := d.sortByProof(r.Undo.Parts, false)
	s, undo := *r, *r.Undo
	undo.Parts = SortedParts(v.yes, v.no)
	undo.Why = "resolved by reading"
	switch {
	case len(r.Undo.Parts) == 0 || len(v.unknown) > 0:
		d.doubt(r.ID, "the earlier rollback", v)
		return true
	case len(v.no) == 0:
		d.warn("An earlier rollback of this step was interrupted; the rollback has taken effect.")
		undo.Outcome = lock.Verified
		s.Outcome, s.At, s.Why, s.Undo, s.Undone = lock.Undone, lock.AtTime(d.q.Now), "", &undo, s.Undone+1
		d.resolved, d.RolledBack = &s, s.Undone
		return false
	}
	undo.Outcome = lock.Failed
	s.At, s.Why, s.Undo = lock.AtTime(d.q.Now), "", &undo
	d.resolved = &s
	if len(v.yes) > 0 {
		return d.undoneInPart(&s, v)
	}
	d.done("an earlier rollback of it was interrupted; the rollback has not taken effect, so the step still counts as applied")
	return true
}

// undoneInPart handles a rollback that has taken effect only on some parts: these
// count as not applied, and an apply sends them again.
func (d *differ) undoneInPart(s *lock.Step, v verdicts) bool {
	rolledBack := partsOf(v.yes)
	s.Outcome, s.Why = lock.Failed, "an earlier rollback was interrupted: it has taken effect only on "+plan.PartRanges(rolledBack)
	s.Parts = slices.Clone(s.Parts)
	d.q.Fixed, d.q.Complete = nil, false
	for i := range s.Parts {
		if slices.Contains(rolledBack, s.Parts[i].Part) {
			s.Parts[i].Error = "rolled back"
			d.q.Fixed = append(d.q.Fixed, s.Parts[i])
		}
	}
	d.warn(text.Sentence(s.Why) + " These are sent again; to finish the rollback, run rollback.")
	return false
}

// doubt blocks a step if it is unknown whether it took effect.
func (d *differ) doubt(id, what string, v verdicts) {
	d.InDoubt = true
	var open []providers.Part // if a reading decides the others
	if len(v.yes)+len(v.no) > 0 && len(v.unknown) <= plan.MostListed {
		open = partsOf(v.unknown)
	}
	d.block("cannot determine whether %s took effect%s. The step is in doubt. Inspect the group, then run %s.", what, d.because(v),
		plan.ResolveDoubtCommands(d.q.File, d.q.Run, id, open...))
}

// because returns why the reading proves nothing.
func (d *differ) because(v verdicts) string {
	switch {
	case d.s.Err != nil:
		return " (" + d.s.Err.Error() + ")"
	case d.q.Capabilities.Reads == providers.No:
		return ": the service reports no committed positions"
	case len(v.unknown) == 0:
		return ": no position was recorded"
	}
	atBefore := 0
	for _, p := range v.unknown {
		if p.Seen == p.Before {
			atBefore++
		}
	}
	parts := plan.PartRanges(partsOf(v.unknown))
	if atBefore == len(v.unknown) {
		return fmt.Sprintf(": %s at the previous position, but consumers may have read back to it", withVerb(len(v.unknown), parts))
	}
	return fmt.Sprintf(": %s at neither the previous position nor the requested one", withVerb(len(v.unknown), parts))
}

func withVerb(n int, subject string) string {
	if n == 1 {
		return subject + " is"
	}
	return subject + " are"
}
