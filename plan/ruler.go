package plan

import (
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// found says what a reading tells of a part that was to be moved. The greater
// word is the worse one.
type found uint8

const (
	asAsked   found = iota
	unproven        // it moved, and nobody can tell whether to the right place
	notYet          // it stands where it stood
	elsewhere       // neither: somebody else has committed
)

// A ruler measures recorded parts against where they are found, by what kind
// of service it is.
type ruler struct {
	needs providers.State
	ends  bool // the target was an end that moves by itself
}

func (q Question) ruler() ruler {
	return ruler{q.Capabilities.Needs, q.Step.To.Form == schema.ToLatest && !q.Undo}
}

// remade reports whether a log is another one than it was: deleted, and made
// again under its name. Where a service tells no ids, that cannot be seen.
func remade(was, is string) bool { return was != "" && is != "" && was != is }

// measure holds one part against where it stands now. lands is where a target
// that the service itself finds was told to lead, or zero.
//
// Consumers that must be online read on from a new position at once. By
// themselves they never go back: after a backward reset any place before the
// old one is the proof, after a forward one any at or past the target.
func (r ruler) measure(p lock.Part, now, lands providers.Position) found {
	target := p.After
	if !target.Exact() && !lands.IsZero() {
		target = lands
	}
	if now == target || now == p.After {
		return asAsked
	}
	if past, ok := now.Distance(target); ok && r.ends && past > 0 {
		return asAsked
	}
	moved, known := now.Distance(p.Before)
	switch {
	case now == p.Before:
		return notYet
	case r.needs == providers.Active:
		return online(p, now, target, moved, known)
	case !p.After.Exact() && p.After.Kind() != providers.Unset:
		return unproven
	}
	return elsewhere
}

func online(p lock.Part, now, target providers.Position, moved int64, known bool) found {
	way, ok := target.Distance(p.Before)
	past, _ := now.Distance(target)
	switch {
	case known && moved < 0 && (!ok || way < 0), ok && way > 0 && past >= 0:
		return asAsked
	case known && moved > 0:
		return notYet // they read on, as they did before
	}
	return elsewhere
}
