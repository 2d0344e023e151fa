package reconcile

import (
	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// merge adds the parts that an earlier attempt had moved to the parts of this
// attempt, which resumes it.
func merge(t *survey.Target, parts []lock.Part) []lock.Part {
	r := t.Question.Record
	if r == nil || r.Outcome != lock.Failed {
		return parts
	}
	sent := decide.SortedParts(parts)
	var before []lock.Part
	for _, was := range r.Parts {
		if _, again := decide.RecordOf(sent, was.Part); was.Error == "" && !again {
			before = append(before, was)
		}
	}
	return decide.SortedParts(sent, before)
}

// moved returns the parts that are sent.
func moved(parts []plan.Part) []plan.Part {
	kept := 0
	for i := range parts {
		if parts[i].Effect == plan.EffectKeep {
			kept++
		}
	}
	if kept == 0 {
		return parts
	}
	out := make([]plan.Part, 0, len(parts)-kept)
	for i := range parts {
		if parts[i].Effect != plan.EffectKeep {
			out = append(out, parts[i])
		}
	}
	return out
}

// keptParts returns the parts of a step that moves nothing as the lock records them.
func keptParts(t *survey.Target) []lock.Part {
	parts := recordParts(t, t.Now.Parts)
	for i := range parts {
		parts[i].High = providers.Position{} // for a step in doubt only
	}
	return parts
}

// recordParts returns parts as the lock records them: with everything that the
// reading reports, for a rollback and for a step in doubt.
func recordParts(t *survey.Target, parts []plan.Part) []lock.Part {
	out := make([]lock.Part, 0, len(parts))
	for i := range parts {
		p := &parts[i]
		one := lock.Part{Part: p.Part, Before: p.Before, After: p.After, High: p.High, LogID: p.LogID}
		if r := decide.ReadingAt(t.Snapshot.Parts, i, p.Part); r != nil {
			one.ReadUpTo, one.Metadata = lock.AtTime(r.ReadUpTo), r.Metadata
		}
		out = append(out, one)
	}
	return out
}
