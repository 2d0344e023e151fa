package modelcheck_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// A send is one reset that leaves.
type send struct {
	target
	to     string
	digest string // of the step
	before map[providers.Part]providers.Position
	kept   map[providers.Part]map[string]string
	moves  map[providers.Part]providers.Position
	effect bool
}

// committed returns the positions of a group on every partition.
func (w *world) committed(group string) map[providers.Part]providers.Position {
	out, at := map[providers.Part]providers.Position{}, w.service.Committed(group)
	for _, p := range w.service.Partitions(topic) {
		out[p] = providers.At(providers.Unset)
		if is, ok := at[p]; ok {
			out[p] = is
		}
	}
	return out
}

// sending checks a reset that is about to leave.
func (w *world) sending(group string, m providers.Move) *send {
	c := w.command
	s := &send{target: target{c.lock, c.run, group}, before: w.committed(group), kept: w.service.Metadata(group)}
	s.moves = map[providers.Part]providers.Position{}
	step, to, known := c.approved.step(group)
	s.to, s.digest = to, step.Digest
	for _, mv := range m.To {
		if mv.Part == (providers.Part{}) {
			for p := range s.before {
				s.moves[p] = mv.Position
			}
			continue
		}
		s.moves[mv.Part] = mv.Position
	}
	w.log("  sends %s to %v (it is at %v)", group, s.moves, s.before)
	if !c.undo {
		w.attempt(s)
	}
	if c.tried[group] {
		return s // it is tried again because it did not get through
	}
	c.tried[group] = true
	w.approvedToSend(s, step, known)
	if known {
		w.asShown(s, step, m)
		w.withinGuards(s)
	}
	at := c.lock + " " + group
	if was, ok := w.accepted[at]; ok && w.script.Setup.Kind == "online" && w.passed-was < settling {
		w.violated("8 a reset waits until the last one of its target has settled", "%s was reset %s ago", group, w.passed-was)
	}
	return s
}

func (w *world) attempt(s *send) {
	lands := map[providers.Part]providers.Position{}
	for p, to := range s.moves {
		lands[p] = to
		if n, ok := w.service.Find(p, to); ok && to.Kind() != providers.Unset {
			lands[p] = providers.AtOffset(n)
		}
	}
	w.attempts[asked{s.target, s.digest}] = attempt{len(w.service.Entries()), s.before, lands}
}

const asApproved = "2 nothing is sent that the approved plan did not show"

func (w *world) approvedToSend(s *send, step plan.Step, known bool) {
	c := w.command
	switch {
	case !known:
		w.violated(asApproved, "%s is sent, and no step of the plan moves it", s.group)
	case step.Action != plan.Reset:
		w.violated(asApproved, "step %s was shown as %s and is sent", step.ID, step.Action)
	case c.approved.lock != c.lock:
		w.violated(asApproved, "step %s was saved for another lock and is sent", step.ID)
	case !c.undo && c.approved.seq < w.undone[s.target]:
		w.violated(asApproved, "step %s was rolled back after this approval and is sent again", step.ID)
	}
}

// asShown compares a reset with what was shown for its step.
func (w *world) asShown(s *send, step plan.Step, m providers.Move) {
	shown := map[providers.Part]plan.Part{}
	for _, p := range step.Parts {
		shown[p.Part] = p
	}
	covered := w.script.Setup.Kind != "online" && !step.Waits && !step.Pauses
	for _, p := range step.Parts {
		_, _, id, exists := w.service.Log(p.Part)
		switch {
		case !exists:
		case p.LogID != "" && p.LogID != id:
			w.violated(asApproved, "%s is another log than the one shown", p.Part)
		case covered && p.Before != s.before[p.Part]:
			w.violated(asApproved, "%s was shown at %s and is at %s", p.Part, p.Before, s.before[p.Part])
		}
	}
	some := s.to == "{group: donor}" || strings.Contains(s.to, "offsets") || strings.Contains(s.to, "lock:") // not every partition
	whole := !w.command.undo && !some && w.script.Setup.Kind != "blind"
	for p := range s.before {
		if _, ok := shown[p]; !ok && whole {
			w.violated(asApproved, "%s was added after the plan was shown, and the step is sent", p)
		}
	}
	for _, mv := range m.To {
		p, ok := shown[mv.Part]
		if mv.Part == (providers.Part{}) && len(step.Parts) > 0 {
			p, ok = step.Parts[0], true
		}
		if !ok {
			w.violated(asApproved, "%q was not shown, and is sent", mv.Part)
			continue
		}
		if want := w.wanted(s, p, mv); mv.Position != want {
			w.violated(asApproved, "%s is sent to %s; it was shown as %s, and now that is %s", mv.Part, mv.Position, p.After, want)
		}
		far, known := mv.Position.Distance(s.before[mv.Part])
		low, _, _, _ := w.service.Log(mv.Part)
		if at, ok := s.before[mv.Part].Offset(); ok && at < low {
			known = false // retention has deleted its position: what is behind the low is gone whatever is sent
		}
		if known && (p.Effect == plan.EffectReplay && far > 0 || p.Effect == plan.EffectSkip && far < 0) {
			w.violated(asApproved, "%s was shown as %s, and moves from %s to %s", mv.Part, p.Effect, s.before[mv.Part], mv.Position)
		}
	}
}

// wanted is where a part is to go at this moment.
func (w *world) wanted(s *send, p plan.Part, mv providers.PartMove) providers.Position {
	if w.command.undo || w.script.Setup.Kind == "online" || w.script.Setup.Kind == "blind" {
		return p.After
	}
	low, high, _, _ := w.service.Log(mv.Part)
	at, committed := s.before[mv.Part].Offset()
	switch s.to {
	case "latest":
		return providers.AtOffset(high)
	case "earliest":
		return providers.AtOffset(low)
	case "current":
		if !committed {
			return providers.AtOffset(high)
		}
		return providers.AtOffset(at)
	case "{shift: -2}":
		return providers.AtOffset(min(max(at-2, low), high))
	case "{shift: 3}":
		return providers.AtOffset(min(max(at+3, low), high))
	}
	return p.After
}

// withinGuards adds up what a reset does at this moment.
func (w *world) withinGuards(s *send) {
	if w.command.undo || strings.Contains(s.to, "lock:") {
		return
	}
	var replay, skip int64
	for p, to := range s.moves {
		low, high, _, _ := w.service.Log(p)
		if to.Kind() == providers.Latest {
			to = providers.AtOffset(high)
		}
		at, committed := s.before[p].Offset()
		far, ok := to.Distance(providers.AtOffset(min(max(at, low), high)))
		if !ok || !committed {
			continue
		}
		replay, skip = replay+max(-far, 0), skip+max(far, 0)
	}
	if g := w.script.Setup.Guard; g == "replay" && replay > 2 {
		w.violated("2b the guards hold at the moment of sending", "%s replays %d records, and maxReplay is 2", s.group, replay)
	} else if g != "skip" && skip > 0 && s.to != "latest" {
		w.violated("2b the guards hold at the moment of sending", "%s skips %d records, and maxSkip is 0", s.group, skip)
	}
}

// sent notes that a reset takes effect.
func (w *world) sent(s *send) {
	s.effect = true
	w.command.sends++
	w.commandSends = append(w.commandSends, s)
	w.accepted[s.lock+" "+s.group] = w.passed
	w.effects[s.target]++
	if w.command.undo {
		w.undone[s.target] = w.seq
		for k := range w.used {
			if k.target == s.target {
				for p := range s.moves {
					delete(w.used[k], p)
				}
			}
		}
		return
	}
	if _, ok := w.origins[s.target]; !ok {
		w.origins[s.target] = origin{s.before, s.kept}
		if w.effects[s.target] > 1 { // a rollback of the run goes back further
			w.origins[s.target] = origin{}
		}
	}
	k := key{s.target, s.to}
	if w.used[k] == nil {
		w.used[k] = map[providers.Part]int{}
	}
	if w.befores[s.group] == nil {
		w.befores[s.group] = map[providers.Part][]providers.Position{}
	}
	for _, p := range slices.SortedFunc(maps.Keys(s.moves), providers.Part.Compare) {
		w.befores[s.group][p] = append(w.befores[s.group][p], s.before[p])
		if w.used[k][p]++; w.used[k][p] > 1 {
			w.violated("1 at most one effect per step and run", "%s of %s to %s has taken effect %d times in run %s", p, s.group, s.to, w.used[k][p], s.run)
		}
	}
}
