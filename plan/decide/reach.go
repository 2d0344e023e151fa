package decide

import (
	"cmp"
	"fmt"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// ExactKind returns the kind of exact position that a service can be given
// part by part, or Unknown if there is none.
func ExactKind(c providers.Capabilities) providers.Kind {
	for _, k := range []providers.Kind{providers.Offset, providers.Cursor} {
		if c.Moves[k] == providers.PerPart {
			return k
		}
	}
	return providers.Unknown
}

// resolves reports whether a position of that kind can be read first and then sent
// as an explicit one.
func resolves(c providers.Capabilities, k providers.Kind) bool {
	if ExactKind(c) == providers.Unknown {
		return false
	}
	boundary := k == providers.Earliest || k == providers.Latest
	return c.Resolves[k] || boundary && c.Bounds == providers.Exact
}

// Unreachable returns why the service does not support a step's `to`, or the zero Note.
func Unreachable(kind string, c providers.Capabilities, s schema.Step) providers.Note {
	switch {
	case accepts(c, s.To.Form):
		return unenforceable(kind, c, s)
	case canApproach(c, s.To.Form) && c.Moves[providers.Time] == providers.WholeTarget && s.Target["partitions"] != nil:
		return cmp.Or(c.Notes["partitions"], onlyOneTime(kind))
	case canApproach(c, s.To.Form) && s.Approximate:
		return providers.Note{}
	case canApproach(c, s.To.Form):
		return providers.Note{Fact: fmt.Sprintf("%s accepts times, not %s", kind, exactForms[s.To.Form]),
			Remedy: "set approximate: true to reset the step to times near them"}
	}
	if note := c.Notes[string(s.To.Form)]; !note.IsZero() {
		return note
	}
	return providers.Note{Fact: fmt.Sprintf("%s cannot be reset to %s", kind, s.To.Form)}
}

func onlyOneTime(kind string) providers.Note {
	return providers.Note{Fact: kind + " accepts one time for the whole target", Remedy: "leave partitions out"}
}

// accepts reports whether a service can be reset to a form of `to`, directly or by
// reading the position first.
func accepts(c providers.Capabilities, form schema.Form) bool {
	exact := ExactKind(c)
	reads := exact != providers.Unknown && c.Reads == providers.Exact
	switch form {
	case schema.ToEarliest:
		return moves(c, providers.Earliest) || resolves(c, providers.Earliest)
	case schema.ToLatest:
		return moves(c, providers.Latest) || resolves(c, providers.Latest)
	case schema.ToTimestamp:
		return moves(c, providers.Time) || resolves(c, providers.Time)
	case schema.ToUnset:
		return moves(c, providers.Unset)
	case schema.ToDefault:
		return moves(c, providers.Default)
	case schema.ToOffset, schema.ToOffsets:
		return exact == providers.Offset
	case schema.ToCheckpoints:
		return exact == providers.Cursor
	case schema.ToShift:
		return reads && c.Order.Shifts(exact)
	case schema.ToCurrent:
		return reads
	case schema.ToGroup:
		return reads && c.Resolves[providers.Group]
	case schema.ToLock:
		return reads && c.Undo == providers.Exact
	}
	return false
}

// exactForms describes the positions of the forms of `to` that a service may approximate.
var exactForms = map[schema.Form]string{
	schema.ToOffset: "offsets", schema.ToOffsets: "offsets", schema.ToShift: "offsets", schema.ToGroup: "the positions of another group",
	schema.ToLock: "the recorded positions",
}

// canApproach reports whether a service can be reset to times near a form of `to`.
func canApproach(c providers.Capabilities, form schema.Form) bool {
	if !moves(c, providers.Time) || ExactKind(c) != providers.Unknown {
		return false
	}
	switch form {
	case schema.ToOffset, schema.ToOffsets:
		return c.Approximates[providers.Offset]
	case schema.ToShift, schema.ToLock:
		return c.Approximates[providers.Offset] && c.Reads == providers.Exact
	case schema.ToGroup:
		return c.Approximates[providers.Group]
	}
	return false
}

// Approximates reports whether a form of `to` that a service does not accept can be
// reached nearly, with approximate: true.
func Approximates(c providers.Capabilities, form schema.Form) bool {
	return !accepts(c, form) && canApproach(c, form)
}

// moves reports whether a service accepts a kind of position, for single parts or
// for the whole target.
func moves(c providers.Capabilities, k providers.Kind) bool { return c.Moves[k] != providers.NoGrain }

// unenforceable returns which condition of a step the service cannot satisfy because
// it resolves times itself, or the zero Note.
func unenforceable(kind string, c providers.Capabilities, s schema.Step) providers.Note {
	if s.To.Form != schema.ToTimestamp || resolves(c, providers.Time) {
		return providers.Note{}
	}
	previewed := c.Resolves[providers.Time] && c.Moves[providers.Time] == providers.PerPart
	switch {
	case s.To.WhenPastEnd != "end" && !previewed:
		return providers.Note{Fact: fmt.Sprintf("%s resolves timestamps itself, so whenPastEnd: %s cannot be enforced", kind, s.To.WhenPastEnd),
			Remedy: "remove it (partitions without a record at or after the time then go to their end)"}
	case c.Moves[providers.Time] == providers.WholeTarget && s.Target["partitions"] != nil:
		return cmp.Or(c.Notes["partitions"], onlyOneTime(kind))
	}
	return providers.Note{}
}

// Unwatchable returns why a service cannot do the replay that a step requests, and the
// key of the step that requests it, or the zero Note.
func Unwatchable(kind string, c providers.Capabilities, s schema.Step) (why providers.Note, key string) {
	switch u := s.Until; {
	case u.Form == "":
	case c.Reads != providers.Exact || c.Bounds == providers.No:
		return providers.Note{Fact: kind + " does not report the positions of its consumers, so a replay cannot be watched",
			Remedy: "remove until and then, and look at the consumers yourself"}, "until"
	case u.Form == schema.UntilOffset && ExactKind(c) == providers.Cursor:
		return providers.Note{Fact: kind + " has cursors, not offsets", Remedy: "write until: former, or until: {timestamp: …}"}, "until"
	case u.Form == schema.UntilTimestamp && !c.Resolves[providers.Time]:
		return providers.Note{Fact: kind + " does not report the position of a time", Remedy: "write until: former, or until: {offset: N}"}, "until"
	case s.Then.Stops() && c.Needs == providers.Active:
		return providers.Note{Fact: kind + " resets through active consumers, so they must not be stopped", Remedy: "write then: nothing"}, "then"
	case s.Then == schema.ThenReturn && c.Undo != providers.Exact:
		return providers.Note{Fact: kind + " cannot restore former positions exactly", Remedy: "write then: stop or then: nothing"}, "then"
	}
	return providers.Note{}, ""
}
