package plan

import (
	"fmt"

	"github.com/resetplan/resetplan/providers"
)

// again decides a step anew on the newest reading. A time keeps the positions
// that it was resolved to: what was shown is what is sent. Everything else is
// decided from the beginning, so that any difference shows.
func (w *work) again() {
	q := w.question
	if q.Fixed == nil && w.byTime() && (w.planned.Action == Reset || w.planned.Action == Keep) && !w.leavesOut() {
		q.Fixed, q.Complete = fixedFrom(w.planned.Parts), true
	}
	w.decideWith(q)
}

// leavesOut reports whether the service has no parts: then there is nothing to
// fix.
func (w *work) leavesOut() bool {
	return len(w.planned.Parts) == 1 && w.planned.Parts[0].Part == (providers.Part{})
}

// stale says how a step differs from what was planned, or returns "". A step
// that this run has applied since is not sent, so it may differ.
func (w *work) stale() string {
	planned, now := &w.planned, &w.now
	switch {
	case now.Action == Done && now.RolledBack == planned.RolledBack:
		return ""
	case now.Action == Blocked:
		return now.Why
	case now.RolledBack != planned.RolledBack:
		return "it was rolled back after the plan was made"
	case planned.Action == Done:
		return "it was shown as done in this run, and the lock no longer says so"
	case identity(planned) != identity(now):
		return fmt.Sprintf("its target was %s and is now %s", identity(planned), identity(now))
	}
	if why := w.differingPart(); why != "" {
		return why
	}
	if planned.Action != now.Action {
		return fmt.Sprintf("it was shown as %s and is now %s", planned.Action, now.Action)
	}
	return ""
}

func identity(s *Step) string {
	if s.Identity == "" {
		return s.Address
	}
	return s.Identity
}

// differingPart says which part is not as planned.
func (w *work) differingPart() string {
	planned, now := w.approvedParts(&w.planned), w.approvedParts(&w.now)
	for i, p := range planned {
		if i >= len(now) || now[i].Part != p.Part {
			return "its partitions differ from the plan"
		}
		n := now[i]
		switch {
		case n.LogID != p.LogID:
			return fmt.Sprintf("%s belongs to a topic that was deleted and re-created: this is not the log that was planned for", partName(p.Part))
		case w.coversBefore(&w.planned) && n.Before != p.Before:
			return fmt.Sprintf("%s was at %s when this was planned and is now at %s", partName(p.Part), p.Before, n.Before)
		case w.word(&w.planned, p.After) != w.word(&w.planned, n.After):
			return fmt.Sprintf("the target of %s was %s and is now %s", partName(p.Part), p.After, n.After)
		}
	}
	if len(now) > len(planned) {
		return fmt.Sprintf("%s was added after the plan was made", partName(now[len(planned)].Part))
	}
	return ""
}

// turned says which part would move in another direction than the plan showed,
// or returns "": after a wait, what is relative to the present is decided again.
func (w *work) turned() string {
	shown := map[Effect]bool{}
	for _, p := range w.planned.Parts {
		shown[p.Effect] = true
	}
	for i, p := range w.now.Parts {
		if p.Effect == EffectKeep || p.Effect == EffectUnknown {
			continue
		}
		before := EffectKeep
		if i < len(w.planned.Parts) {
			before = w.planned.Parts[i].Effect
		}
		if before == p.Effect || before == EffectUnknown || before == EffectKeep && shown[p.Effect] {
			continue
		}
		return fmt.Sprintf("%s would now %s (it is at %s, the target is %s), and the plan showed %s", partName(p.Part), p.moveText(), p.Before, p.After, before)
	}
	return ""
}

func (p *Part) moveText() string {
	if p.Count == nil {
		return string(p.Effect)
	}
	return string(p.Effect) + " " + Plural(int(*p.Count), "record")
}
