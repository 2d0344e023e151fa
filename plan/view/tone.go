package view

import (
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
)

// A Tone is the meaning of a colour. A word always says the same.
type Tone string

// The tones.
const (
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	New   Tone = "new"
	Faint Tone = ""
)

// ActionTone is the tone of an action.
func ActionTone(a plan.Action) Tone {
	switch a {
	case plan.Reset:
		return Warn
	case plan.Keep, plan.Done:
		return Good
	}
	return Bad
}

// OutcomeTone is the tone of an outcome.
func OutcomeTone(o lock.Outcome) Tone {
	switch o {
	case lock.Verified, lock.Keep, lock.Undone:
		return Good
	case lock.Applied:
		return Warn
	case lock.NotRun:
		return Faint
	}
	return Bad
}

// An OutcomeCount is the number of steps with one outcome.
type OutcomeCount struct {
	Outcome lock.Outcome
	Steps   int
}

// CountOutcomes counts steps by outcome, the good outcomes first.
func CountOutcomes(all []lock.Outcome) []OutcomeCount {
	counts := map[lock.Outcome]int{}
	for _, o := range all {
		counts[o]++
	}
	var out []OutcomeCount
	for _, o := range []lock.Outcome{
		lock.Verified, lock.Applied, lock.Keep, lock.Undone, lock.Overwritten, lock.Refused, lock.Failed, lock.InDoubt, lock.NotRun,
	} {
		if counts[o] > 0 {
			out = append(out, OutcomeCount{o, counts[o]})
		}
	}
	return out
}
