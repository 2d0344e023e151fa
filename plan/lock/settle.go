package lock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A SettleError means that the requested run, step or part was not found, or is not
// in doubt.
type SettleError struct{ Reason string }

func (e *SettleError) Error() string { return e.Reason }

func notSettled(format string, args ...any) error {
	return &SettleError{fmt.Sprintf(format, args...)}
}

// Settle records a person's decision whether a step or rollback that is in doubt or
// overwritten was applied: for all of its undecided parts, or only the given ones.
// The step stays in doubt until every part is decided. If some parts were applied
// and others were not, it becomes Failed with the state of each part, so that an
// apply sends only the others. The error is a *SettleError if there is nothing to
// decide; any other error means that the decision could not be recorded.
func (h *Held) Settle(run, id string, parts []providers.Part, applied bool, by string, at time.Time) error {
	s, err := h.unsettled(run, id)
	if err != nil {
		return err
	}
	settled := *s
	v := verdict{applied, by}
	if s.Outcome == InDoubt || s.Outcome == Overwritten {
		if settled.Parts, err = v.decide(s, s.Parts, parts); err != nil {
			return err
		}
		settled.Outcome, settled.Why = v.conclude(s.Outcome, settled.Parts, s.Outcome == Overwritten)
		settled.At = AtTime(at)
	} else {
		undo := *s.Undo
		if undo.Parts, err = v.decide(s, undo.Parts, parts); err != nil {
			return err
		}
		undo.Outcome, undo.Why = v.conclude(InDoubt, undo.Parts, false)
		undo.At = AtTime(at)
		settled.Undo = &undo
		if undo.Outcome == Applied {
			settled.Outcome, settled.At = Undone, AtTime(at)
			settled.Undone++
		}
	}
	if err := h.Record(run, settled); err != nil {
		return err
	}
	return h.conclude(run, at)
}

// unsettled returns the newest record of a step that a person may decide.
func (h *Held) unsettled(run, id string) (*Step, error) {
	r := h.file.Runs[run]
	if r == nil {
		return nil, notSettled("the lock has no run %s%s", run, near(run, h.file.Keys(), "runs"))
	}
	s := r.find(func(s *Step) bool { return s.ID == id && (s.Doubtful() || s.Outcome == Overwritten) })
	if s != nil {
		return s, nil
	}
	if s = r.ByID(id); s == nil {
		return nil, notSettled("run %s has no step %s%s", run, id, near(id, r.IDs(), "steps"))
	}
	return nil, notSettled("step %s of run %s is not in doubt: it is %s", id, run, s.Outcome)
}

// A verdict is a person's decision about parts.
type verdict struct {
	applied bool
	by      string
}

// decide returns a step's parts with the chosen ones decided; if none are chosen,
// all undecided ones.
func (v verdict) decide(s *Step, all []Part, chosen []providers.Part) ([]Part, error) {
	open := undecided(all, s.Outcome == Overwritten)
	if len(chosen) == 0 {
		chosen = open
	}
	for _, p := range chosen {
		if slices.Contains(open, p) {
			continue
		}
		var names []string
		for _, q := range open {
			names = append(names, q.String())
		}
		return nil, notSettled("%q is not an undecided part of step %s%s", p.String(), s.ID, near(p.String(), names, "undecided parts"))
	}
	out := slices.Clone(all)
	for i, p := range out {
		if !slices.Contains(chosen, p.Part) {
			continue
		}
		out[i].Settled = v.by
		if !v.applied {
			out[i].Error = "settled as not applied by " + v.by
		}
	}
	return out, nil
}

// undecided returns the parts whose outcome is unknown: neither refused by the
// service nor decided by a person. In an overwritten step, parts that were read
// back at their target are known as well, unless that holds for all of them.
func undecided(all []Part, overwritten bool) []providers.Part {
	elsewhere := func(p Part) bool { return p.Seen != p.After }
	some := overwritten && slices.ContainsFunc(all, elsewhere)
	var open []providers.Part
	for _, p := range all {
		if p.Error == "" && p.Settled == "" && (!some || elsewhere(p)) {
			open = append(open, p.Part)
		}
	}
	return open
}

// conclude returns the outcome that follows from the decisions, and the reason.
func (v verdict) conclude(before Outcome, parts []Part, overwritten bool) (Outcome, string) {
	open := len(undecided(parts, overwritten))
	failed := 0
	for _, p := range parts {
		if p.Error != "" {
			failed++
		}
	}
	switch {
	case open > 0:
		return before, fmt.Sprintf("%d of %d parts are decided; the others still have to be settled", len(parts)-open, len(parts))
	case failed == 0 && v.applied:
		return Applied, "settled by " + v.by + ": it was applied"
	case failed == len(parts):
		return Failed, "settled by " + v.by + ": it was not applied"
	}
	return Failed, fmt.Sprintf("settled by %s: %d of %d parts were applied, the others were not", v.by, len(parts)-failed, len(parts))
}

// conclude sets the outcome of a run from its steps. An interrupted run stays
// interrupted: the steps it had not reached are not recorded.
func (h *Held) conclude(run string, at time.Time) error {
	if h.file.Runs[run].Finished == nil {
		return nil
	}
	return h.Finish(run, h.file.Runs[run].Sum(), at)
}

func near(name string, known []string, what string) string {
	if near := schema.Nearest(name, known); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	if len(known) == 0 {
		return ""
	}
	const most = 20
	if len(known) > most {
		return fmt.Sprintf("; its %s are %s and %d more", what, strings.Join(known[:most], ", "), len(known)-most)
	}
	return fmt.Sprintf("; its %s are %s", what, strings.Join(known, ", "))
}
