package check

import (
	"maps"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Row is the capabilities of one service in the matrix.
type Row struct {
	Type        string            `json:"type"`
	Reads       string            `json:"reads"`       // committed positions: no, inferred or exact
	Bounds      string            `json:"bounds"`      // low and high: no, inferred or exact
	Activity    string            `json:"activity"`    // consumers: no, inferred or exact
	Consumers   string            `json:"consumers"`   // the state they must be in during a reset
	Undo        string            `json:"undo"`        // no, inferred or exact
	To          []string          `json:"to"`          // the forms of `to` that can be done
	Approximate []string          `json:"approximate"` // those that can only be approximated, with approximate: true
	Selects     []string          `json:"selects"`     // the keys of a target that accept several names and globs
	Unit        string            `json:"unit"`        // the unit of counts, in the singular: record, log group, message
	Moves       map[string]string `json:"moves"`       // kinds of position that the service accepts, and whether per part
	Credentials []string          `json:"credentials"` // the variables and files that are searched
	Notes       map[string]string `json:"notes"`       // what the service cannot do, and the alternative
}

// Matrix returns the capabilities of the providers, one row each.
func Matrix(all []providers.Provider) []Row {
	var rows []Row
	for _, p := range all {
		c := p.Capabilities()
		r := Row{Type: p.Type(), Reads: c.Reads.String(), Bounds: c.Bounds.String(), Activity: c.Activity.String(), Consumers: "any",
			Undo: c.Undo.String(), To: forms(c, false), Approximate: forms(c, true), Selects: []string{}, Unit: plan.UnitName(c.Unit),
			Moves: map[string]string{}, Credentials: c.Credentials, Notes: map[string]string{}}
		for _, one := range c.Selects {
			r.Selects = append(r.Selects, one.Key)
		}
		if c.Needs != providers.UnknownState {
			r.Consumers = "must be " + c.Needs.String()
		}
		for _, k := range slices.Sorted(maps.Keys(c.Moves)) {
			r.Moves[k.String()] = c.Moves[k].String()
		}
		for word, note := range c.Notes {
			r.Notes[word] = note.String()
		}
		rows = append(rows, r)
	}
	return rows
}

// forms returns the forms of `to` that a service with these capabilities supports,
// exactly or only nearly, in the order of the manual.
func forms(c providers.Capabilities, nearly bool) []string {
	out := []string{}
	for _, f := range []schema.Form{schema.ToEarliest, schema.ToLatest, schema.ToTimestamp, schema.ToOffset, schema.ToOffsets, schema.ToCurrent,
		schema.ToUnset, schema.ToShift, schema.ToCheckpoints, schema.ToGroup, schema.ToLock, schema.ToDefault} {
		exactly := decide.Unreachable("", c, schema.Step{To: schema.To{Form: f, WhenPastEnd: "end"}}).IsZero()
		if nearly && decide.Approximates(c, f) || !nearly && exactly {
			out = append(out, string(f))
		}
	}
	return out
}
