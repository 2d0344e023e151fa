package reconcile

// Steps of one run may move the same parts, for example if a step was edited and applied
// again. This file finds them without comparing each step with each other one.

import (
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// holders finds the targets that have a part, so that no target is compared with those
// of other groups or parts. Targets of different groups never overlap.
type holders map[string]map[providers.Part][]*survey.Target

// groupsOfSeveral returns empty lists for the groups of several targets: only those can
// have a part in common.
func groupsOfSeveral(all []*survey.Target) holders {
	count := map[string]int{}
	for _, t := range all {
		if t.Target != nil {
			count[t.Target.Group()]++
		}
	}
	out := holders{}
	for group, n := range count {
		if n > 1 {
			out[group] = map[providers.Part][]*survey.Target{}
		}
	}
	return out
}

// add notes that a target has parts, of those that are wanted.
func (h holders) add(t *survey.Target, parts []lock.Part, wanted func(*lock.Part) bool) {
	if !h.mayHave(t) {
		return
	}
	for i := range parts {
		if p := &parts[i]; wanted(p) {
			h.addPart(t, p.Part)
		}
	}
}

// mayHave reports whether a target may have a part in common with another.
func (h holders) mayHave(t *survey.Target) bool { return t.Target != nil && h[t.Target.Group()] != nil }

// addPart notes that a target, which may have parts in common with others, has a part.
func (h holders) addPart(t *survey.Target, p providers.Part) {
	of := h[t.Target.Group()]
	of[p] = append(of[p], t)
}

// find returns the first other target that has the same part as t and is accepted, in the
// order in which they were added; nil if there is none.
func (h holders) find(t *survey.Target, p providers.Part, accept func(*survey.Target) bool) *survey.Target {
	if t.Target == nil {
		return nil
	}
	for _, other := range h[t.Target.Group()][p] {
		if other != t && accept(other) && bothHave(t.Target, other.Target, p) {
			return other
		}
	}
	return nil
}

// bothHave reports whether a part that two targets have by its name is the same for both.
func bothHave(a, b providers.Target, p providers.Part) bool {
	if p == (providers.Part{}) { // the whole target
		return a.Overlaps(b)
	}
	return a.SameGroup(b)
}

func anyPart(*lock.Part) bool { return true }

func anyTarget(*survey.Target) bool { return true }

// movedPart accepts the parts that the service did not refuse.
func movedPart(p *lock.Part) bool { return p.Error == "" }

// assign returns the targets to roll back, of those that rollbacks returns. It gives each
// part to one of them: to the newest that moved it, or to none if the rollback of a newer
// step has restored it.
func assign(ordered []*survey.Target) (all []*survey.Target) {
	before, owners := groupsOfSeveral(ordered), groupsOfSeveral(ordered)
	for _, t := range ordered {
		if restored(t.Question.Record) {
			before.add(t, t.Question.Record.Undo.Parts, movedPart)
			continue
		}
		dropRestored(t, before)
		yieldParts(t, owners)
		owners.add(t, t.Question.Fixed, anyPart)
		all = append(all, t)
	}
	return all
}
