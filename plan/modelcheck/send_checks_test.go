package modelcheck_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// A send is one reset request.
type send struct {
	target
	to     string
	digest string // of the step
	before map[providers.Part]providers.Position
	kept   map[providers.Part]map[string]string
	moves  map[providers.Part]providers.Position
	effect bool
	back   bool // an apply rolls back what it has sent
}

// committed returns the positions of a group on every partition.
func (sm *simulation) committed(group string) map[providers.Part]providers.Position {
	out, at := map[providers.Part]providers.Position{}, sm.service.Committed(group)
	for _, p := range sm.service.Partitions(topic) {
		out[p] = providers.At(providers.Unset)
		if is, ok := at[p]; ok {
			out[p] = is
		}
	}
	return out
}

// sending checks a reset that is about to be sent.
func (sm *simulation) sending(group string, m providers.Move) *send {
	c := sm.command
	s := &send{target: target{c.lock, c.run, group}, before: sm.committed(group), kept: sm.service.Metadata(group)}
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
	sm.log("  sends %s to %v (it is at %v)", group, s.moves, s.before)
	s.back = sm.returning(s)
	sm.checkConsumers(group)
	if !c.undo && !s.back {
		sm.attempt(s)
	}
	if c.tried[group] && !s.back {
		return s // a retry of a request that did not reach the service
	}
	c.tried[group] = true
	sm.checkApproved(s, step, known)
	if known && !s.back {
		sm.checkShown(s, step, m)
		sm.checkGuards(s)
	}
	at := c.lock + " " + group
	if was, ok := sm.accepted[at]; ok && sm.script.Setup.Kind == "online" && sm.passed-was < onlineSettle {
		sm.violated("8 a reset waits until the previous one of its target has settled", "%s was reset %s ago", group, sm.passed-was)
	}
	return s
}

func (sm *simulation) attempt(s *send) {
	lands := map[providers.Part]providers.Position{}
	for p, to := range s.moves {
		lands[p] = to
		if n, ok := sm.service.Find(p, to); ok && to.Kind() != providers.Unset {
			lands[p] = providers.AtOffset(n)
		}
	}
	sm.attempts[stepKey{s.target, s.digest}] = attempt{len(sm.service.Entries()), s.before, lands}
}

const asApproved = "2 only what the approved plan showed is sent"

func (sm *simulation) checkApproved(s *send, step plan.Step, known bool) {
	c := sm.command
	switch {
	case !known:
		sm.violated(asApproved, "%s is sent, but no step of the plan moves it", s.group)
	case step.Action != plan.Reset:
		sm.violated(asApproved, "step %s was shown as %s but is sent", step.ID, step.Action)
	case c.approved.lock != c.lock:
		sm.violated(asApproved, "step %s was saved for another lock but is sent", step.ID)
	case !c.undo && !s.back && c.approved.seq < sm.undone[s.target]:
		sm.violated(asApproved, "step %s was rolled back after this approval but is sent again", step.ID)
	}
}

// checkShown compares a reset with what the plan showed for its step.
func (sm *simulation) checkShown(s *send, step plan.Step, m providers.Move) {
	shown := map[providers.Part]plan.Part{}
	for _, p := range step.Parts {
		shown[p.Part] = p
	}
	covered := sm.script.Setup.Kind != "online" && !step.Waits && !step.Pauses &&
		(sm.command.undo || sm.script.Setup.Idle != "wait" && sm.script.Setup.Idle != "workload")
	for _, p := range step.Parts {
		_, _, id, exists := sm.service.Log(p.Part)
		switch {
		case !exists:
		case p.LogID != "" && p.LogID != id:
			sm.violated(asApproved, "%s is not the log that was shown", p.Part)
		case covered && p.Before != s.before[p.Part]:
			sm.violated(asApproved, "%s was shown at %s but is at %s", p.Part, p.Before, s.before[p.Part])
		}
	}
	some := s.to == "{group: donor}" || strings.Contains(s.to, "offsets") || strings.Contains(s.to, "lock:") // not every partition
	whole := !sm.command.undo && !some && sm.script.Setup.Kind != "blind"
	for p := range s.before {
		if _, ok := shown[p]; !ok && whole {
			sm.violated(asApproved, "%s was added after the plan was shown, but the step is sent", p)
		}
	}
	for _, mv := range m.To {
		p, ok := shown[mv.Part]
		if mv.Part == (providers.Part{}) && len(step.Parts) > 0 {
			p, ok = step.Parts[0], true
		}
		if !ok {
			sm.violated(asApproved, "%q was not shown but is sent", mv.Part)
			continue
		}
		if want := sm.expectedTarget(s, p, mv); mv.Position != want {
			sm.violated(asApproved, "%s is sent to %s; it was shown as %s, which is now %s", mv.Part, mv.Position, p.After, want)
		}
		far, known := providers.Order{}.Distance(mv.Position, s.before[mv.Part])
		low, _, _, _ := sm.service.Log(mv.Part)
		if at, ok := s.before[mv.Part].Offset(); ok && at < low {
			known = false // retention has deleted its position
		}
		if known && (p.Effect == plan.EffectReplay && far > 0 || p.Effect == plan.EffectSkip && far < 0) {
			sm.violated(asApproved, "%s was shown as %s but moves from %s to %s", mv.Part, p.Effect, s.before[mv.Part], mv.Position)
		}
	}
}

// expectedTarget returns the position to which a part should be sent now.
func (sm *simulation) expectedTarget(s *send, p plan.Part, mv providers.PartMove) providers.Position {
	if sm.command.undo || sm.script.Setup.Kind == "online" || sm.script.Setup.Kind == "blind" {
		return p.After
	}
	low, high, _, _ := sm.service.Log(mv.Part)
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

// checkGuards checks the guards on the present positions.
func (sm *simulation) checkGuards(s *send) {
	if sm.command.undo || strings.Contains(s.to, "lock:") {
		return
	}
	var replay, skip int64
	for p, to := range s.moves {
		low, high, _, _ := sm.service.Log(p)
		if to.Kind() == providers.Latest {
			to = providers.AtOffset(high)
		}
		at, committed := s.before[p].Offset()
		far, ok := providers.Order{}.Distance(to, providers.AtOffset(min(max(at, low), high)))
		if !ok || !committed {
			continue
		}
		replay, skip = replay+max(-far, 0), skip+max(far, 0)
	}
	if g := sm.script.Setup.Guard; g == "replay" && replay > 2 {
		sm.violated("2b the guards hold at the moment of sending", "%s replays %d records, but maxReplay is 2", s.group, replay)
	} else if g != "skip" && skip > 0 && s.to != "latest" {
		sm.violated("2b the guards hold at the moment of sending", "%s skips %d records, but maxSkip is 0", s.group, skip)
	}
}

// sent records that a reset has taken effect.
func (sm *simulation) sent(s *send) {
	s.effect = true
	sm.command.sends++
	sm.commandSends = append(sm.commandSends, s)
	sm.accepted[s.lock+" "+s.group] = sm.passed
	sm.effects[s.target]++
	if sm.command.undo || s.back {
		sm.undone[s.target] = sm.seq
		for k := range sm.used {
			if k.target == s.target {
				for p := range s.moves {
					delete(sm.used[k], p)
				}
			}
		}
		return
	}
	if _, ok := sm.origins[s.target]; !ok {
		sm.origins[s.target] = origin{s.before, s.kept}
		if sm.effects[s.target] > 1 { // a rollback of the run goes further back
			sm.origins[s.target] = origin{}
		}
	}
	k := key{s.target, s.to}
	if sm.used[k] == nil {
		sm.used[k] = map[providers.Part]int{}
	}
	if sm.befores[s.group] == nil {
		sm.befores[s.group] = map[providers.Part][]providers.Position{}
	}
	for _, p := range slices.SortedFunc(maps.Keys(s.moves), providers.Part.Compare) {
		sm.befores[s.group][p] = append(sm.befores[s.group][p], s.before[p])
		if sm.used[k][p]++; sm.used[k][p] > 1 {
			sm.violated("1 at most one effect per step and run", "%s of %s to %s has taken effect %d times in run %s", p, s.group, s.to,
				sm.used[k][p], s.run)
		}
	}
}
