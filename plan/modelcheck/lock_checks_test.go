package modelcheck_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

const (
	wasVerified  = "3 a verified position was reached"
	recordsTruth = "6 the lock records what happened, no more and no less"
)

// checkLock compares what a lock has with what the service has recorded.
func (sm *simulation) checkLock(path string) {
	f, err := lock.Read(context.Background(), path)
	if err != nil {
		if !sm.damaged[path] {
			sm.violated(recordsTruth, "the lock cannot be read: %v", err)
		}
		sm.damaged[path] = true
		return
	}
	sm.damaged[path] = false
	for run, r := range f.Runs {
		for _, s := range r.Steps {
			sm.checkStep(target{path, run, "g" + strings.TrimPrefix(s.ID, "s")}, s)
		}
	}
}

func (sm *simulation) checkStep(t target, s *lock.Step) {
	switch s.Outcome {
	case lock.Verified:
		for _, p := range s.Parts {
			if p.Error == "" && !sm.byHand[t] && !sm.happened(t, s.Digest, p) {
				sm.violated(wasVerified, "run %s: %s of %s is recorded as verified at %s, but was never there", t.run, p.Part, t.group, p.After)
			}
		}
	case lock.Applied, lock.Overwritten:
		if sm.effects[t] == 0 && !sm.byHand[t] {
			sm.violated(recordsTruth, "run %s: %s is recorded as %s, but no reset of it took effect", t.run, t.group, s.Outcome)
		}
	case lock.Undone:
		sm.allowAgain(t)
		if sm.undone[t] == 0 {
			sm.undone[t] = sm.seq
		}
	}
}

// checkSends checks that every reset of the command that took effect is recorded,
// with the positions before it.
func (sm *simulation) checkSends(path string) {
	f, err := lock.Read(context.Background(), path)
	if err != nil {
		return // reported by checkLock
	}
	for _, s := range sm.commandSends {
		outcome, parts := lock.NotRun, []lock.Part(nil)
		if step := f.Runs[s.run].Index().ByDigest(s.digest); step != nil && !sm.command.undo && !s.back {
			outcome, parts = step.Outcome, step.Parts
		} else if step != nil && step.Undo != nil {
			outcome, parts = step.Undo.Outcome, step.Undo.Parts
		}
		switch outcome {
		case lock.NotRun, lock.Refused, lock.Keep:
			sm.violated(recordsTruth, "run %s: a reset of %s took effect, but its step is recorded as %s", s.run, s.group, outcome)
		case lock.Failed:
			if len(parts) == 0 {
				sm.violated(recordsTruth, "run %s: a reset of %s took effect, but its step is recorded as failed", s.run, s.group)
			}
		}
		if sm.command.disturbed || sm.caps.Reads == providers.No {
			continue
		}
		for _, p := range parts {
			if was, ok := s.before[p.Part]; ok && s.moves[p.Part] == p.After && p.Before != was {
				sm.violated(recordsTruth, "run %s: %s of %s is recorded as having been at %s, but was at %s", s.run, p.Part, s.group, p.Before, was)
			}
		}
	}
}

const restoresPrevious = "5 a rollback directly after verified restores the previous positions"

// checkRollback checks a successful rollback: only this run has moved the groups whose
// origin is known.
func (sm *simulation) checkRollback(lock, run string) {
	for n := range sm.steps() {
		t := target{lock, run, group(n)}
		was, ok := sm.origins[t]
		delete(sm.origins, t)
		if !ok || was.at == nil || sm.command.disturbed || sm.caps.Undo != providers.Exact {
			continue
		}
		if at, kept := sm.committed(t.group), sm.service.Metadata(t.group); fmt.Sprint(at) != fmt.Sprint(was.at) ||
			fmt.Sprint(kept) != fmt.Sprint(was.kept) {
			sm.violated(restoresPrevious, "%s was at %v %v, and is at %v %v", t.group, was.at, was.kept, at, kept)
		}
	}
}

// moved records that another client may have moved a group: the result of a rollback
// is then unknown.
func (sm *simulation) moved(group string) {
	for t := range sm.origins {
		if t.group == group {
			sm.origins[t] = origin{}
		}
	}
}

// inside reports whether every origin is inside its log: a rollback refuses any other
// position.
func (sm *simulation) inside() bool {
	for _, was := range sm.origins {
		if !sm.insideLog(was.at) {
			return false
		}
	}
	return true
}

// insideLog reports whether positions are inside their logs.
func (sm *simulation) insideLog(positions map[providers.Part]providers.Position) bool {
	for p, at := range positions {
		low, high, _, _ := sm.service.Log(p)
		if n, ok := at.Offset(); ok && (n < low || n > high) {
			return false
		}
	}
	return true
}

const startedAgain = "4 paused consumers are started again, or reported"

// checkPauses checks that a command that was not killed has reported the consumers
// that it left paused.
func (sm *simulation) checkPauses(path string, err error) {
	code := exitOf(err)
	for group, under := range sm.paused {
		if under != path || sm.service.Active(group) || sm.damaged[path] {
			continue
		}
		if code == 5 || code != 0 && strings.Contains(strings.ToLower(err.Error()), "paused") {
			continue
		}
		sm.violated(startedAgain, "%s was paused by an apply and is still paused; the command ends with exit code %d: %v", group, code, err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
