package view

import (
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
)

// StepFacts describes a planned step after its target: "; consumers idle", and what
// else a reader of its figures has to know.
func StepFacts(s *plan.Step) string {
	out := "; consumers " + Plain(s.Activity)
	if s.Approximate {
		out += "; approximate"
	}
	if unit := s.Unit(); unit != "" {
		out += "; counts " + text.Noun(0, Plain(unit))
	}
	return out
}
