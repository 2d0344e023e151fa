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

// Unreachable returns why the service does not support a step's `to`, or "".
func Unreachable(kind string, c providers.Capabilities, s schema.Step) string {
	exact := ExactKind(c)
	reads := exact != providers.Unknown && c.Reads == providers.Exact
	var ok bool
	switch s.To.Form {
	case schema.ToEarliest:
		ok = c.Moves[providers.Earliest] != providers.NoGrain || resolves(c, providers.Earliest)
	case schema.ToLatest:
		ok = c.Moves[providers.Latest] != providers.NoGrain || resolves(c, providers.Latest)
	case schema.ToTimestamp:
		ok = c.Moves[providers.Time] != providers.NoGrain || resolves(c, providers.Time)
	case schema.ToOffset, schema.ToOffsets:
		ok = exact == providers.Offset
	case schema.ToCheckpoints:
		ok = exact == providers.Cursor
	case schema.ToUnset:
		ok = c.Moves[providers.Unset] != providers.NoGrain
	case schema.ToDefault:
		ok = c.Moves[providers.Default] != providers.NoGrain
	case schema.ToShift:
		ok = reads && exact == providers.Offset
	case schema.ToCurrent:
		ok = reads
	case schema.ToGroup:
		ok = reads && c.Resolves[providers.Group]
	case schema.ToLock:
		ok = reads && c.Undo == providers.Exact
	}
	native := s.To.Form == schema.ToTimestamp && !resolves(c, providers.Time)
	previewed := c.Resolves[providers.Time] && c.Moves[providers.Time] == providers.PerPart
	switch {
	case ok && native && s.To.WhenPastEnd != "end" && !previewed:
		return fmt.Sprintf("%s resolves timestamps itself, so whenPastEnd: %s cannot be enforced; remove it (partitions without a record at or after the time then go to their end)", kind, s.To.WhenPastEnd)
	case ok && native && c.Moves[providers.Time] == providers.WholeTarget && s.Target["partitions"] != nil:
		return cmp.Or(c.Notes["partitions"], kind+" accepts one time for the whole target: leave partitions out")
	case ok:
		return ""
	}
	if note := c.Notes[string(s.To.Form)]; note != "" {
		return note
	}
	return fmt.Sprintf("%s cannot be reset to %s", kind, s.To.Form)
}
