package lock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/schema"
)

// Settle decides by hand whether a step that is in doubt was carried out.
func (h *Held) Settle(run, id string, applied bool, by string, at time.Time) error {
	s := h.file.Runs[run].find(func(s *Step) bool { return s.ID == id && s.Doubtful() })
	if s == nil {
		s = h.file.Runs[run].ByID(id)
	}
	if s == nil {
		return fmt.Errorf("run %s has no step %s%s", run, id, h.near(run, id))
	}
	settled := *s
	switch {
	case s.Outcome == InDoubt:
		settled.Outcome, settled.Why = byHand(applied, Applied, Failed, by)
		settled.At = at
	case s.Doubtful():
		undo := *s.Undo
		undo.Outcome, undo.Why = byHand(applied, Applied, Failed, by)
		undo.At = stamp(at)
		settled.Undo = &undo
		if applied {
			settled.Outcome = Undone
		}
	default:
		return fmt.Errorf("step %s of run %s is not in doubt: it is %s", id, run, s.Outcome)
	}
	if err := h.Record(run, settled); err != nil {
		return err
	}
	return h.conclude(run, at)
}

func byHand(applied bool, yes, no Outcome, by string) (Outcome, string) {
	if applied {
		return yes, "settled by " + by + ": it was applied"
	}
	return no, "settled by " + by + ": it was not applied"
}

// conclude gives a run the outcome that follows from its steps. One that was
// cut off stays so: what it had still to do is not recorded.
func (h *Held) conclude(run string, at time.Time) error {
	if h.file.Runs[run].Finished == nil {
		return nil
	}
	outcome := RunApplied
	for _, s := range h.file.Runs[run].Steps {
		switch {
		case s.Doubtful():
			outcome = RunInDoubt
		case !s.Outcome.Done() && s.Outcome != Undone && outcome == RunApplied:
			outcome = RunFailed
		}
	}
	return h.Finish(run, outcome, at)
}

func (h *Held) near(run, id string) string {
	var known []string
	if r := h.file.Runs[run]; r != nil {
		for _, s := range r.Steps {
			known = append(known, s.ID)
		}
	}
	if near := schema.Nearest(id, known); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	if len(known) == 0 {
		return ""
	}
	return "; its steps are " + strings.Join(known, ", ")
}

// Prune removes all but the newest runs and returns the keys that went. A run
// with a step in doubt stays, and so does the newest. A removed run no longer
// counts as done.
func (h *Held) Prune(keep int) []string {
	var went []string
	for i, key := range h.file.Keys() {
		if i < max(keep, 1) || h.file.Runs[key].doubtful() {
			continue
		}
		delete(h.file.Runs, key)
		went = append(went, key)
		h.dirty = true
	}
	slices.Sort(went)
	return went
}
