package lock

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema/diag"
)

// A ResolveError means that the requested run, step or part was not found, or is not
// in doubt.
type ResolveError struct{ Reason string }

func (e *ResolveError) Error() string { return e.Reason }

func cannotResolve(format string, args ...any) error {
	return &ResolveError{fmt.Sprintf(format, args...)}
}

// ResolveDoubt records a person's decision whether a step or rollback that is in doubt or
// overwritten was applied: for all of its undecided parts, or only the given ones.
// The step stays in doubt until every part is decided. If some parts were applied
// and others were not, it becomes Failed with the state of each part, so that an
// apply sends only the others. Of a step that was applied and whose replay is not over, the
// replay is ended. The error is a *ResolveError if there is nothing to decide; any other
// error means that the decision could not be recorded.
func (h *Held) ResolveDoubt(run, id string, parts []providers.Part, applied bool, by string, at time.Time) error {
	s, err := h.undecidedStep(run, id)
	if err != nil {
		return err
	}
	if s.InReplay() && !s.Doubtful() {
		return h.endReplay(run, s, parts, applied, by, at)
	}
	resolved := *s
	v := verdict{applied, by}
	if s.Outcome == InDoubt || s.Outcome == Overwritten {
		if resolved.Parts, err = v.decide(s, s.Parts, parts); err != nil {
			return err
		}
		resolved.Outcome, resolved.Why = v.conclude(s.Outcome, resolved.Parts, s.Outcome == Overwritten)
		resolved.At = AtTime(at)
	} else {
		attempt := *s.Attempt()
		if attempt.Parts, err = v.decide(s, attempt.Parts, parts); err != nil {
			return err
		}
		attempt.Outcome, attempt.Why = v.conclude(InDoubt, attempt.Parts, false)
		attempt.At = AtTime(at)
		switch rollback := s.Attempt() == s.Undo; {
		case !rollback:
			resolved.Return = &attempt
		case attempt.Outcome == Applied:
			resolved.Outcome, resolved.At = Undone, AtTime(at)
			resolved.Undone++
			fallthrough
		default:
			resolved.Undo = &attempt
		}
	}
	if err := h.Record(run, resolved); err != nil {
		return err
	}
	return h.finishAgain(run, at)
}

// endReplay ends the replay of a step on the request of a person.
func (h *Held) endReplay(run string, s *Step, parts []providers.Part, applied bool, by string, at time.Time) error {
	switch {
	case !applied:
		return cannotResolve("the reset of step %s of run %s is %s, and its replay is not over; settle it as applied to end the replay, or roll it back",
			s.ID, run, s.Outcome)
	case len(parts) > 0:
		return cannotResolve("the replay of step %s of run %s ends for all of its parts; leave --part out", s.ID, run)
	}
	ended := *s
	ended.Abandon("settled by "+by, by, AtTime(at))
	if err := h.Record(run, ended); err != nil {
		return err
	}
	return h.finishAgain(run, at)
}

// StoppedFor returns the newest record of a step for which this program has stopped
// consumers. The error is a *ResolveError if there is none.
func (f *File) StoppedFor(run, id string) (*Step, error) {
	return f.stepFor(run, id, func(s *Step) bool { return s.Paused != nil }, "no consumers are recorded as stopped for step %s of run %s: it is %s")
}

// Release removes the record that this program has stopped the consumers of a step: it
// neither reports nor starts them from then on.
func (h *Held) Release(run, id, by string, at time.Time) error {
	s, err := h.file.StoppedFor(run, id)
	if err != nil {
		return err
	}
	released := *s
	released.Paused = nil
	released.Why = strings.TrimPrefix(s.Why+"; its consumers, "+s.Paused.What()+", were released by "+by, "; ")
	if err := h.Record(run, released); err != nil {
		return err
	}
	return h.finishAgain(run, at)
}

// undecidedStep returns the newest record of a step that a person may decide: one in doubt
// or overwritten, or one whose replay is not over.
func (h *Held) undecidedStep(run, id string) (*Step, error) {
	const none = "step %s of run %s is not in doubt: it is %s"
	s, err := h.file.stepFor(run, id, func(s *Step) bool { return s.Doubtful() || s.Outcome == Overwritten }, none)
	if err != nil && h.file.Runs[run] != nil {
		return h.file.stepFor(run, id, (*Step).InReplay, none)
	}
	return s, err
}

// stepFor returns the newest matching record of a step. none is the reason if no record
// of it matches.
func (f *File) stepFor(run, id string, is func(*Step) bool, none string) (*Step, error) {
	r := f.Runs[run]
	if r == nil {
		return nil, cannotResolve("the lock has no run %s%s", run, nearest(run, f.Keys(), "runs"))
	}
	s := r.find(func(s *Step) bool { return s.ID == id && is(s) })
	if s != nil {
		return s, nil
	}
	if s = r.ByID(id); s == nil {
		return nil, cannotResolve("run %s has no step %s%s", run, id, nearest(id, r.IDs(), "steps"))
	}
	return nil, cannotResolve(none, id, run, s.Outcome)
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
		return nil, cannotResolve("%q is not an undecided part of step %s%s", p.String(), s.ID, nearest(p.String(), names, "undecided parts"))
	}
	out := slices.Clone(all)
	for i, p := range out {
		if !slices.Contains(chosen, p.Part) {
			continue
		}
		out[i].DecidedBy = v.by
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
		if p.Error == "" && p.DecidedBy == "" && (!some || elsewhere(p)) {
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

// finishAgain sets the outcome of a run from its steps. An interrupted run stays
// interrupted: the steps it had not reached are not recorded.
func (h *Held) finishAgain(run string, at time.Time) error {
	if h.file.Runs[run].Finished == nil {
		return nil
	}
	return h.Finish(run, h.file.Runs[run].Sum(), at)
}

func nearest(name string, known []string, what string) string {
	if near := diag.Nearest(name, known); near != "" {
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
