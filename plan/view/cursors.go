package view

import (
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// counted shows cursors as people can compare them: by their distance from the
// begin of the shard. Wide shows them as they are.
func counted(parts []plan.Part, o Options) []plan.Part {
	if o.Wide || len(parts) == 0 || parts[0].Low.Kind() != providers.Cursor {
		return parts
	}
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		p.Before, p.After, p.Lands, p.High = fromLow(p.Low, p.Before), fromLow(p.Low, p.After), fromLow(p.Low, p.Lands), fromLow(p.Low, p.High)
		p.Low = fromLow(p.Low, p.Low)
	}
	return out
}

func countedStatus(parts []reconcile.StatusPart, o Options) []reconcile.StatusPart {
	if o.Wide || len(parts) == 0 || parts[0].Low.Kind() != providers.Cursor {
		return parts
	}
	out := slices.Clone(parts)
	for i := range out {
		p := &out[i]
		p.Before, p.After, p.Seen, p.Now, p.High = fromLow(p.Low, p.Before), fromLow(p.Low, p.After), fromLow(p.Low, p.Seen), fromLow(p.Low, p.Now), fromLow(p.Low, p.High)
		p.Low = fromLow(p.Low, p.Low)
	}
	return out
}

// fromLow returns how far a cursor lies after the low one, and any other
// position as it is.
func fromLow(low, p providers.Position) providers.Position {
	if n, ok := p.Distance(low); ok {
		return providers.AtOffset(n)
	}
	return p
}
