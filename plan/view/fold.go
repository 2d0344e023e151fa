package view

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

// fewParts is up to how many parts are shown one by one as long as they
// differ.
const fewParts = 8

// A fold is a run of neighbouring parts that behave alike.
type fold struct{ parts []plan.Part }

// folds puts neighbours together that behave alike: the same effect and note,
// and, where there are few, the same positions.
func folds(parts []plan.Part, o Options) []fold {
	var out []fold
	for _, p := range parts {
		if n := len(out); n > 0 && !o.Wide && out[n-1].takes(p, len(parts) <= fewParts) {
			out[n-1].parts = append(out[n-1].parts, p)
			continue
		}
		out = append(out, fold{[]plan.Part{p}})
	}
	return out
}

func (f fold) takes(p plan.Part, exactly bool) bool {
	last := f.parts[len(f.parts)-1]
	alike := last.Part.Topic == p.Part.Topic && last.Part.Broker == p.Part.Broker && last.Part.Number+1 == p.Part.Number &&
		last.Effect == p.Effect && last.Note == p.Note && last.Before.Kind() == p.Before.Kind() && last.After.Kind() == p.After.Kind()
	if !alike || !exactly {
		return alike
	}
	return last.Low == p.Low && last.High == p.High && last.Before == p.Before && last.After == p.After
}

func (f fold) name() string {
	first, last := f.parts[0].Part, f.parts[len(f.parts)-1].Part
	if first == (providers.Part{}) {
		return "(the whole)"
	}
	if len(f.parts) == 1 {
		return first.String()
	}
	return fmt.Sprintf("%s-%d", first, last.Number)
}

// span shows a position of every part: one where they are equal, else the
// first and the last in order.
func (f fold) span(of func(plan.Part) providers.Position) string {
	low, high := of(f.parts[0]), of(f.parts[0])
	for _, p := range f.parts[1:] {
		if n, ok := of(p).Distance(low); ok && n < 0 {
			low = of(p)
		}
		if n, ok := of(p).Distance(high); ok && n > 0 {
			high = of(p)
		}
	}
	if low == high {
		return position(low)
	}
	return position(low) + "…" + position(high)
}

// effect tells what the moves do, in words.
func (f fold) effect() string {
	sum, known := int64(0), true
	for _, p := range f.parts {
		if p.Count == nil {
			known = false
			continue
		}
		sum += *p.Count
	}
	first := f.parts[0]
	if first.Effect != plan.EffectReplay && first.Effect != plan.EffectSkip || !known {
		return string(first.Effect)
	}
	upTo := ""
	if first.Bound == plan.BoundUpper {
		upTo = "up to "
	}
	return fmt.Sprintf("%s %s%s", first.Effect, upTo, grouped(sum))
}

// lag shows the lag before and after, summed over the parts.
func (f fold) lag() string {
	return sum(f.parts, func(p plan.Part) *int64 { return p.LagBefore }) + " -> " + sum(f.parts, func(p plan.Part) *int64 { return p.LagAfter })
}

func sum(parts []plan.Part, of func(plan.Part) *int64) string {
	var n int64
	for _, p := range parts {
		v := of(p)
		if v == nil {
			return "?"
		}
		n += *v
	}
	return grouped(n)
}

// position shows an offset as its number, and anything else as it is spelt.
func position(p providers.Position) string {
	if p.IsZero() {
		return "?"
	}
	return strings.TrimPrefix(plain(p.String()), "offset:")
}

// grouped writes a number with commas.
func grouped(n int64) string { return plan.Grouped(n) }
