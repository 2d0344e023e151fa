package lock

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Keys returns the runs' keys by sequence, the newest first. A run that is
// continued, or rolled back, gets a new number and so becomes the newest: the
// order is that of the last activity, not of the first.
func (f *File) Keys() []string {
	return slices.SortedFunc(maps.Keys(f.Runs), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Runs[b].Sequence, f.Runs[a].Sequence), strings.Compare(b, a))
	})
}

// number assigns sequence numbers to runs and steps that an older version wrote
// without them, by their times, and resolves duplicates after a merge. Complete
// and distinct numbers are unchanged.
func (f *File) number() {
	keys := slices.Sorted(maps.Keys(f.Runs))
	runs := renumber(keys, func(k string) *int { return &f.Runs[k].Sequence },
		func(a, b string) int { return f.Runs[a].Started.Compare(f.Runs[b].Started.Time) })
	var steps []*Step
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(f.Runs[a].Sequence, f.Runs[b].Sequence) })
	for _, k := range keys {
		steps = append(steps, f.Runs[k].Steps...)
	}
	if renumber(steps, func(s *Step) *int { return &s.Sequence }, func(a, b *Step) int { return a.At.Compare(b.At.Time) }) || runs {
		f.texts = nil
	}
}

// renumber reports whether it changed a number.
func renumber[T any](all []T, of func(T) *int, byTime func(a, b T) int) bool {
	missing, twice := false, false
	seen := make(map[int]bool, len(all))
	for _, v := range all {
		n := *of(v)
		missing = missing || n <= 0
		twice = twice || seen[n]
		seen[n] = true
	}
	if !missing && !twice {
		return false
	}
	slices.SortStableFunc(all, func(a, b T) int {
		bySequence := cmp.Compare(*of(a), *of(b))
		if missing {
			return cmp.Or(byTime(a, b), bySequence)
		}
		return cmp.Or(bySequence, byTime(a, b))
	})
	for i, v := range all {
		*of(v) = i + 1
	}
	return true
}

// sequenced reports whether anything in the lock has a sequence, as every lock
// with a checksum has.
func (f *File) sequenced() bool {
	for _, r := range f.Runs {
		if r.Sequence != 0 || r.find(func(s *Step) bool { return s.Sequence != 0 }) != nil {
			return true
		}
	}
	return false
}

// An Index finds the records of a run, which must not change meanwhile.
type Index struct {
	byDigest, byID map[string]*Step
	doubtful       map[string][]*Step // by identity and by address
}

// Index returns the index of a run; that of nil finds nothing.
func (r *Run) Index() Index {
	if r == nil {
		return Index{}
	}
	x := Index{make(map[string]*Step, len(r.Steps)), make(map[string]*Step, len(r.Steps)), map[string][]*Step{}}
	for _, s := range r.Steps {
		keepNewest(x.byDigest, s.Digest, s)
		keepNewest(x.byID, s.ID, s)
		if s.Doubtful() {
			for _, name := range []string{s.Identity, s.Address} {
				x.doubtful[name] = append(x.doubtful[name], s)
			}
		}
	}
	return x
}

func keepNewest(in map[string]*Step, key string, s *Step) {
	if was := in[key]; was == nil || s.Sequence >= was.Sequence {
		in[key] = s
	}
}

// Empty reports whether the run has no records.
func (x Index) Empty() bool { return len(x.byDigest) == 0 }

// ByDigest returns the record of the step with this digest, or nil.
func (x Index) ByDigest(digest string) *Step { return x.byDigest[digest] }

// Doubtful returns the newest record in doubt of a target, by its identity or its address,
// under another digest; nil = there is none.
func (x Index) Doubtful(identity, address, digest string) (newest *Step) {
	for _, name := range []string{identity, address} {
		for _, s := range x.doubtful[name] {
			if name != "" && s.Digest != digest && (newest == nil || s.Sequence > newest.Sequence) {
				newest = s
			}
		}
	}
	return newest
}

// ByID returns the newest record of a step's id, or nil.
func (x Index) ByID(id string) *Step { return x.byID[id] }

// ByID returns the newest record of a step's id, or nil.
func (r *Run) ByID(id string) *Step { return r.find(func(s *Step) bool { return s.ID == id }) }

// IDs returns the ids of the run's steps, in the order first recorded.
func (r *Run) IDs() []string {
	var ids []string
	for _, s := range r.Steps {
		ids = append(ids, s.ID)
	}
	return ids
}

// find returns the newest step that matches.
func (r *Run) find(is func(*Step) bool) *Step {
	var newest *Step
	if r == nil {
		return nil
	}
	for _, s := range r.Steps {
		if is(s) && (newest == nil || s.Sequence >= newest.Sequence) {
			newest = s
		}
	}
	return newest
}

// Same reports whether two steps are the same record. Each record has another sequence
// number.
func (s *Step) Same(o *Step) bool {
	return s != nil && o != nil && s.Digest == o.Digest && s.Sequence == o.Sequence && s.Outcome == o.Outcome && s.At.Equal(o.At.Time) &&
		s.RequestID == o.RequestID
}

// Doubtful reports whether it is unknown if the step, or a later attempt to move its
// parts, took effect.
func (s *Step) Doubtful() bool { return s.Outcome == InDoubt || s.Attempt() != nil }

// Undecided reports whether a person or a later apply still has to decide
// something about the step, for which its parts are needed.
func (s *Step) Undecided() bool {
	return s.Doubtful() || s.Outcome == Overwritten || s.Paused != nil || s.InReplay()
}

func (r *Run) undecided() bool { return r.find((*Step).Undecided) != nil }

// Sum returns the outcome that follows from a run's steps: in doubt if one of
// them is; undone if every step that had moved something was rolled back;
// failed if a step was not applied or its consumers are still paused; interrupted if
// a replay is not over.
func (r *Run) Sum() RunOutcome {
	undone, moved, failed, replays := false, false, false, false
	for _, s := range r.Steps {
		switch {
		case s.Doubtful():
			return RunInDoubt
		case s.Outcome == Undone:
			undone = true
		case s.Outcome == Verified, s.Outcome == Applied, s.Outcome == Overwritten:
			moved = true
		case s.Outcome == Failed:
			moved = moved || slices.ContainsFunc(s.Parts, func(p Part) bool { return p.Error == "" })
		}
		replays = replays || s.InReplay() && r.ByID(s.ID) == s // not one of an edited step
		failed = failed || !s.Outcome.Done() && s.Outcome != Undone || s.Paused.Owed() && !s.InReplay()
	}
	switch {
	case undone && !moved && !r.paused():
		return RunUndone
	case failed:
		return RunFailed
	case replays:
		return RunInterrupted
	}
	return RunApplied
}

func (r *Run) paused() bool { return r.find(func(s *Step) bool { return s.Paused.Owed() }) != nil }

// PausedStep is a recorded step whose consumers this program has paused and not
// yet seen running again.
type PausedStep struct {
	Run  string
	Step Step
}

// trim drops the parts and the details of approvals from all but the newest runs.
// Runs with an undecided step keep theirs.
func (f *File) trim(history int) {
	for i, key := range f.Keys() {
		r := f.Runs[key]
		if i < history || r.undecided() {
			continue
		}
		if r.dropDetails() {
			delete(f.texts, key)
		}
	}
}

// dropDetails drops the parts and the details of approvals, and reports whether there
// were any.
func (r *Run) dropDetails() (dropped bool) {
	for j := range r.Approvals {
		dropped = dropped || r.Approvals[j].Steps != nil
		r.Approvals[j].Steps = nil
	}
	for _, s := range r.Steps {
		dropped = dropped || s.countParts() > 0 || s.Evidence != nil
		s.Parts, s.packed, s.Evidence = nil, "", nil
		for _, u := range s.attempts() {
			if *u != nil {
				(*u).Parts, (*u).packed = nil, ""
			}
		}
	}
	return dropped
}

// Prune removes all but the newest runs and returns the removed keys. The newest
// run and runs with an undecided step are kept. A removed run no longer counts as
// done.
func (h *Held) Prune(keep int) []string {
	var removed []string
	for i, key := range h.file.Keys() {
		if i < max(keep, 1) || h.file.Runs[key].undecided() {
			continue
		}
		delete(h.file.Runs, key)
		delete(h.recorder.indexes, key)
		removed = append(removed, key)
		h.dirty = true
	}
	slices.Sort(removed)
	return removed
}
