package decide

import (
	"slices"
	"sort"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// ReadingOf finds a part in the sorted parts of a snapshot.
func ReadingOf(parts []providers.PartReading, p providers.Part) (providers.PartReading, bool) {
	if r := ReadingAt(parts, 0, p); r != nil {
		return *r, true
	}
	return providers.PartReading{}, false
}

// ReadingAt finds a part in the sorted parts of a snapshot, or returns nil. It looks first
// at index i, where it is if two lists of one target have the same parts.
func ReadingAt(parts []providers.PartReading, i int, p providers.Part) *providers.PartReading {
	if i < len(parts) && parts[i].Part == p {
		return &parts[i]
	}
	if at, ok := sort.Find(len(parts), func(i int) int { return p.Compare(parts[i].Part) }); ok {
		return &parts[at]
	}
	return nil
}

// RecordOf finds a part in a sorted list.
func RecordOf(parts []lock.Part, p providers.Part) (lock.Part, bool) {
	if r := RecordAt(parts, 0, p); r != nil {
		return *r, true
	}
	return lock.Part{}, false
}

// RecordAt is ReadingAt for recorded parts.
func RecordAt(parts []lock.Part, i int, p providers.Part) *lock.Part {
	if i < len(parts) && parts[i].Part == p {
		return &parts[i]
	}
	if at, ok := sort.Find(len(parts), func(i int) int { return p.Compare(parts[i].Part) }); ok {
		return &parts[at]
	}
	return nil
}

func partsOf(parts []lock.Part) []providers.Part {
	var out []providers.Part
	for _, p := range parts {
		out = append(out, p.Part)
	}
	return out
}

// SortedParts concatenates and sorts recorded parts.
func SortedParts(parts ...[]lock.Part) []lock.Part {
	out := slices.Concat(parts...)
	slices.SortFunc(out, func(p, q lock.Part) int { return p.Part.Compare(q.Part) })
	return out
}

// Reversed turns recorded parts that were moved into decided parts that go back.
func Reversed(parts []lock.Part) []lock.Part {
	out := []lock.Part{}
	for _, p := range parts {
		if p.Error == "" {
			out = append(out, lock.Part{Part: p.Part, Before: Reached(p), After: p.Before, Metadata: p.Metadata, LogID: p.LogID})
		}
	}
	return SortedParts(out)
}

// Reached returns the position to which a part was reset, as far as it is known.
func Reached(p lock.Part) providers.Position {
	if p.After.Exact() || p.Seen.IsZero() {
		return p.After
	}
	return p.Seen
}
