package modelcheck_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

const (
	seenThere  = "3 verified implies that the position was seen there"
	noMoreThan = "6 the lock claims what happened, no more and no less"
)

// claims compares what a lock says with what the service has recorded.
func (w *world) claims(path string) {
	f, err := lock.Read(path)
	if err != nil {
		if !w.spoilt[path] {
			w.violated(noMoreThan, "the lock cannot be read: %v", err)
		}
		w.spoilt[path] = true
		return
	}
	w.spoilt[path] = false
	for run, r := range f.Runs {
		for _, s := range r.Steps {
			w.claim(target{path, run, "g" + strings.TrimPrefix(s.ID, "s")}, s)
		}
	}
}

func (w *world) claim(t target, s *lock.Step) {
	switch s.Outcome {
	case lock.Verified:
		for _, p := range s.Parts {
			if p.Error == "" && !w.byHand[t] && !w.happened(t, s.Digest, p) {
				w.violated(seenThere, "run %s: %s of %s is recorded as verified at %s, and never was there", t.run, p.Part, t.group, p.After)
			}
		}
	case lock.Applied, lock.Overwritten:
		if w.effects[t] == 0 && !w.byHand[t] {
			w.violated(noMoreThan, "run %s: %s is recorded as %s, and no reset of it took effect", t.run, t.group, s.Outcome)
		}
	case lock.Undone:
		w.free(t)
		if w.undone[t] == 0 {
			w.undone[t] = w.seq
		}
	}
}

// proven checks that every reset of the command that took effect is recorded,
// with the positions before it.
func (w *world) proven(path string) {
	f, err := lock.Read(path)
	if err != nil {
		return // told by claims
	}
	for _, s := range w.commandSends {
		outcome, parts := lock.NotRun, []lock.Part(nil)
		if step := f.Runs[s.run].ByDigest(s.digest); step != nil && !w.command.undo {
			outcome, parts = step.Outcome, step.Parts
		} else if step != nil && step.Undo != nil {
			outcome, parts = step.Undo.Outcome, step.Undo.Parts
		}
		switch outcome {
		case lock.NotRun, lock.Refused, lock.Keep:
			w.violated(noMoreThan, "run %s: a reset of %s took effect, and its step is recorded as %s", s.run, s.group, outcome)
		case lock.Failed:
			if len(parts) == 0 {
				w.violated(noMoreThan, "run %s: a reset of %s took effect, and its step is recorded as failed", s.run, s.group)
			}
		}
		if w.command.disturbed || w.caps.Reads == providers.No {
			continue
		}
		for _, p := range parts {
			if was, ok := s.before[p.Part]; ok && s.moves[p.Part] == p.After && p.Before != was {
				w.violated(noMoreThan, "run %s: %s of %s is recorded as having been at %s, and was at %s", s.run, p.Part, s.group, p.Before, was)
			}
		}
	}
}

const former = "5 a rollback directly after verified gives the former positions"

// tookBack checks a rollback that has succeeded: nothing but this run has moved
// the groups of which the origin is known.
func (w *world) tookBack(lock, run string) {
	for n := range w.steps() {
		t := target{lock, run, group(n)}
		was, ok := w.origins[t]
		delete(w.origins, t)
		if !ok || was.at == nil || w.command.disturbed || w.caps.Undo != providers.Exact {
			continue
		}
		if at, kept := w.committed(t.group), w.service.Metadata(t.group); fmt.Sprint(at) != fmt.Sprint(was.at) || fmt.Sprint(kept) != fmt.Sprint(was.kept) {
			w.violated(former, "%s was at %v %v, and is at %v %v", t.group, was.at, was.kept, at, kept)
		}
	}
}

// moved notes that another client may have moved a group: where a rollback
// leads is not known any more.
func (w *world) moved(group string) {
	for t := range w.origins {
		if t.group == group {
			w.origins[t] = origin{}
		}
	}
}

// inside reports whether every origin is inside its log: a rollback refuses to
// go anywhere else.
func (w *world) inside() bool {
	for _, was := range w.origins {
		if !w.insideLog(was.at) {
			return false
		}
	}
	return true
}

// insideLog reports whether positions are inside their logs.
func (w *world) insideLog(positions map[providers.Part]providers.Position) bool {
	for p, at := range positions {
		low, high, _, _ := w.service.Log(p)
		if n, ok := at.Offset(); ok && (n < low || n > high) {
			return false
		}
	}
	return true
}

const startedAgain = "4 whatever was paused is started again, or reported"

// reported checks the end of a command that was not killed.
func (w *world) reported(path string, err error) {
	code := exitOf(err)
	for group, under := range w.paused {
		if under != path || w.service.Active(group) || w.spoilt[path] {
			continue
		}
		if code == 5 || code != 0 && strings.Contains(strings.ToLower(err.Error()), "paused") {
			continue
		}
		w.violated(startedAgain, "%s was paused by an apply and is still paused; the command ends with exit code %d: %v", group, code, err)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
