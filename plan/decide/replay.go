package decide

import (
	"fmt"
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A replay is over when every part has passed its bound: its consumers have read every
// record before the bound that its log still has. A bound at or past the end of the log
// counts as passed when the consumers have caught up, so that neither a time in the
// future nor an empty log is waited for permanently.

// replay decides what follows the reset, and blocks a step whose parts have no bound.
func (d *differ) replay() {
	u := d.q.Step.Until
	if u.Form == "" || d.q.Undo {
		return
	}
	d.Until, d.Then = plan.UntilText(u, d.q.Now), string(d.q.Step.Then)
	for i := range d.Parts {
		p := &d.Parts[i]
		if p.Effect == plan.EffectKeep && p.Before.Kind() == providers.Unset {
			continue // it has nothing to pass
		}
		r, _ := ReadingOf(d.s.Parts, p.Part)
		if !d.q.boundOf(p, r).IsZero() {
			continue
		}
		if u.Form == schema.UntilFormer {
			d.partReasons.Add(p.Part, "has no committed position, so until: former has no meaning for it. Write until: {timestamp: …} or until: {offset: N}.")
			continue
		}
		d.partReasons.Add(p.Part, "has no known position for the time of until. Write until: former, or until: {offset: N}.")
	}
	if len(d.Parts) > 0 && !slices.ContainsFunc(d.Parts, d.replays) {
		d.warn("No partition is before the end of the replay after the reset, so the replay is over at once.")
	}
}

// replays reports whether the reset moves a part before the bound that it has to pass
// after it, or may do so.
func (d *differ) replays(p plan.Part) bool {
	r, _ := ReadingOf(d.s.Parts, p.Part)
	bound := d.q.boundOf(&p, r)
	left, ok := d.q.Capabilities.Order.Distance(bound, p.After)
	return !bound.IsZero() && (!ok || left > 0)
}

// boundOf returns the position that a part has to pass, or the zero Position if it is
// unknown.
func (q *Question) boundOf(p *plan.Part, r providers.PartReading) providers.Position {
	switch u := q.Step.Until; u.Form {
	case schema.UntilOffset:
		return providers.AtOffset(u.Offset)
	case schema.UntilTimestamp:
		return LandingOf(r, providers.AtTime(u.Time.At(q.Now))).UpTo
	case schema.UntilFormer:
		if p.Before.Exact() {
			return p.Before
		}
	}
	return providers.Position{}
}

// earlierReplay returns the replay that an earlier attempt of the same request began: that
// of a step that was sent in part, or over which another client has committed.
func (c *Case) earlierReplay() *lock.Replay {
	if r := c.Question.Record; r != nil && (r.Outcome == lock.Failed || r.Outcome == lock.Overwritten) {
		return r.Replay
	}
	return nil
}

// Bounds returns, by part, what the consumers of a step have to pass after its reset.
// Parts that an earlier attempt has moved keep their bounds.
func (c *Case) Bounds(step *plan.Step) map[string]providers.Position {
	out := map[string]providers.Position{}
	if was := c.earlierReplay(); was != nil {
		maps.Copy(out, was.Bounds)
	}
	for i := range step.Parts {
		p := &step.Parts[i]
		r, _ := ReadingOf(c.Snapshot.Parts, p.Part)
		if _, kept := out[p.Part.String()]; kept || p.Effect == plan.EffectKeep && p.Before.Kind() == providers.Unset {
			continue
		}
		if at := c.Question.boundOf(p, r); !at.IsZero() {
			out[p.Part.String()] = at
		}
	}
	return out
}

// A Remainder is a part that has not passed its bound, with the number of positions
// before it; nil = unknown.
type Remainder struct {
	Part providers.Part
	Left *int64
}

// Unpassed returns the parts that have not passed their bounds, those of a reading. Gone
// finds those that a reading does not have.
func Unpassed(order providers.Order, bounds map[string]providers.Position, now []providers.PartReading) (out []Remainder) {
	for i := range now {
		r := &now[i]
		bound, has := bounds[r.Part.String()]
		if !has {
			continue
		}
		if n, ok := order.Distance(bound, r.High); ok && n > 0 {
			bound = r.High // nothing is at the bound yet
		}
		at := r.Committed
		if n, ok := order.Distance(r.Low, at); ok && n > 0 || at.Kind() == providers.Unset {
			at = r.Low // what was before it is gone
		}
		left, ok := order.Distance(bound, at)
		switch {
		case !ok && at == bound && at.Exact():
		case !ok:
			out = append(out, Remainder{Part: r.Part})
		case left > 0:
			out = append(out, Remainder{r.Part, &left})
		}
	}
	return out
}

// CapAtEnd returns the bounds of parts that have passed them, without what the log did not
// have then: the bound that a part may not go back before.
func CapAtEnd(order providers.Order, bounds map[string]providers.Position, now []providers.PartReading) map[string]providers.Position {
	out := maps.Clone(bounds)
	for i := range now {
		name := now[i].Part.String()
		if n, ok := order.Distance(out[name], now[i].High); ok && n > 0 {
			out[name] = now[i].High
		}
	}
	return out
}

// Gone describes the first part of a replay that a reading does not have, or has with
// another log, or returns "".
func Gone(s *lock.Step, now []providers.PartReading) string {
	seen := make(map[string]bool, len(now))
	for i := range now {
		seen[now[i].Part.String()] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.Replay.Bounds)) {
		if !seen[name] {
			return name + " no longer exists"
		}
	}
	for _, p := range s.Parts {
		if r, ok := ReadingOf(now, p.Part); ok && Recreated(p.LogID, r.LogID) {
			return plan.PartName(p.Part) + " was deleted and re-created"
		}
	}
	return ""
}

// WentBack describes the first part that had passed its bound and is before it now, or
// whose log is gone, or returns "".
func WentBack(order providers.Order, s *lock.Step, now []providers.PartReading) string {
	if gone := Gone(s, now); gone != "" {
		return gone
	}
	left := Unpassed(order, s.Replay.Bounds, now)
	if len(left) == 0 {
		return ""
	}
	name := plan.PartName(left[0].Part)
	if r, _ := ReadingOf(now, left[0].Part); r.Committed.Kind() != providers.Unset {
		return fmt.Sprintf("%s is at %s, before the end of its replay, which it had passed", name, r.Committed)
	}
	return name + " has no committed position any more"
}

// inReplay describes the replay of a step whose reset was applied.
func (d *differ) inReplay(r *lock.Step) {
	d.Until, d.Then, d.Phase = r.Replay.Until, r.Replay.Then, string(r.Replay.Doing)
	d.Why += ". " + text.Sentence(ReplayPhaseText(r.Replay)) + " The next apply continues."
}

// ReplayPhaseText describes the phase of a recorded replay.
func ReplayPhaseText(r *lock.Replay) string {
	out := map[lock.ReplayPhase]string{
		lock.Replaying: "it replays until " + plan.PassedText(r.Until),
		lock.Stopping:  "its consumers have passed the end of the replay and have to be stopped",
		lock.Returning: "its partitions have to be returned to their former positions",
		lock.Restoring: "its consumers have to be started again after the replay",
		lock.Replayed:  "it has replayed until " + plan.PassedText(r.Until),
		lock.Abandoned: "its replay was not finished",
	}[r.Doing]
	if r.Why != "" {
		out += " (" + r.Why + ")"
	}
	return out
}

// PartsOf returns the parts of remainders.
func PartsOf(left []Remainder) (out []providers.Part) {
	for _, r := range left {
		out = append(out, r.Part)
	}
	return out
}

// RemainderText describes what is left of a replay: "1,234 records left on 2 of 3
// partitions".
func RemainderText(left []Remainder, total int, unit string) string {
	on := fmt.Sprintf("%s of %s", text.Grouped(int64(len(left))), text.Plural(total, "partition"))
	var sum int64
	for _, r := range left {
		if r.Left == nil {
			return on + " left"
		}
		sum += *r.Left
	}
	return fmt.Sprintf("%s %s left on %s", text.Grouped(sum), text.Noun(sum, plan.UnitName(unit)), on)
}

// RecordText is why a recorded step has its outcome, with the phase of a replay that is
// not over.
func RecordText(s *lock.Step) string {
	if !s.InReplay() {
		return s.Why
	}
	phase := ReplayPhaseText(s.Replay) + "; the next apply continues"
	if s.Why == "" {
		return phase
	}
	return s.Why + "; " + phase
}

// ReplayStatus describes a replay that is not over, with what is left of it on a reading
// and what comes next; "" for any other step.
func ReplayStatus(s *lock.Step, c providers.Capabilities, now []providers.PartReading, next string) string {
	if !s.InReplay() {
		return ""
	}
	out := ReplayPhaseText(s.Replay)
	if left := Unpassed(c.Order, s.Replay.Bounds, now); s.Replay.Doing == lock.Replaying && len(now) > 0 {
		out += ": " + RemainderText(left, len(s.Replay.Bounds), c.Unit)
	}
	return out + ", then: " + s.Replay.Then + ". " + next
}
