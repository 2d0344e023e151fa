package view

import (
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
)

// effects are the effects of moves, the worst first.
var effects = []plan.Effect{plan.EffectSkip, plan.EffectReplay, plan.EffectSet, plan.EffectRemove, plan.EffectUnknown, plan.EffectKeep}

// EffectSign is the sign of an effect, which says the same as its colour.
func EffectSign(e plan.Effect) string {
	switch e {
	case plan.EffectReplay:
		return "+"
	case plan.EffectSkip:
		return "-"
	case plan.EffectSet:
		return "*"
	case plan.EffectRemove:
		return "x"
	case plan.EffectKeep:
		return "="
	}
	return "?"
}

// EffectTone is the tone of an effect. A rollback skips only what had been read
// before, which is no loss.
func EffectTone(e plan.Effect, undo bool) Tone {
	switch {
	case e == plan.EffectSkip && !undo:
		return Bad
	case e == plan.EffectSet:
		return New
	case e == plan.EffectKeep:
		return Faint
	}
	return Warn
}

// worst returns the worst effect of some parts.
func worst(parts []*Part) plan.Effect {
	for _, e := range effects {
		if slices.ContainsFunc(parts, func(p *Part) bool { return p.Effect == string(e) }) {
			return e
		}
	}
	return plan.EffectUnknown
}

// Worst returns the worst effect of a row.
func (r Row) Worst() plan.Effect { return worst(r.Parts) }

// A Heading is how a step is announced: a sign, words and a tone, which differ for a
// replay, a skip, a first commit and a removed one.
type Heading struct {
	Sign, Words string
	Tone        Tone
}

// StepHeading returns the heading of a planned step.
func StepHeading(s *plan.Step, undo bool) Heading { return heading(s.Action, s.Has, undo) }

// StepsHeading returns the heading of several steps together: a reset if one of them
// resets, or else what the first one is.
func StepsHeading(steps []*plan.Step, undo bool) Heading {
	resets := func(s *plan.Step) bool { return s.Action == plan.Reset }
	if !slices.ContainsFunc(steps, resets) {
		return StepHeading(steps[0], undo)
	}
	return heading(plan.Reset, func(e plan.Effect) bool {
		return slices.ContainsFunc(steps, func(s *plan.Step) bool { return resets(s) && s.Has(e) })
	}, undo)
}

// heading returns the heading of an action with some effects.
func heading(action plan.Action, has func(plan.Effect) bool, undo bool) Heading {
	switch action {
	case plan.Reset:
	case plan.Blocked:
		return Heading{"!", string(action), Bad}
	default:
		return Heading{"=", string(action), ActionTone(action)}
	}
	var words []string
	h := Heading{EffectSign(plan.EffectUnknown), "", Warn}
	for _, e := range effects[:4] {
		if !has(e) {
			continue
		}
		if words == nil {
			h.Sign, h.Tone = EffectSign(e), EffectTone(e, undo)
		}
		words = append(words, string(e))
	}
	if words == nil {
		h.Words = string(plan.Reset)
		return h
	}
	last := len(words) - 1
	h.Words = strings.TrimPrefix(strings.Join(words[:last], ", ")+" and "+words[last], " and ")
	return h
}
